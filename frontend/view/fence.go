package view

import (
	"fmt"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// wentOn tells whether the same sale went on on another terminal.
func wentOn(op payment.Operation) bool {
	return op.Handover != nil && op.Handover.End == payment.HandoverStarted && op.Handover.Operation != ""
}

// handoverLine says in one sentence what came of the wish to take the card elsewhere.
func handoverLine(op payment.Operation) string {
	h := op.Handover
	switch {
	case h == nil || h.End == payment.HandoverDropped:
		return ""
	case h.Open() && op.State.Final():
		return fmt.Sprintf("It was to be taken on terminal %s. Nothing was started there by itself.", h.Terminal)
	case h.Open():
		return fmt.Sprintf("It goes on on terminal %s as soon as this one says that nothing was charged.", h.Terminal)
	case op.State.Final() && h.End == payment.HandoverParked:
		return fmt.Sprintf("It was to be taken on terminal %s. Nothing was started there before this was known.", h.Terminal)
	case h.End == payment.HandoverStarted:
		return fmt.Sprintf("The same sale went on on terminal %s.", h.Terminal)
	}
	return h.Text
}

// fenceWords word a till that waits for another terminal to let a sale go.
func fenceWords(v Till) Words {
	op, h := v.Op, v.Op.Handover
	nothing := fmt.Sprintf("Nothing was charged on %s.", op.Terminal)
	switch {
	case op.State == payment.Approved:
		return Words{Title: "Paid on " + op.Terminal, What: "The customer was faster than the change of terminal.", Money: v.Money(op.Shown()) + " was charged there, once.",
			Next: "Nothing was started here. Hand over the receipt."}
	case op.State.Final() && h.Open():
		return Words{Title: op.Terminal + " has let go", Money: nothing, Next: "The card is taken here in a moment. If nothing happens, say so again."}
	case op.State.Final() && op.Reason == payment.ReasonSettled:
		return Words{Title: "Not started yet", What: handoverLine(op), Money: "By hand: nothing was charged on " + op.Terminal + ".",
			Next: "Is the customer still here? Then take the card on this terminal now."}
	case op.State.Final():
		return Words{Title: "Not started yet", What: h.Text, Money: nothing, Next: "Is the customer still here? Then take the card on this terminal now."}
	case h.End == payment.HandoverParked || op.Doubt.Parked:
		return Words{Title: op.Terminal + " does not tell", What: "Whether the card was charged there is not known.", Money: "The customer may have been charged.",
			Next: "Do not take the payment again. A manager looks into the report of " + op.Terminal + " and settles it by hand; then it can be taken here."}
	case !h.Open():
		return Words{Title: "Still open on " + op.Terminal, What: h.Text, Money: "The customer may have been charged.", Next: "Wait until it is known there."}
	case op.State == payment.AwaitingAnswer:
		return Words{Title: op.Terminal + " asks for the signature", What: "The card was taken there before it could be stopped.", Money: "The customer may have been charged.",
			Next: "Answer on the till of " + op.Terminal + ": that decides."}
	case op.State == payment.InDoubt:
		return Words{Title: "Waiting for " + op.Terminal, What: op.Terminal + " does not answer at present. It is asked again and again.", Money: "The customer may have been charged there.",
			Next: "Do not take the payment in any other way yet. It begins here by itself once it is known that nothing was charged."}
	}
	return Words{Title: "Waiting for " + op.Terminal, What: op.Terminal + " is asked to stop.", Money: "Nothing is charged here before it has let go.",
		Next: "Ask the customer to take the card out of " + op.Terminal + ". It begins here by itself."}
}

// fenceTone is the tone of that.
func fenceTone(v Till) Tone {
	switch {
	case v.Op.State == payment.Approved, v.Op.State == payment.InDoubt:
		return State(v.Op.State)
	case v.Op.State.Final() && !v.Op.Handover.Open():
		return tones[payment.Cancelled]
	}
	return tones[payment.InProgress]
}

// elsewhereWords say what happens when the card is taken on another terminal; possible
// is false where something else comes first.
func elsewhereWords(v Panel) (w Words, possible bool) {
	op := v.Op
	switch {
	case op.Kind != payment.Sale:
		return Words{What: "Only a sale can be taken on another terminal."}, false
	case op.State == payment.Approved:
		return Words{What: "It is paid already.", Next: "Hand over its receipt, or begin a new sale."}, false
	case wentOn(op):
		return Words{What: handoverLine(op), Next: "Go on there."}, false
	case op.State.Final():
		return Words{What: "Nothing was charged on " + op.Terminal + ".", Next: "The terminal that you choose begins at once."}, true
	case op.Handover.Open():
		return Words{What: "It is being taken to terminal " + op.Handover.Terminal + " already.", Next: "Wait there, or keep it on " + op.Terminal + "."}, false
	case op.Doubt.Parked:
		return Words{What: op.Terminal + " does not tell whether the card was charged there.", Next: "A manager looks into that terminal's own report and settles it by hand first. Then it can be taken elsewhere."}, false
	case op.Provisional != nil || op.State == payment.AwaitingAnswer:
		return Words{What: op.Terminal + " waits for your answer about the signature.", Next: "Answer that first. If it does not match, the sale can be taken elsewhere."}, false
	case op.State == payment.InDoubt:
		return Words{What: op.Terminal + " does not answer at present, and the customer may have been charged there.",
			Next: "It is asked until it tells. Only when it says that nothing was charged does the other terminal begin."}, true
	}
	return Words{What: op.Terminal + " is asked to stop first. Only when it says itself that nothing was charged does the other terminal begin.",
		Next: "If the customer was faster and it is approved on " + op.Terminal + ", it is paid, and nothing else begins."}, true
}

// whyNotThere says why a sale cannot be taken on a terminal; empty: it can.
func whyNotThere(op payment.Operation, t engine.TerminalStatus) string {
	switch {
	case t.Operation != "":
		return "It has a payment of its own."
	case t.Currency != op.Currency:
		return "It takes " + t.Currency + " only."
	}
	return ""
}

// PanelTitle names a panel's page.
func PanelTitle(v Panel) string {
	switch v.Which {
	case "elsewhere":
		return "Another terminal"
	case "settle":
		return "Settle by hand"
	}
	return "Answer an alarm"
}

// fenceHere says in a word what the till's own terminal does meanwhile.
func fenceHere(v Till) string {
	switch {
	case v.Op.State == payment.Approved:
		return "Not needed"
	case v.Op.Handover.Open():
		return "Takes the card next"
	}
	return "Not started"
}
