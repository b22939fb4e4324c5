package view

import (
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestTimelineAndShares(t *testing.T) {
	start := time.Date(2026, 11, 21, 14, 0, 0, 0, time.UTC)
	var events []payment.Event
	add := func(after time.Duration, kind payment.EventKind, data any) {
		e, err := payment.NewEvent("x", start.Add(after), kind, data)
		if err != nil {
			t.Fatal(err)
		}
		e.Seq = int64(len(events) + 1)
		events = append(events, e)
	}
	prompt := func(after time.Duration, code payment.PromptCode, waiting payment.Party) {
		add(after, payment.EventPrompt, payment.Prompt{Code: code, Waiting: waiting, At: start.Add(after)})
	}
	prompt(time.Second, payment.PromptPresent, payment.Customer)
	prompt(3*time.Second, payment.PromptPIN, payment.Customer)
	prompt(4*time.Second, payment.PromptPINDigits, payment.Customer)
	prompt(6*time.Second, payment.PromptAuthorise, payment.Bank)
	add(9*time.Second, payment.EventMessage, payment.Message{In: true, Name: "PaymentResponse", Body: "<x/>"})
	add(10*time.Second, "kind_of_next_year", payment.Note{Text: "?"})
	op := payment.Operation{ID: "x", CreatedAt: start, EndedAt: start.Add(10 * time.Second)}
	rows, shares := TimelineOf(op, events, start)
	if len(rows) != 5 { // the PIN is one line
		t.Fatalf("got %d rows: %+v", len(rows), rows)
	}
	if r := rows[3]; r.From != LaneTerminal || r.To != LaneTill || r.Body != "<x/>" {
		t.Errorf("the message's row is %+v", r)
	}
	if r := rows[4]; r.Text != "kind_of_next_year" {
		t.Errorf("an unknown kind is shown as %+v", r)
	}
	want := map[payment.Party]time.Duration{"": time.Second, payment.Customer: 5 * time.Second, payment.Bank: 4 * time.Second}
	if len(shares) != len(want) {
		t.Fatalf("got shares %+v", shares)
	}
	for _, s := range shares {
		if want[s.Party] != s.Took {
			t.Errorf("%q took %s, want %s", s.Party, s.Took, want[s.Party])
		}
	}
}
