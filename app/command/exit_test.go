package command

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func op(state payment.State, change func(*payment.Operation)) payment.Operation {
	o := payment.Operation{ID: "id", State: state, Requested: 1250, Currency: "SEK"}
	if state == payment.Approved {
		o.Authorised = 1250
	}
	if change != nil {
		change(&o)
	}
	return o
}

func TestExitStatusOfEveryState(t *testing.T) {
	want := map[payment.State]exit{
		payment.Created: 5, payment.Sending: 5, payment.InProgress: 5, payment.AwaitingAnswer: 5, payment.Aborting: 5, payment.InDoubt: 5,
		payment.Approved: 0, payment.Declined: 2, payment.Cancelled: 3, payment.Failed: 4,
	}
	for _, state := range payment.States {
		status, known := want[state]
		if got := exitOf(op(state, nil)); !known || got != status {
			t.Errorf("%s: %d, want %d", state, got, status)
		}
	}
	if got := exitOf(op("a word that nobody knows", nil)); got != exitDoubt {
		t.Errorf("an unknown state ends with %d", got)
	}
}

func TestExitStatusOfAnotherAmount(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*payment.Operation)
		want   exit
	}{
		"a tip is aside":           {func(o *payment.Operation) { o.Authorised, o.Tip = 1400, 150 }, 0},
		"less":                     {func(o *payment.Operation) { o.Authorised = 1125 }, 6},
		"more":                     {func(o *payment.Operation) { o.Authorised = 1251 }, 6},
		"cash back as asked":       {func(o *payment.Operation) { o.CashbackAsked, o.Cashback, o.Authorised = 10000, 10000, 11250 }, 0},
		"cash back was not given":  {func(o *payment.Operation) { o.CashbackAsked = 10000 }, 6},
		"in another currency":      {func(o *payment.Operation) { o.Alarms = []payment.Alarm{{Code: payment.AlarmAmount}} }, 6},
		"an alarm of another kind": {func(o *payment.Operation) { o.Alarms = []payment.Alarm{{Code: payment.AlarmProof}} }, 0},
		"a tip that was asked for": {func(o *payment.Operation) { o.TipAsked, o.Tip, o.Authorised = 100, 100, 1350 }, 0},
	} {
		if got := exitOf(op(payment.Approved, c.change)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestWorstOfSeveral(t *testing.T) {
	approved, declined, cancelled := op(payment.Approved, nil), op(payment.Declined, nil), op(payment.Cancelled, nil)
	failed, doubt := op(payment.Failed, nil), op(payment.InDoubt, nil)
	other := op(payment.Approved, func(o *payment.Operation) { o.Authorised = 1 })
	for i, c := range []struct {
		ops  []payment.Operation
		want exit
	}{
		{nil, 0}, {[]payment.Operation{approved}, 0},
		{[]payment.Operation{approved, declined}, 2},
		{[]payment.Operation{declined, cancelled, approved}, 3},
		{[]payment.Operation{failed, cancelled, declined}, 4},
		{[]payment.Operation{other, failed, declined}, 6},
		{[]payment.Operation{other, failed, doubt, declined}, 5},
	} {
		if got := worst(c.ops); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
	}
}
