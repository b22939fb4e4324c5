package engine

import (
	"fmt"
	"slices"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// adjust commits that the provider tells another amount for what is approved. It knows
// what the card pays, so its word is taken, as an event of its own: the slips, what can
// be given back, and the totals go by it from then on. A tip is welcome; an alarm is
// raised where the difference is none, since the customer may have been charged what
// nobody has asked for (design 10.8).
func (t *talk) adjust(op payment.Operation, r payment.Result) {
	list := []fact{{payment.EventAdjusted, r}}
	if text := noTip(op, r); text != "" {
		if slices.ContainsFunc(op.Alarms, func(a payment.Alarm) bool { return a.Code == payment.AlarmAmount && a.Text == text }) {
			return // told already, and no amount to take
		}
		list = append(list, fact{payment.EventAlarm, payment.Alarm{Code: payment.AlarmAmount, Text: text, At: t.w.e.now()}})
	}
	t.commit(list...)
}

// noTip words a difference between what was approved and what the provider tells now;
// empty: it is the tip alone.
func noTip(op payment.Operation, r payment.Result) string {
	if r.Currency != "" && r.Currency != op.Currency {
		return fmt.Sprintf("This was approved in %s, and now the provider tells of %d in minor units of %s. Nothing is changed here. Compare it with the terminal's own report.", op.Currency, r.Authorised, r.Currency)
	}
	stood, told := op.Authorised-op.Tip-op.Cashback, r.Authorised-r.Tip-r.Cashback
	if stood == told && r.Cashback == op.Cashback && r.Tip >= 0 {
		return ""
	}
	amount := func(minor int64) string { return op.Money(minor).Text(language.English) }
	return fmt.Sprintf("This was approved with %s, and now the provider says that it came to %s, which is no tip. The payment stands with that amount. Compare it with the terminal's own report, and settle the difference with the customer.",
		amount(op.Authorised), amount(r.Authorised))
}
