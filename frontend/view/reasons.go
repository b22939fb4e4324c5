package view

import (
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Words is what a person is told of an outcome.
type Words struct {
	Title string // the state in words
	First string // what comes before everything else; mostly empty
	What  string // what happened
	Money string // what it means for the money
	Next  string // what to do next
}

// reason words why something happened and what to do. What it means for the money
// never depends on the reason: it follows from the state alone (money).
type reason struct{ What, Next string }

var reasons = map[payment.Reason]reason{
	payment.ReasonNone:               {"", ""},
	payment.ReasonIssuer:             {"Declined by the bank.", "Try another card or another way to pay."},
	payment.ReasonWrongPIN:           {"The PIN was wrong.", "The customer can try again, or use another card."},
	payment.ReasonCard:               {"This card is not accepted here.", "Try another card or another way to pay."},
	payment.ReasonRestriction:        {"The card may not be used for what is sold here.", "Try another card, or take the restricted goods out."},
	payment.ReasonHost:               {"The terminal did not reach the bank.", "Check the terminal's network, then try again."},
	payment.ReasonCustomer:           {"The customer cancelled.", "Start again, or choose another way to pay."},
	payment.ReasonCashier:            {"Stopped from this till.", "Start again, or choose another way to pay."},
	payment.ReasonNetwork:            {"Cancelled by the bank's network.", "Try again in a moment, or use another card."},
	payment.ReasonSignature:          {"The signature was refused.", "Ask for another card or another way to pay."},
	payment.ReasonSignatureWithdrawn: {"The terminal took back its question about the signature before it was answered.", "Take the payment again."},
	payment.ReasonBusy:               {"The terminal is busy with something else.", "Look at the terminal, wait until it is free, then try again."},
	payment.ReasonNotSignedIn:        {"The terminal did not let the till sign in.", "Check the terminal's settings for this till, then try again."},
	payment.ReasonUnreachable:        {"The terminal was not reached.", "Check its power, cable and network, then try again or use another terminal."},
	payment.ReasonUnsupported:        {"This terminal cannot do that.", "Use another terminal or another way."},
	payment.ReasonRejected:           {"The terminal did not accept the request.", "Try again; if it comes back, call support with the text below."},
	payment.ReasonNotFound:           {"The terminal says that it does not know this payment.", "Look into the terminal's own report before the customer leaves."},
	payment.ReasonNoAnswer:           {"The terminal has stopped answering.", "Look at the terminal. Paydesk keeps asking it."},
	payment.ReasonUnreadable:         {"The terminal answered something that cannot be read.", "Look at the terminal. Paydesk keeps asking it."},
	payment.ReasonForeign:            {"The terminal answered about another payment.", "Look at the terminal. Paydesk keeps asking about this one."},
	payment.ReasonUnknownCode:        {"The terminal answered with a code that nobody has described.", "Look at the terminal. Paydesk keeps asking it."},
	payment.ReasonLinkLost:           {"We have lost contact with the terminal.", "Look at the terminal. Paydesk keeps asking it."},
	payment.ReasonRestart:            {"Paydesk was closed during this payment.", "Paydesk asks the terminal how it ended."},
	payment.ReasonSettled:            {"Settled by hand.", "Keep the terminal's report with the day's papers."},
	payment.ReasonOtherAmount:        {"The terminal charged another amount than was asked.", "Compare the amounts with the customer. What is missing is still to be paid, as a new sale; what is too much can be refunded."},
	payment.ReasonNotLast:            {"The terminal voids its latest payment only.", "Use a refund instead."},
	payment.ReasonVoidRefused:        {"The terminal refused the void.", "Use a refund instead."},
	payment.ReasonPendingReversal:    {"The bank had approved it, but the terminal never heard: the terminal undoes it with its next approved sale.", "Take the payment again. The first one is undone by it; Paydesk watches that it is."},
	payment.ReasonReversed:           {"It had been approved, and was then undone: the money goes back.", "Take the payment again."},
	payment.ReasonExpired:            {"The terminal did not get the request in time.", "Look whether the terminal is on and online, then try again."},
	payment.ReasonUnpaid:             {"The customer did not pay in time, so it was closed.", "Start again for another code, or choose another way to pay."},
	payment.ReasonJournal:            {"The till could not record this, so it went no further.", "Free disk space or mend the data folder, then try again."},
}

// alarmed words an approval that nobody should hand a receipt over for yet.
var alarmed = map[string]reason{
	payment.AlarmLateMoney: {"It was charged after it had ended as not paid.", "Find out whether the customer has paid twice. If so, refund this one."},
	payment.AlarmDispute:   {"The terminal says now that it was not charged.", "Look into the terminal's own report before anything is handed over or given back."},
	payment.AlarmSignature: {"The signature was refused, but the terminal did not take the payment back.", "Refund it, or have the customer sign again."},
	payment.AlarmAccount:   {"The money went to another account than the one asked for.", "Have somebody who knows both accounts settle it before the day is closed."},
	payment.AlarmAmount:    reasons[payment.ReasonOtherAmount],
	payment.AlarmProof:     {"The answer's signature does not fit; a query confirmed the payment.", "Have somebody look at the terminal's key before the day is closed."},
	payment.AlarmSurcharge: {"The terminal added a surcharge that is not allowed.", "Have a manager look at it, and give the surcharge back if it was taken."},
	payment.AlarmTwice:     {"Another attempt at the same sale is paid as well.", "Give one of the two back before the customer leaves."},
}

// fitting are the reasons whose advice fits where money moved or may have. An advice
// to pay again must never stand there.
var fitting = map[payment.State][]payment.Reason{
	payment.Approved: {payment.ReasonSettled, payment.ReasonOtherAmount},
	payment.InDoubt: {payment.ReasonNotFound, payment.ReasonNoAnswer, payment.ReasonUnreadable, payment.ReasonForeign,
		payment.ReasonUnknownCode, payment.ReasonLinkLost, payment.ReasonRestart},
}

// Outcome words an operation as it stands: what happened, what it means for the
// money, what to do next. aborted: the cashier had asked to stop it.
func Outcome(b Base, op payment.Operation, aborted bool) Words {
	w := Words{Title: title(op), Money: moneyWords(b, op), Next: nextWords(op)}
	why, known := reasons[op.Reason]
	if !known {
		why = reason{What: "The terminal gave a reason that the till has no words for."}
	}
	w.What = why.What
	unpaid := op.State.Final() && op.State != payment.Approved
	if why.Next != "" && (unpaid || slices.Contains(fitting[op.State], op.Reason)) {
		w.Next = why.Next
	}
	if told, ok := alarmed[lastAlarm(op)]; ok && op.State == payment.Approved {
		w.What, w.Next = told.What, told.Next
		return w
	}
	cash := ""
	if op.State == payment.Approved && op.Kind == payment.Sale && op.Cashback > 0 {
		cash = "Give the customer " + b.Money(op.Money(op.Cashback)) + " in cash."
	}
	switch {
	case op.State == payment.Approved && aborted:
		w.What = "The " + noun(op) + " was faster than the request to stop it."
		w.Next = unwanted(op, cash)
	case op.State == payment.InDoubt && op.Doubt.Signature && !op.Doubt.Parked:
		w.Next = "The terminal may still wait for a word about the signature. Its question comes back here if it does; the slip can be printed again meanwhile."
	case op.State == payment.InDoubt && op.Doubt.Parked:
		w.Next = "The terminal does not tell. A manager looks into the terminal's own report and settles it by hand."
	case op.State == payment.InDoubt && op.Kind == payment.Sale:
		w.Next = "Do not take the payment again. " + w.Next
	default:
		w.First = cash
	}
	return w
}

// Later words an operation for whom reads of it afterwards: what was to be done at
// the till is left out, what still holds stays.
func Later(b Base, op payment.Operation, aborted bool) Words {
	w := Outcome(b, op, aborted)
	switch {
	case !op.State.Final(), op.State == payment.Approved && alarmed[lastAlarm(op)] != (reason{}):
	case op.Reason == payment.ReasonSettled:
		w.First = ""
	case op.Reason == payment.ReasonNotFound:
	default:
		w.First, w.Next = "", ""
	}
	return w
}

// title names the outcome; of what is no sale it names the kind as well, lest an
// approved refund is taken for a payment.
func title(op payment.Operation) string {
	tone, known := tones[op.State]
	switch {
	case op.Reason == payment.ReasonSettled && (op.State == payment.Approved || op.State == payment.Declined):
		return settledTitle(op, "")
	case !known || op.Kind == payment.Sale:
		return ToneOf(op).Word
	case op.State.Final() || op.State == payment.InDoubt:
		return Kind(op.Kind) + " " + strings.ToLower(tone.Word)
	}
	return Kind(op.Kind) + ": " + strings.ToLower(tone.Word)
}

// noun is what an operation is called inside a sentence.
func noun(op payment.Operation) string {
	if op.Kind == payment.Sale {
		return "payment"
	}
	return strings.ToLower(Kind(op.Kind))
}

func lastAlarm(op payment.Operation) string {
	if open := op.OpenAlarms(); len(open) > 0 {
		return open[len(open)-1].Code
	}
	return ""
}

// unwanted is what to do with an approval that came although somebody wanted to stop
// it.
func unwanted(op payment.Operation, cash string) string {
	switch op.Kind {
	case payment.Sale:
		const back = "If the customer does not want it, give the money back now." // a void or a refund, as the terminal can
		if cash != "" {
			return back + " If it stands: " + cash
		}
		return back
	case payment.Refund:
		if !op.Unlinked() {
			return "If it was a mistake, void it now."
		}
	}
	return "If it was a mistake, take the payment again."
}

func moneyWords(b Base, op payment.Operation) string {
	amount := b.Money(op.Shown())
	takes := op.Kind == payment.Sale || op.Kind == payment.Capture
	switch op.State {
	case payment.Approved:
		switch {
		case op.Kind == payment.Sale && op.AuthOnly:
			return amount + " is reserved on the card. It is charged when you capture it."
		case takes:
			return amount + " was charged."
		}
		return amount + " goes back to the customer."
	case payment.Declined, payment.Cancelled, payment.Failed:
		switch {
		case op.Kind == payment.Sale && op.AuthOnly:
			return "Nothing was reserved and nothing was charged."
		case op.Kind == payment.Capture:
			return "Nothing was charged: the money stays reserved."
		case takes:
			return "Nothing was charged."
		}
		return "No money was given back: the earlier payment stands."
	case payment.InDoubt:
		switch {
		case op.Kind == payment.Sale && op.AuthOnly:
			return "The money may be reserved on the card."
		case takes:
			return "The customer may have been charged."
		}
		return "The money may have gone back to the customer."
	}
	if op.Provisional != nil {
		return "The card is charged unless the signature is refused."
	}
	return "Nothing is decided yet."
}

// nextWords is what to do in a state when the reason says nothing.
func nextWords(op payment.Operation) string {
	switch op.State {
	case payment.Approved:
		if reserved(op) {
			return "Hand over the receipt. Capture it when it is to be charged, or void it."
		}
		return "Hand over the receipt."
	case payment.Declined, payment.Cancelled, payment.Failed:
		switch op.Kind {
		case payment.Sale:
			return "Try again, or choose another way to pay."
		case payment.Capture:
			return "Try again on the sale that reserved it, before the reservation ends."
		}
		return "Try again, or give the money back in another way."
	case payment.InDoubt:
		return "Paydesk keeps asking the terminal."
	}
	return "Follow the terminal."
}

// AbortWords says whether a payment can be stopped now, and what that does (F-35).
func AbortWords(v Till) (effect string, possible bool) {
	switch {
	case !v.Terminal.CanAbort:
		return "This terminal takes no request to stop. The customer can cancel on it.", false
	case v.Op.State == payment.Aborting:
		return "Asked to stop. The " + noun(v.Op) + "'s own answer decides: it may still be approved.", false
	case v.Op.State == payment.AwaitingAnswer:
		return "Not during the signature question: answer it first.", false
	case v.Op.Prompt.Code == payment.PromptAuthorise || v.Op.Prompt.Code == payment.PromptApproved:
		return "Too late to stop: the bank is answering.", false
	case v.Op.State == payment.Created:
		return "Nothing was sent yet: this stops it at once.", true
	case v.Op.Kind == payment.Sale && v.Terminal.Limits.AbortEffect != "":
		return v.Terminal.Limits.AbortEffect, true // a provider words it for sales
	}
	return "Asks the terminal to stop. If the bank was faster, the " + noun(v.Op) + " stands: the terminal's own answer decides.", true
}
