package poynt

import (
	"strconv"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// changeOriginal is a void or a refund on the terminal: a summary, a question,
// and for a refund an amount that can be edited (poynt.md 7.3).
func (s *session) changeOriginal() error {
	rec, found := s.c.original(s.order.transactionID)
	if !found {
		s.c.log.Note("There is no transaction " + bench.Shorten(s.order.transactionID))
		s.show(textNoSuch, -1, nil)
		return errFailed
	}
	if s.order.currency == "" {
		s.order.currency = rec.Booking.Currency
	}
	left := rec.Booking.AmountMinor
	if s.order.kind == orderRefund {
		left = s.c.refundable(rec)
		if s.c.faults.Get("refund.edit") == "half" && !s.order.flag("disableChangeAmount") {
			left = max(1, left/2)
		}
	}
	s.due = left
	minor, err := s.confirm(left)
	if err != nil {
		return err
	}
	s.c.mu.Lock()
	s.past = true
	s.c.mu.Unlock()
	s.show(textProcessing, -1, nil)
	if err := s.pause(bankTakes); err != nil {
		return err
	}
	by := origin{reference: s.order.reference, deviceID: s.t.id}
	s.c.changes.Lock()
	defer s.c.changes.Unlock()
	var done changed
	if s.order.kind == orderVoid {
		done = s.c.voidIt(s.order.transactionID, by)
	} else {
		done = s.c.refundIt(s.order.transactionID, minor, "", by)
	}
	if done.refusal != nil {
		s.c.log.Note("The terminal could not do it")
		s.show(textDeclined, -1, nil)
		return errFailed
	}
	s.transactions = append(s.transactions, done.transaction)
	s.show(textApproved, -1, nil)
	return nil
}

// maxAmountDigits bounds the amount that is typed.
const maxAmountDigits = 12

// confirm shows what is to be voided or refunded and takes the staff's word for
// it. The keys type another amount for a refund.
func (s *session) confirm(minor int64) (int64, error) {
	shown := textConfirmVoid
	edits := s.order.kind == orderRefund && !s.order.flag("disableChangeAmount")
	if s.order.kind == orderRefund {
		shown = textConfirmRefund
	}
	typed := ""
	a := &asked{kind: askConfirm, amount: minor}
	s.show(shown, -1, a)
	for {
		d, err := s.await(a, s.patience())
		switch {
		case err != nil:
			return 0, err
		case d.Key == bench.KeyRed:
			return 0, errCancelled
		case d.Key == bench.KeyGreen && typed == "":
			return minor, nil
		case d.Key == bench.KeyGreen:
			if amount, err := strconv.ParseInt(typed, 10, 64); err == nil && amount > 0 && amount <= minor {
				return amount, nil
			}
			typed = ""
		case d.Key == bench.KeyYellow || !edits || len(typed) >= maxAmountDigits:
			typed = ""
		default:
			typed += d.Key
		}
		a = &asked{kind: askConfirm, amount: minor}
		if amount, err := strconv.ParseInt(typed, 10, 64); err == nil {
			a.amount = amount
		}
		s.show(shown, -1, a)
	}
}
