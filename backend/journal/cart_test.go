package journal_test

import (
	"slices"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestCartAndAlarms: the attempts at one cart are found, and what nobody has answered
// for yet, also after the file of an earlier version was brought up to date.
func TestCartAndAlarms(t *testing.T) {
	j, path := till(t)
	for _, id := range []string{"op-1", "op-2", "op-3"} {
		op := operation(id)
		if id != "op-2" {
			op.Cart = "cart-1"
		}
		create(t, j, op)
	}
	alarm := event(t, "op-2", payment.EventAlarm, payment.Alarm{Code: payment.AlarmDispute})
	add(t, j, "op-2", alarm)
	add(t, j, "op-3", event(t, "op-3", payment.EventAlarm, payment.Alarm{Code: payment.AlarmAmount}))
	add(t, j, "op-3", event(t, "op-3", payment.EventLooked, payment.AlarmAnswer{Operator: "Ada", Why: "told the customer", Alarms: 1}))
	find := func(q payment.Query, want ...int64) {
		t.Helper()
		list, err := j.Operations(t.Context(), q)
		if got := numbers(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("found %v, %v; want %v", got, err, want)
		}
	}
	find(payment.Query{Cart: "cart-1"}, 3, 1)
	find(payment.Query{Alarmed: true}, 2)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, path, "DROP INDEX operation_alarmed", "DROP INDEX operation_cart", "ALTER TABLE operation DROP COLUMN alarmed",
		"ALTER TABLE operation DROP COLUMN cart", "DROP TABLE installation", "DELETE FROM migration WHERE version_id >= 3")
	j = open(t, path)
	find(payment.Query{Alarmed: true}, 3, 2) // the earlier version knew no answers
	add(t, j, "op-2", event(t, "op-2", payment.EventLooked, payment.AlarmAnswer{Operator: "Ada", Why: "refunded", Alarms: 1}))
	add(t, j, "op-3", alarmOf(t, "op-3"))
	find(payment.Query{Alarmed: true}, 3)
	add(t, j, "op-3", event(t, "op-3", payment.EventLooked, payment.AlarmAnswer{Operator: "Ada", Why: "seen", Alarms: 9}))
	find(payment.Query{Alarmed: true})
	add(t, j, "op-3", alarmOf(t, "op-3"))
	find(payment.Query{Alarmed: true}, 3)
}

func alarmOf(t *testing.T, id string) payment.Event {
	t.Helper()
	return event(t, id, payment.EventAlarm, payment.Alarm{Code: payment.AlarmTwice})
}
