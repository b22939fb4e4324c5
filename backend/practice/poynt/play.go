package poynt

import (
	"errors"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Times of the script, at pace 1 (poynt.md 21.4).
const (
	receivedAfter = 50 * time.Millisecond
	startedAfter  = 300 * time.Millisecond
	bankTakes     = 800 * time.Millisecond
	shownFor      = 600 * time.Millisecond // longer than a transaction usually takes to show, so that a till finds at once what it is told
	maxTenders    = 10                     // cards in one session
)

// run is the session's own goroutine, from the message to "Welcome".
func (s *session) run() {
	defer close(s.calls)
	err := s.start()
	if err == nil {
		if s.order.pays() {
			err = s.pay()
		} else {
			err = s.changeOriginal()
		}
	}
	switch {
	case errors.Is(err, bench.ErrGone):
		s.c.log.Note(s.t.name + " ended what it was doing, nothing is told")
		s.finish()
		return
	case err != nil:
		err = s.giveUp(err)
	}
	s.tellResult(err)
	s.finish()
	s.tail()
}

// start tells the till that the message has come and that the screen is up, if it
// wants to know (poynt.md 7.4, 8).
func (s *session) start() error {
	wanted := false
	switch s.c.faults.Get("callback.updates") {
	case "asked":
		wanted = s.order.flag("enableStatusUpdates")
	case "always":
		wanted = true
	}
	if err := s.pause(receivedAfter); err != nil {
		return err
	}
	if wanted {
		s.tellProgress("RECEIVED")
	}
	if err := s.pause(startedAfter); err != nil {
		return err
	}
	if wanted {
		s.tellProgress("STARTED")
	}
	return nil
}

// pay takes one card after the other until the amount is paid or nobody goes on.
func (s *session) pay() error {
	if err := s.askForTip("before"); err != nil {
		return err
	}
	for s.tenders = 1; s.tenders <= maxTenders; s.tenders++ {
		approvedMinor, err := s.tender()
		if err != nil {
			return err
		}
		if approvedMinor == 0 {
			again, err := s.askAgain()
			if err != nil || !again {
				return err
			}
			continue
		}
		s.due -= approvedMinor
		if s.due <= 0 || !s.order.flag("multiTender") {
			break
		}
		s.tip = 0 // it went with the first card
	}
	return s.askForTip("later")
}

// tender reads one card and asks its bank. It returns the base amount that was
// approved, 0: declined.
func (s *session) tender() (int64, error) {
	s.c.mu.Lock()
	s.past = false
	s.c.mu.Unlock()
	if err := s.readCard(); err != nil {
		return 0, err
	}
	if s.card.fate == fateCash {
		return s.decide(verdict{base: s.due, code: "1", message: "Cash"})
	}
	if right, err := s.askForPIN(); err != nil || !right {
		if err != nil {
			return 0, err
		}
		return s.decide(verdict{declined: true, code: "55", message: "Incorrect PIN"})
	}
	if err := s.authorise(); err != nil {
		return 0, err
	}
	return s.decide(s.verdict())
}

// askForTip asks for a tip at the one of two moments (poynt.md 8): before the
// card is read, or when the payment is approved already.
func (s *session) askForTip(moment string) error {
	s.c.mu.Lock()
	when := s.c.faults.Get("payment.tips")
	if who := s.c.customer; when == "off" && who != nil && who.tipPercent > 0 {
		when = who.tipMoment
	}
	s.c.mu.Unlock()
	preset := s.order.tip > 0
	if when != moment || preset || s.order.flag("disableTip") || s.order.kind == orderCredit {
		return nil
	}
	if moment == "later" && (len(s.transactions) != 1 || s.transactions[0].Status == statusDeclined) {
		return nil
	}
	question := &asked{kind: askTip, amount: s.order.amount}
	s.show(textTip, -1, question)
	d, err := s.await(question, s.patience())
	if errors.Is(err, bench.ErrTimeout) || moment == "later" && errors.Is(err, bench.ErrStopped) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.Kind != bench.DeedTip {
		if moment == "later" {
			return nil
		}
		return errCancelled
	}
	if moment == "before" {
		s.tip = d.Minor
		return nil
	}
	return s.adjustTip(d.Minor)
}

// askAgain offers another card after a decline (poynt.md 8).
func (s *session) askAgain() (bool, error) {
	question := &asked{kind: askAgain, try: s.tenders}
	s.show(textAgain, -1, question)
	d, err := s.await(question, s.patience())
	switch {
	case errors.Is(err, bench.ErrTimeout) || errors.Is(err, bench.ErrStopped):
		return false, nil
	case err != nil:
		return false, err
	case d.Kind == bench.DeedKey:
		return d.Key == bench.KeyGreen, nil
	}
	s.deeds.Push(d) // a card, presented at once
	return true, nil
}

// tail is what happens after the result: the card comes out, the screen returns.
func (s *session) tail() {
	if s.pauseAfter(shownFor) != nil {
		return
	}
	if s.inSlot {
		question := &asked{kind: askPull, chip: true}
		s.show(textRemove, -1, question)
		if _, err := s.await(question, pullLimit); err != nil && !errors.Is(err, bench.ErrTimeout) {
			return
		}
		s.c.mu.Lock()
		s.t.slot = ""
		s.c.mu.Unlock()
	}
	s.show(textWelcome, -1, nil)
}

// pullLimit is after which time the practice terminal takes the card for pulled.
const pullLimit = 3 * time.Minute

// pauseAfter is pause when the till's cancel no longer counts.
func (s *session) pauseAfter(d time.Duration) error {
	s.c.mu.Lock()
	s.past = true
	s.c.mu.Unlock()
	return s.pause(d)
}

// giveUp books a payment that nobody decided: it left nothing in the cloud. What
// was approved before stays.
func (s *session) giveUp(cause error) error {
	words := map[error]string{bench.ErrStopped: "cancelled by the till", errCancelled: "cancelled on the terminal", bench.ErrTimeout: "nobody came"}
	s.c.log.Note(fmt.Sprintf("%s: %s", s.t.name, words[cause]))
	s.show(textCancelled, -1, nil)
	if err := s.bookCancelled(); err != nil {
		s.c.log.Note(err.Error())
	}
	return cause
}
