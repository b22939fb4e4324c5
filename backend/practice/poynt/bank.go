package poynt

import (
	"errors"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// authorise asks the bank. From here on a cancel comes too late.
func (s *session) authorise() error {
	s.c.mu.Lock()
	select {
	case <-s.stopped:
		s.c.mu.Unlock()
		return bench.ErrStopped
	default:
	}
	s.past = true
	s.c.mu.Unlock()
	question := &asked{kind: askBank, chip: s.inSlot, card: s.card}
	s.show(textProcessing, -1, question)
	d, err := s.await(question, max(s.c.scaled(bankTakes), time.Nanosecond))
	switch {
	case errors.Is(err, bench.ErrTimeout):
		return nil
	case err != nil:
		return err
	case d.Kind == bench.DeedPull:
		s.c.mu.Lock()
		s.t.slot, s.inSlot = "", false
		s.c.log.Note("The card was pulled too early; the terminal reverses")
		s.c.mu.Unlock()
		return errCancelled
	}
	return nil
}

// verdict is what the bank says.
type verdict struct {
	declined      bool
	base          int64 // approved, without tip
	partial       bool
	code, message string
	offline       bool // the cloud hears of it when the terminal is back
}

func (s *session) verdict() verdict {
	c := s.c
	if s.t.offline() {
		c.mu.Lock()
		stores := c.faults.Get("payment.offline") == "approves" || c.customer != nil && c.customer.trouble == troubleOfflineApproval
		c.mu.Unlock()
		if !stores {
			return verdict{declined: true, code: "32", message: "Declined offline", offline: true}
		}
		return verdict{base: s.due, code: "1", message: "Approved offline", offline: true}
	}
	if s.order.kind == orderCredit && c.faults.Get("credit") == "not-permitted" {
		return verdict{declined: true, code: "57", message: "Transaction not permitted"}
	}
	switch s.card.fate {
	case fateDeclined:
		return verdict{declined: true, code: "05", message: "Do not honor"}
	case fateInsufficient:
		return verdict{declined: true, code: "51", message: "Insufficient funds"}
	case fateUnreachable:
		return verdict{declined: true, code: "91", message: "Processor timeout, reversed"}
	case fatePartial:
		if s.tenders == 1 && s.order.kind != orderCredit {
			return verdict{base: max(1, s.due/2), partial: s.due > 1, code: "10", message: "Partial approval"}
		}
	}
	if c.faults.Get("payment.approved-amount") == "nine-tenths" {
		c.faults.Take("payment.approved-amount")
		return verdict{base: max(1, s.due*9/10), code: "1", message: "Successful"}
	}
	return verdict{base: s.due, code: "1", message: "Successful"}
}

// askForSignature is answered on the terminal's own screen (poynt.md 8); the till
// has nothing to confirm. It tells whether somebody signed.
func (s *session) askForSignature() (bool, error) {
	if s.order.flag("skipSignatureScreen") {
		return false, nil
	}
	question := &asked{kind: askSign, card: s.card}
	s.show(textSign, -1, question)
	_, err := s.await(question, signLimit)
	if errors.Is(err, bench.ErrTimeout) {
		return false, nil
	}
	return err == nil, err
}

// signLimit is how long the terminal waits for a signature.
const signLimit = time.Minute
