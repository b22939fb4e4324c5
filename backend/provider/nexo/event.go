package nexo

import (
	"github.com/paydesk-till/paydesk/backend/payment"
)

// eventNotes says in words what an event means for the till (nexo-retailer.md 10.5,
// appendix B). An event that is not in it is kept by its name.
var eventNotes = map[string]string{
	"SaleAdmin":        "The terminal has something to tell",
	"BeginMaintenance": "The terminal updates itself; it takes no payments meanwhile",
	"EndMaintenance":   "The terminal has updated itself; the till signs in before the next payment",
	"Shutdown":         "The terminal shuts down",
	"Initialised":      "The terminal started again; the till signs in before the next payment",
	"OutOfOrder":       "The terminal says that it is out of order",
	"Completed":        "The abort came too late: the terminal had already finished; its answer decides",
	"Abort":            "The terminal gave the payment up while it waited for the till; its answer decides",
	"Reject":           "The terminal refused a message of the till; its answer or a status decides",
	"SecurityAlarm":    "The terminal reports a security alarm: call the acquirer before it is used again",
}

// ofOperation are the events that belong to what is open on the terminal; all
// others belong to the terminal.
var ofOperation = map[string]bool{"Completed": true, "Abort": true, "Reject": true, "CustomerLanguage": true}

// event mirrors or notes an EventNotification; none decides anything.
func (t *Terminal) event(e *eventNotification, to payment.Reporter) {
	at := t.now()
	switch e.Event {
	case "CardInserted":
		to.Prompt(payment.Prompt{Code: payment.PromptCardIn, Waiting: waiting[payment.PromptCardIn], At: at})
		return
	case "CardRemoved":
		to.Prompt(payment.Prompt{Code: payment.PromptCardOut, Waiting: waiting[payment.PromptCardOut], At: at})
		return
	case "Abort":
		t.closeDialog(errGivenUp)
	}
	if e.Output != nil {
		if p, ok := promptOf(*e.Output, at); ok {
			to.Prompt(p)
		}
	}
	text, known := eventNotes[e.Event]
	if !known {
		text = "The terminal reports " + short(or(e.Event, "an event without a name"))
	}
	if e.Maintenance.is(false) {
		text += "; an update waits until the till signs out with maintenance allowed"
	}
	if e.Details != "" {
		text += ": " + e.Details
	}
	t.news(e)
	reason := payment.ReasonNone
	if e.Event == "Reject" {
		reason = payment.ReasonRejected
	}
	if !ofOperation[e.Event] {
		to = t.deps.Session
	}
	t.note(to, reason, text)
}

// sessionNews are the events that change the session (nexo-retailer.md 10.5, 19.1).
var sessionNews = map[string]payment.SessionNews{
	"BeginMaintenance": payment.UpdateBegins,
	"EndMaintenance":   payment.UpdateEnds,
	"Initialised":      payment.SessionLost,
	"Shutdown":         payment.SessionLost,
}

// news hands over what an event says about the session.
func (t *Terminal) news(e *eventNotification) {
	if t.deps.News == nil {
		return
	}
	if e.Maintenance.is(false) {
		t.deps.News(payment.UpdateWaits)
	}
	if news, ok := sessionNews[e.Event]; ok {
		t.deps.News(news)
	}
}
