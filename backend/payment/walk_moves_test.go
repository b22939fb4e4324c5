package payment_test

import (
	"fmt"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// move is one thing that can happen to an operation: an event, the trigger that it
// pulls, if any, and what it proves.
type move struct {
	name    string
	event   payment.Event
	on      payment.Trigger // empty: it leaves the state alone
	pays    int64           // a word that it is paid, with the amount
	denies  bool            // a terminal's word that it is not paid
	outcome bool            // a result
	adjusts int64           // an amount that an approval has come to
}

// moves are all kinds of event with every class of content.
func moves(t *testing.T) []move {
	list := []move{
		{name: "attempt", event: event(t, payment.EventAttempt, payment.Attempt{Number: 1, Reference: "20260412", Serial: 1}), on: payment.OnSend},
		{name: "prompt", event: event(t, payment.EventPrompt, payment.Prompt{Code: payment.PromptPresent}), on: payment.OnProgress},
		{name: "narrated", event: event(t, payment.EventPrompt, payment.Prompt{Code: payment.PromptAsking, Narrated: true})},
		{name: "question", event: event(t, payment.EventQuestion, payment.Question{ID: "q"}), on: payment.OnAsk},
		{name: "question to refuse", event: event(t, payment.EventQuestion, payment.Question{ID: "r", RefuseOnly: true}), on: payment.OnAsk},
		{name: "answer yes", event: event(t, payment.EventAnswer, payment.Answer{Question: "q", Yes: true}), on: payment.OnAnswer},
		{name: "answer no", event: event(t, payment.EventAnswer, payment.Answer{Question: "q"}), on: payment.OnAnswer},
		{name: "withdrawn", event: event(t, payment.EventWithdrawn, payment.Note{}), on: payment.OnWithdraw},
		{name: "abort", event: event(t, payment.EventAbort, payment.Note{}), on: payment.OnAbort},
		{name: "doubt", event: event(t, payment.EventDoubt, payment.Note{Reason: payment.ReasonLinkLost}), on: payment.OnDoubt},
		{name: "asked", event: event(t, payment.EventAsked, payment.Note{Text: "no answer"})},
		{name: "parked", event: event(t, payment.EventParked, payment.Note{})},
		{name: "provisional", event: event(t, payment.EventProvisional, payment.Result{Outcome: payment.Success, Authorised: 90, Signature: true})},
		{name: "settled paid", event: event(t, payment.EventSettled, payment.Settlement{Paid: true}), on: payment.OnSettledPaid, pays: 100},
		{name: "settled not paid", event: event(t, payment.EventSettled, payment.Settlement{}), on: payment.OnSettledNotPaid},
		{name: "slip", event: event(t, payment.EventSlip, payment.Slip{Copy: payment.MerchantCopy})},
		{name: "printed", event: event(t, payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy})},
		{name: "message", event: event(t, payment.EventMessage, payment.Message{Name: "PaymentRequest"})},
		{name: "note", event: event(t, payment.EventNote, payment.Note{Text: "n"})},
	}
	for _, code := range []string{payment.AlarmLateMoney, payment.AlarmDispute, payment.AlarmAmount, payment.AlarmSignature, payment.AlarmAccount} {
		list = append(list, move{name: "alarm " + code, event: event(t, payment.EventAlarm, payment.Alarm{Code: code})})
	}
	for _, amount := range []int64{100, 90} {
		list = append(list, move{name: fmt.Sprint("approved ", amount), event: event(t, payment.EventResult, payment.Result{Outcome: payment.Success, Authorised: amount}),
			on: payment.OnApproved, pays: amount, outcome: true})
	}
	list = append(list, move{name: "approved, the tip open", event: event(t, payment.EventResult, payment.Result{Outcome: payment.Success, Authorised: 100, TipOpen: true}),
		on: payment.OnApproved, pays: 100, outcome: true})
	for _, open := range []bool{true, false} {
		list = append(list, move{name: fmt.Sprint("adjusted, the tip open ", open), event: event(t, payment.EventAdjusted, payment.Result{Outcome: payment.Success, Currency: "SEK", Authorised: 115, Tip: 15, TipOpen: open}),
			on: payment.OnAdjusted, adjusts: 115})
	}
	list = append(list, move{name: "adjusted in another currency", event: event(t, payment.EventAdjusted, payment.Result{Outcome: payment.Success, Currency: "EUR", Authorised: 11, TipOpen: true}),
		on: payment.OnAdjusted})
	for _, outcome := range []payment.Outcome{payment.Refused, payment.Stopped, payment.NotDone} {
		on, _ := outcome.Trigger()
		for _, reason := range []payment.Reason{payment.ReasonNone, payment.ReasonSignature, payment.ReasonPendingReversal} {
			list = append(list, move{name: fmt.Sprint(outcome, " ", reason), event: event(t, payment.EventResult, payment.Result{Outcome: outcome, Reason: reason}),
				on: on, denies: true, outcome: true})
		}
	}
	return list
}

// impossible are events that no operation takes.
func impossible(t *testing.T) []payment.Event {
	foreign := event(t, payment.EventResult, payment.Result{Outcome: payment.Success, Authorised: 100})
	foreign.Operation = "other"
	list := []payment.Event{foreign, event(t, payment.EventCreated, payment.Operation{ID: "op", State: payment.Created}),
		{Operation: "op", Kind: "miracle", Data: []byte("{}")}}
	for _, undecided := range []payment.Outcome{payment.Unknown, payment.Pending, payment.NotFound, "surprise"} {
		list = append(list, event(t, payment.EventResult, payment.Result{Outcome: undecided}))
	}
	list = append(list, event(t, payment.EventAdjusted, payment.Result{Outcome: payment.Success, Currency: "SEK", TipOpen: true}))
	for _, m := range moves(t) {
		if m.event.Kind != payment.EventMessage && m.event.Kind != payment.EventNote { // those are evidence only, and not read
			list = append(list, payment.Event{Operation: "op", Kind: m.event.Kind, Data: []byte(`{"text":`)})
		}
	}
	return list
}
