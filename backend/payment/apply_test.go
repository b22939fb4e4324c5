package payment_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

var noon = time.Date(2026, 4, 12, 12, 0, 0, 0, time.UTC)

func event(t interface{ Fatal(...any) }, kind payment.EventKind, data any) payment.Event {
	e, err := payment.NewEvent("op", noon, kind, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func created(t interface{ Fatal(...any) }) payment.Operation {
	var op payment.Operation
	if _, err := op.Apply(event(t, payment.EventCreated, payment.Operation{ID: "op", Kind: payment.Sale, State: payment.Created, Currency: "SEK", Requested: 100})); err != nil {
		t.Fatal(err)
	}
	return op
}

// TestApplyKeepsThePromise plays random events and looks at what must never be.
func TestApplyKeepsThePromise(t *testing.T) {
	outcomes := []payment.Outcome{payment.Success, payment.Refused, payment.Stopped, payment.NotDone}
	rapid.Check(t, func(t *rapid.T) {
		op := created(t)
		approvals := 0
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			before := op
			var e payment.Event
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				e = event(t, payment.EventAttempt, payment.Attempt{Number: 1, Reference: "20260412", Serial: 1})
			case 1:
				e = event(t, payment.EventPrompt, payment.Prompt{Code: payment.PromptApproved, Narrated: rapid.Bool().Draw(t, "narrated")})
			case 2:
				e = event(t, payment.EventQuestion, payment.Question{ID: "q"})
			case 3:
				e = event(t, payment.EventAnswer, payment.Answer{Question: "q", Yes: rapid.Bool().Draw(t, "yes")})
			case 4:
				e = event(t, payment.EventAbort, payment.Note{})
			case 5:
				e = event(t, payment.EventDoubt, payment.Note{Reason: payment.ReasonLinkLost})
			case 6:
				e = event(t, payment.EventWithdrawn, payment.Note{})
			case 7:
				e = event(t, payment.EventSettled, payment.Settlement{Paid: rapid.Bool().Draw(t, "paid")})
			case 8:
				e = event(t, payment.EventSlip, payment.Slip{Copy: payment.MerchantCopy})
			case 9:
				r := payment.Result{Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"), Currency: "SEK"}
				if r.Outcome == payment.Success {
					r.Authorised = 100
				}
				e = event(t, payment.EventResult, r)
			}
			verdict, err := op.Apply(e)
			if err != nil {
				t.Fatal(err)
			}
			var result payment.Result
			var settled payment.Settlement
			_ = json.Unmarshal(e.Data, &result)
			_ = json.Unmarshal(e.Data, &settled)
			if op.State == payment.Approved && before.State != payment.Approved {
				approvals++
				if !(e.Kind == payment.EventResult && result.Outcome == payment.Success || e.Kind == payment.EventSettled && settled.Paid) {
					t.Fatalf("approved by %s", e.Kind)
				}
			}
			if before.State.Final() && op.State != before.State && verdict != payment.Late {
				t.Fatalf("left %s for %s with verdict %s", before.State, op.State, verdict)
			}
			if op.State == payment.Approved && op.Authorised != 100 {
				t.Fatalf("approved with %d", op.Authorised)
			}
			if op.State.Final() && op.State != payment.Approved && op.Authorised != 0 {
				t.Fatalf("%s with %d", op.State, op.Authorised)
			}
			if op.State.Final() && (op.Question != nil || op.EndedAt.IsZero()) {
				t.Fatalf("ended with %+v", op)
			}
		}
		if approvals > 1 {
			t.Fatalf("approved %d times", approvals)
		}
		raw, err := json.Marshal(op)
		if err != nil {
			t.Fatal(err)
		}
		var back payment.Operation
		if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(op, back) {
			t.Fatalf("read back as %+v, %v; was %+v", back, err, op)
		}
	})
}

func TestApplyRefuses(t *testing.T) {
	op := created(t)
	for name, e := range map[string]payment.Event{
		"another operation": {Operation: "other", Kind: payment.EventNote, Data: []byte("{}")},
		"created twice":     event(t, payment.EventCreated, op),
		"not JSON":          {Operation: "op", Kind: payment.EventResult, Data: []byte("{")},
		"unknown kind":      {Operation: "op", Kind: "miracle", Data: []byte("{}")},
		"undecided result":  event(t, payment.EventResult, payment.Result{Outcome: payment.Pending}),
	} {
		before := op
		if _, err := op.Apply(e); err == nil {
			t.Errorf("%s: applied", name)
		}
		if !reflect.DeepEqual(before, op) {
			t.Errorf("%s: changed the operation", name)
		}
	}
}

// An approval after "not paid" is the truth; a "not paid" after an approval is not.
func TestSuccessWins(t *testing.T) {
	for _, first := range []payment.Outcome{payment.Refused, payment.Stopped, payment.NotDone} {
		op := created(t)
		apply := func(kind payment.EventKind, data any) payment.Verdict {
			t.Helper()
			v, err := op.Apply(event(t, kind, data))
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		apply(payment.EventAttempt, payment.Attempt{Number: 1})
		apply(payment.EventResult, payment.Result{Outcome: first})
		if v := apply(payment.EventResult, payment.Result{Outcome: payment.Success, Authorised: 100}); v != payment.Late || op.State != payment.Approved {
			t.Errorf("after %s: %s, %s", first, v, op.State)
		}
		if v := apply(payment.EventResult, payment.Result{Outcome: first}); v != payment.Dispute || op.State != payment.Approved || op.Authorised != 100 {
			t.Errorf("%s after an approval: %s, %s", first, v, op.State)
		}
	}
}

func FuzzApply(f *testing.F) {
	f.Add("result", []byte(`{"outcome":"approved","authorised":100}`))
	f.Add("question", []byte(`{"id":"q"}`))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		op := created(t)
		before := op.State
		verdict, err := op.Apply(payment.Event{Operation: "op", At: noon, Kind: payment.EventKind(kind), Data: data})
		if err == nil && op.State != before && verdict != payment.Move {
			t.Fatalf("%s moved to %s with %s", before, op.State, verdict)
		}
	})
}

// TestEventsKeepTheirSigns: a message is readable in the journal's own text.
func TestEventsKeepTheirSigns(t *testing.T) {
	e, err := payment.NewEvent("op", time.Unix(1, 0), payment.EventMessage, payment.Message{Body: `<a b="1">& ` + "\u2028"})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(e.Data); !strings.Contains(text, `<a b=\"1\">& `) || strings.HasSuffix(text, "\n") {
		t.Errorf("the data is %q", text)
	}
}
