package report_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

var noon = time.Date(2026, 4, 12, 12, 0, 0, 0, time.UTC)

// tape is a payment's events, each at its seconds after noon.
type tape struct {
	testing.TB
	events []payment.Event
}

func (p *tape) add(seconds float64, kind payment.EventKind, data any) *tape {
	p.Helper()
	e, err := payment.NewEvent("op", after(seconds), kind, data)
	if err != nil {
		p.Fatal(err)
	}
	e.Seq = int64(len(p.events) + 1)
	p.events = append(p.events, e)
	return p
}

func after(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func (p *tape) begin() *tape {
	return p.add(0, payment.EventCreated, payment.Operation{ID: "op", Number: 7, Kind: payment.Sale, State: payment.Created, Terminal: "front",
		Currency: "SEK", Requested: 1250, Operator: "Anna", CreatedAt: noon}).
		add(0.1, payment.EventAttempt, payment.Attempt{Number: 1, Reference: "2026041200012", Serial: 3, At: after(0.1)})
}

func (p *tape) prompt(at float64, code payment.PromptCode, waiting payment.Party) *tape {
	return p.add(at, payment.EventPrompt, payment.Prompt{Code: code, Waiting: waiting, At: after(at)})
}

func (p *tape) asks(at float64) *tape {
	return p.add(at, payment.EventMessage, payment.Message{Name: "PaymentRequest", At: after(at)})
}

func (p *tape) answers(at, took float64) *tape {
	return p.add(at, payment.EventMessage, payment.Message{In: true, Name: "PaymentResponse", At: after(at), Took: seconds(took), Status: 200})
}

func (p *tape) lost(at, took float64) *tape {
	return p.add(at, payment.EventMessage, payment.Message{In: true, Name: "PaymentResponse", At: after(at), Took: seconds(took), Fault: "the connection was reset"})
}

func (p *tape) doubt(at float64, why payment.Reason) *tape {
	return p.add(at, payment.EventDoubt, payment.Note{Reason: why, Text: "?"})
}

func (p *tape) result(at float64) *tape {
	return p.add(at, payment.EventResult, payment.Result{Outcome: payment.Success, Authorised: 1250, Currency: "SEK"})
}

func TestTimeSpent(t *testing.T) {
	type want map[report.Owner]float64
	for _, c := range []struct {
		name string
		tape func(*tape)
		end  float64
		want want
	}{
		{"a chip payment", func(p *tape) {
			p.begin().asks(0.2).prompt(0.5, payment.PromptPresent, payment.Customer).prompt(3, payment.PromptPIN, payment.Customer).
				prompt(6, payment.PromptAuthorise, payment.Bank).prompt(8, payment.PromptRemove, payment.Customer).answers(9, 8.8).result(9.5)
		}, 9.5, want{report.OfTheTill: 0.7, report.Unattributed: 0.3, report.OfCustomer: 6.5, report.OfIssuer: 2}},
		{"nothing was told", func(p *tape) { p.begin().asks(0.2).answers(4, 3.8).result(4.1) }, 4.1,
			want{report.OfTheTill: 0.3, report.Unattributed: 3.8}},
		{"stopped before anything left", func(p *tape) { p.begin().add(2, payment.EventAbort, payment.Note{}) }, 2,
			want{report.OfTheTill: 2}},
		{"a question is the cashier's, whatever is shown meanwhile", func(p *tape) {
			p.begin().asks(1).prompt(2, payment.PromptSign, payment.Customer).add(4, payment.EventQuestion, payment.Question{ID: "1"}).
				prompt(5, payment.PromptWait, payment.Device).add(10, payment.EventAnswer, payment.Answer{Yes: true}).answers(11, 10).result(12)
		}, 12, want{report.OfTheTill: 2, report.Unattributed: 1, report.OfCustomer: 2, report.OfTheCashier: 6, report.OfTerminal: 1}},
		{"not reached", func(p *tape) {
			p.begin().asks(0.5).lost(3.5, 3).add(3.6, payment.EventResult, payment.Result{Outcome: payment.NotDone})
		}, 3.6, want{report.OfTheTill: 0.5, report.OfNetwork: 3.1}},
		{"the link broke while the customer was asked", func(p *tape) {
			p.begin().asks(1).prompt(2, payment.PromptPresent, payment.Customer).lost(5, 4).doubt(5, payment.ReasonLinkLost).
				asks(7).lost(8, 1).asks(10).answers(11, 1).result(11.5)
		}, 11.5, want{report.OfTheTill: 1.5, report.Unattributed: 1, report.OfCustomer: 3, report.OfNetwork: 6}},
		{"a bad answer is not the network's", func(p *tape) {
			p.begin().asks(1).add(2, payment.EventMessage, payment.Message{In: true, Status: 500, Fault: "HTTP 500", Took: seconds(1), At: after(2)}).
				doubt(2, payment.ReasonUnreadable).asks(3).answers(4, 1).result(4)
		}, 4, want{report.OfTheTill: 1, report.Unattributed: 3}},
		{"the result is delivered from outside", func(p *tape) {
			p.begin().asks(1).answers(1.5, 0.5).add(1.5, payment.EventPrompt, payment.Prompt{Code: payment.PromptPresent, Waiting: payment.Customer, Narrated: true, At: after(1.5)}).
				add(5, payment.EventMessage, payment.Message{In: true, Name: "ResultPost", Fault: "no JSON", From: "192.0.2.7:1", At: after(5)}).
				add(8, payment.EventMessage, payment.Message{In: true, Name: "ResultPost", From: "192.0.2.7:2", At: after(8)}).result(8.5)
		}, 8.5, want{report.OfTheTill: 1.5, report.Unattributed: 0.5, report.OfCustomer: 6.5}},
		{"silence, then heard again", func(p *tape) {
			p.begin().asks(1).prompt(2, payment.PromptAuthorise, payment.Bank).doubt(60, payment.ReasonNoAnswer).
				add(70, payment.EventMessage, payment.Message{In: true, Name: "DisplayRequest", At: after(70)}).answers(75, 74).result(75)
		}, 75, want{report.OfTheTill: 1, report.Unattributed: 1, report.OfIssuer: 58, report.OfNetwork: 10, report.OfTerminal: 5}},
		{"of a killed till nothing is known", func(p *tape) {
			p.begin().asks(1).prompt(2, payment.PromptPresent, payment.Customer).doubt(100, payment.ReasonRestart).asks(101).answers(102, 1).result(102)
		}, 102, want{report.OfTheTill: 1, report.Unattributed: 101}},
		{"a manager is waited for", func(p *tape) {
			p.begin().asks(1).doubt(2, payment.ReasonNoAnswer).add(300, payment.EventParked, payment.Note{}).
				add(500, payment.EventSettled, payment.Settlement{Paid: true, Operator: "Bo", Why: "report"})
		}, 500, want{report.OfTheTill: 1, report.Unattributed: 1, report.OfNetwork: 298, report.OfTheCashier: 200}},
		{"busy, and what the till narrates of itself", func(p *tape) {
			p.begin().add(0.5, payment.EventPrompt, payment.Prompt{Code: payment.PromptConnecting, Waiting: payment.Device, Narrated: true}).asks(1).answers(2, 1).
				add(2, payment.EventPrompt, payment.Prompt{Code: payment.PromptBusy, Waiting: payment.Device, Narrated: true}).asks(5).
				prompt(6, payment.PromptPresent, payment.Customer).answers(8, 3).result(8)
		}, 8, want{report.OfTheTill: 1, report.Unattributed: 1, report.OfTerminal: 4, report.OfCustomer: 2}},
		{"a prompt that names nobody", func(p *tape) {
			p.begin().asks(1).prompt(2, payment.PromptText, "").answers(5, 4).result(5)
		}, 5, want{report.OfTheTill: 1, report.Unattributed: 4}},
		{"what comes after the end counts nothing", func(p *tape) {
			p.begin().asks(1).answers(2, 1).result(2).prompt(9, payment.PromptWelcome, payment.Customer)
		}, 2, want{report.OfTheTill: 1, report.Unattributed: 1}},
		{"what cannot be read divides nothing", func(p *tape) {
			p.begin()
			p.events = append(p.events, payment.Event{Operation: "op", At: after(1), Kind: payment.EventPrompt, Data: []byte("{")})
		}, 2, want{report.OfTheTill: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &tape{TB: t}
			c.tape(p)
			got := report.TimeSpent(payment.Operation{ID: "op", CreatedAt: noon, EndedAt: after(c.end)}, p.events, noon)
			if got.Total != seconds(c.end) || len(got.Shares) != len(c.want) {
				t.Errorf("got %+v", got)
			}
			for _, s := range got.Shares {
				if d := s.Took - seconds(c.want[s.Owner]); d.Abs() > time.Microsecond {
					t.Errorf("%s: %s, want %s", s.Owner, s.Took, seconds(c.want[s.Owner]))
				}
			}
		})
	}
}

func TestTimeSpentOfNothing(t *testing.T) {
	for name, op := range map[string]payment.Operation{
		"no beginning": {EndedAt: noon}, "a clock set back": {CreatedAt: noon, EndedAt: noon.Add(-time.Hour)},
	} {
		if got := report.TimeSpent(op, nil, noon); got.Total != 0 || got.Shares != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := report.TimeSpent(payment.Operation{CreatedAt: noon}, nil, after(3)); len(got.Shares) != 1 || got.Shares[0].Took != seconds(3) {
		t.Errorf("one that has not ended: %+v", got)
	}
}

// TestSharesAddUp whatever happened, in whatever order and by whatever clock.
func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := &tape{TB: t}
		for range rapid.IntRange(0, 30).Draw(r, "events") {
			at := rapid.Float64Range(-50, 150).Draw(r, "at")
			switch rapid.IntRange(0, 8).Draw(r, "kind") {
			case 0:
				p.asks(at)
			case 1:
				p.answers(at, 1)
			case 2:
				p.lost(at, 1)
			case 3:
				p.doubt(at, rapid.SampledFrom([]payment.Reason{payment.ReasonRestart, payment.ReasonNoAnswer, payment.ReasonForeign}).Draw(r, "why"))
			case 4:
				p.add(at, payment.EventQuestion, payment.Question{})
			case 5:
				p.add(at, payment.EventAnswer, payment.Answer{})
			case 6:
				p.add(at, payment.EventParked, payment.Note{})
			case 7:
				p.result(at)
			default:
				p.prompt(at, payment.PromptText, rapid.SampledFrom([]payment.Party{"", payment.Customer, payment.Bank, payment.Device}).Draw(r, "party"))
			}
		}
		got := report.TimeSpent(payment.Operation{CreatedAt: noon, EndedAt: after(100)}, p.events, noon)
		var sum time.Duration
		for _, s := range got.Shares {
			if s.Took <= 0 {
				t.Fatalf("%s has %s", s.Owner, s.Took)
			}
			sum += s.Took
		}
		if sum != got.Total || sum != seconds(100) {
			t.Fatalf("the shares add up to %s: %+v", sum, got)
		}
	})
}
