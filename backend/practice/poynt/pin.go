package poynt

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// askForPIN asks for the PIN where the card and the amount want one, and tells
// whether the card holder is who they should be.
func (s *session) askForPIN() (bool, error) {
	switch {
	case s.card.kind != "card" || s.card.pin == "" || s.order.kind == orderCredit:
		if s.card.signature {
			s.cvm = cvmSignature
		}
		return true, nil
	case s.entry == entryTap && s.due+s.tip < noPINLimit:
		return true, nil
	}
	s.cvm = cvmPIN
	for try := 1; try <= bench.PINTries; try++ {
		right, err := s.enterPIN(try)
		if err != nil || right {
			return right, err
		}
		s.c.log.Note("Wrong PIN")
		s.show(textWrongPIN, -1, nil)
		if err := s.pause(800 * time.Millisecond); err != nil {
			return false, err
		}
	}
	return false, nil
}

// enterPIN takes one entry key by key. The digits never leave the entry.
func (s *session) enterPIN(try int) (bool, error) {
	entry := bench.PINEntry{}
	a := &asked{kind: askPIN, card: s.card, chip: s.inSlot, try: try}
	s.show(textPIN, 0, a)
	for {
		d, err := s.await(a, s.patience())
		if err != nil {
			return false, err
		}
		switch state := entry.Take(d, s.card.pin); state {
		case bench.PINPulled:
			s.c.mu.Lock()
			s.t.slot, s.inSlot = "", false
			s.c.mu.Unlock()
			return false, errCancelled
		case bench.PINCancelled:
			return false, errCancelled
		case bench.PINRight, bench.PINWrong:
			return state == bench.PINRight, nil
		}
		next := *a
		next.digits = entry.Digits()
		a = &next
		s.show(textPIN, a.digits, a)
	}
}
