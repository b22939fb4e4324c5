package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

// TestTimelineTellsTheStateAfterEach event, as the till had it.
func TestTimelineTellsTheStateAfterEach(t *testing.T) {
	p := (&tape{TB: t}).begin().asks(0.2).prompt(0.5, payment.PromptPresent, payment.Customer).
		doubt(60, payment.ReasonLinkLost).result(70).add(71, payment.EventAlarm, payment.Alarm{Code: "late-money", Text: "look"}).
		add(80, payment.EventResult, payment.Result{Outcome: payment.Refused})
	want := []struct {
		state   payment.State
		changed bool
	}{
		{payment.Created, true}, {payment.Sending, true}, {payment.Sending, false}, {payment.InProgress, true},
		{payment.InDoubt, true}, {payment.Approved, true}, {payment.Approved, false}, {payment.Approved, false},
	}
	steps := report.Timeline(p.events)
	if len(steps) != len(want) {
		t.Fatalf("%d steps of %d events", len(steps), len(want))
	}
	for i, s := range steps {
		if s.State != want[i].state || s.Changed != want[i].changed || s.Seq != int64(i+1) {
			t.Errorf("step %d (%s): %s, changed %v", i, s.Text, s.State, s.Changed)
		}
	}
	if steps[7].Verdict != payment.Dispute {
		t.Errorf("a contradiction is taken as %s", steps[7].Verdict)
	}
}

// TestEveryKindIsWorded, and what cannot be read is shown as it is.
func TestEveryKindIsWorded(t *testing.T) {
	for _, c := range []struct {
		kind         payment.EventKind
		data         any
		text, detail string
		from, to     report.Place
	}{
		{payment.EventCreated, payment.Operation{Kind: payment.Sale, Number: 3, Currency: "SEK", Requested: 1250, Terminal: "one", Why: "torn"}, "sale 3 of 12.50 SEK", "terminal one, reason torn", report.Till, ""},
		{payment.EventAttempt, payment.Attempt{Number: 2, Reference: "42", Serial: 9}, "Attempt 2 recorded", "our reference 42, message id 9", report.Till, ""},
		{payment.EventPrompt, payment.Prompt{Code: payment.PromptPresent, Text: "SÄTT IN KORT", Waiting: payment.Customer}, "asks for the card", "“SÄTT IN KORT”, waiting for customer", report.Terminal, ""},
		{payment.EventPrompt, payment.Prompt{Code: payment.PromptPIN, Text: "PIN ****", Waiting: payment.Customer}, "PIN entry", "waiting for customer", report.Terminal, ""},
		{payment.EventPrompt, payment.Prompt{Code: payment.PromptAuthorise, Waiting: payment.Bank}, "asks the bank", "waiting for bank and issuer", report.Terminal, report.Bank},
		{payment.EventPrompt, payment.Prompt{Code: "of_next_year", Narrated: true}, "of next year", "as far as Paydesk knows", report.Till, ""},
		{payment.EventMessage, payment.Message{In: true, Name: "PaymentResponse", ID: "7", Status: 200, Took: 1500e6}, "PaymentResponse", "id 7, HTTP 200, took 1.5 s", report.Terminal, report.Till},
		{payment.EventMessage, payment.Message{Name: "PaymentRequest", Fault: "no route"}, "PaymentRequest", "no route", report.Till, report.Terminal},
		{payment.EventMessage, payment.Message{In: true, Name: "PaymentResponse", Took: 100, Fault: "reset"}, "No PaymentResponse", "took under 1 ms, reset", report.Terminal, report.Till},
		{payment.EventMessage, payment.Message{In: true, Name: "PaymentCallback", From: "192.0.2.7:51123"}, "PaymentCallback", "delivered by 192.0.2.7:51123", report.Terminal, report.Till},
		{payment.EventMessage, payment.Message{In: true, Name: "PaymentCallback", From: "192.0.2.7:51123", Body: "{", Fault: "no JSON"}, "PaymentCallback", "delivered by 192.0.2.7:51123, no JSON", report.Terminal, report.Till},
		{payment.EventCreated, payment.Operation{Kind: payment.Sale, Number: 4, Currency: "MXN", Requested: 1250, Terminal: "caja", Account: "700101", AuthOnly: true}, "sale, to reserve the money only, 4 of 12.50 MXN", "terminal caja, account 700101", report.Till, ""},
		{payment.EventCreated, payment.Operation{Kind: payment.Capture, Number: 5, Currency: "USD", Requested: 800, Terminal: "bar"}, "capture 5 of 8.00 USD", "terminal bar", report.Till, ""},
		{payment.EventLooked, payment.AlarmAnswer{Operator: "Fay", Why: "refunded in cash", Operation: "0199"}, "The alarm is answered", "refunded in cash, money given back by operation 0199", report.Till, ""},
		{payment.EventHandover, payment.Handover{Terminal: "bar", Operator: "Gus"}, "take the card on terminal bar", "this one is fenced first: its own answer is awaited", report.Till, ""},
		{payment.EventHandedOver, payment.HandedOver{End: payment.HandoverStarted, Operation: "0200"}, "goes on on the other terminal", "operation 0200", report.Till, ""},
		{payment.EventHandedOver, payment.HandedOver{End: payment.HandoverPaid, Text: "till-1 was faster"}, "paid on this terminal after all", "till-1 was faster", report.Till, ""},
		{payment.EventHandedOver, payment.HandedOver{End: "of_next_year"}, "The handover ended: of next year", "", report.Till, ""},
		{payment.EventSlip, payment.Slip{Copy: payment.MerchantCopy, Receipt: "42"}, "merchant copy", "receipt 42", report.Terminal, report.Till},
		{payment.EventQuestion, payment.Question{Text: "OK?"}, "does the signature match", "OK?", report.Terminal, report.Till},
		{payment.EventAnswer, payment.Answer{Yes: true}, "signature matches", "", report.Till, report.Terminal},
		{payment.EventAnswer, payment.Answer{}, "does not match", "", report.Till, report.Terminal},
		{payment.EventWithdrawn, payment.Note{}, "took its question back", "", report.Terminal, report.Till},
		{payment.EventAbort, payment.Note{}, "asks to stop", "", report.Till, ""},
		{payment.EventAdjusted, payment.Result{Outcome: payment.Success, Currency: "USD", Authorised: 1150, Tip: 150}, "The amount after the approval: 11.50", "", report.Terminal, report.Till},
		{payment.EventProvisional, payment.Result{Outcome: payment.Success}, "if the signature matches", "", report.Terminal, report.Till},
		{payment.EventResult, payment.Result{Outcome: payment.Success, References: payment.References{Terminal: "T1", AuthCode: "A1"}}, "Approved", "terminal's reference T1, authorisation A1", report.Terminal, report.Till},
		{payment.EventResult, payment.Result{Outcome: payment.Refused, Reason: payment.ReasonWrongPIN, ReasonText: "code 55"}, "Declined", "wrong pin, code 55", report.Terminal, report.Till},
		{payment.EventResult, payment.Result{Outcome: payment.Stopped}, "Cancelled", "", report.Terminal, report.Till},
		{payment.EventResult, payment.Result{Outcome: payment.NotDone}, "not carried out", "", report.Terminal, report.Till},
		{payment.EventResult, payment.Result{}, "decides nothing", "", report.Terminal, report.Till},
		{payment.EventDoubt, payment.Note{Reason: payment.ReasonLinkLost, Text: "gone"}, "In doubt", "link lost, gone", report.Till, ""},
		{payment.EventAsked, payment.Note{Text: "none"}, "Asked how it ended", "none", report.Till, report.Terminal},
		{payment.EventParked, payment.Note{}, "Left to a manager", "", report.Till, ""},
		{payment.EventSettled, payment.Settlement{Paid: true, Why: "report", Code: "12"}, "Settled by hand as paid", "report, code 12", report.Till, ""},
		{payment.EventAlarm, payment.Alarm{Code: "late-money", Text: "look"}, "Alarm: late money", "look", report.Till, ""},
		{payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy, Where: "page", Number: 2}, "customer copy, reprint 2", "by way of page", report.Till, ""},
		{payment.EventNote, payment.Note{Text: "x"}, "Note", "x", report.Till, ""},
		{"kind_of_next_year", payment.Note{Text: "x"}, "kind_of_next_year", "x", report.Till, ""},
	} {
		p := (&tape{TB: t}).add(0, c.kind, c.data)
		s := report.Timeline(p.events)[0]
		if !strings.Contains(s.Text, c.text) || s.Detail != c.detail || s.From != c.from || s.To != c.to {
			t.Errorf("%s: %+v", c.kind, s)
		}
	}
	broken := report.Timeline([]payment.Event{{Kind: payment.EventResult, Data: []byte("{")}})
	if broken[0].Text != "result" || broken[0].Detail != "{" || broken[0].State != "" {
		t.Errorf("unreadable: %+v", broken)
	}
}

// TestWhoDidWhat: names stand with the step that they belong to.
func TestWhoDidWhat(t *testing.T) {
	p := (&tape{TB: t}).begin().add(1, payment.EventAbort, payment.Note{Operator: "Bo"}).
		add(2, payment.EventPrinted, payment.Print{Operator: "Cy"}).add(3, payment.EventSettled, payment.Settlement{Operator: "Di"}).
		add(4, payment.EventAnswer, payment.Answer{Operator: "Eva"}).add(5, payment.EventLooked, payment.AlarmAnswer{Operator: "Fay"}).
		add(6, payment.EventHandover, payment.Handover{Operator: "Gus"}).add(7, payment.EventHandedOver, payment.HandedOver{Operator: "Hal"})
	var names []string
	for _, s := range report.Timeline(p.events) {
		if s.Person != "" {
			names = append(names, s.Person)
		}
	}
	if got := strings.Join(names, " "); got != "Anna Bo Cy Di Eva Fay Gus Hal" {
		t.Errorf("the people are %q", got)
	}
}

// FuzzTimeline: whatever an event holds, it is told, and the time adds up.
func FuzzTimeline(f *testing.F) {
	for _, kind := range []payment.EventKind{payment.EventCreated, payment.EventMessage, payment.EventPrompt, payment.EventDoubt, payment.EventResult, "next_year"} {
		f.Add(string(kind), []byte(`{"id":"op","state":"created","at":"2026-04-12T12:00:01Z","took":5,"waiting":"x","reason":"till_restarted","outcome":"approved"}`), int64(3))
		f.Add(string(kind), []byte(`{`), int64(-1))
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte, at int64) {
		events := []payment.Event{
			{Seq: 1, Operation: "op", At: noon, Kind: payment.EventCreated, Data: []byte(`{"id":"op","state":"created"}`)},
			{Seq: 2, Operation: "op", At: noon.Add(time.Duration(at)), Kind: payment.EventKind(kind), Data: data},
		}
		if steps := report.Timeline(events); len(steps) != 2 || steps[1].Text == "" && kind != "" && kind != string(payment.EventMessage) {
			t.Errorf("told as %+v", steps)
		}
		spent := report.TimeSpent(payment.Operation{CreatedAt: noon, EndedAt: after(10)}, events, noon)
		var sum time.Duration
		for _, s := range spent.Shares {
			sum += s.Took
		}
		if sum != spent.Total {
			t.Errorf("%s of %s", sum, spent.Total)
		}
	})
}
