package netpay

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

func (t *Terminal) askForPIN(s *sale) (outcome, error) {
	for try := 1; try <= bench.PINTries; try++ {
		right, o, err := t.enterPIN(s, try)
		if err != nil || o.code != "" {
			return o, err
		}
		if right {
			s.verified = "pin"
			return outcome{}, nil
		}
		t.log.Note("Wrong PIN")
		t.show(s.operation, textWrongPIN)
		if err := s.pause(800 * time.Millisecond); err != nil {
			return outcome{}, err
		}
	}
	return pinWrong, nil
}

// enterPIN takes one entry key by key. The digits never leave the entry.
func (t *Terminal) enterPIN(s *sale, try int) (right bool, o outcome, err error) {
	entry := bench.PINEntry{}
	a := &asked{kind: askPIN, card: s.card, chip: s.inSlot, try: try}
	for {
		t.showAsking(s.operation, textPIN, a.digits, a)
		d, err := s.await(a, pinLimit)
		if err != nil {
			return false, outcome{}, err
		}
		switch state := entry.Take(d, s.card.pin); state {
		case bench.PINPulled:
			t.mu.Lock()
			t.slot, s.inSlot = "", false
			t.mu.Unlock()
			return false, byUser, nil
		case bench.PINCancelled:
			return false, byUser, nil
		case bench.PINRight, bench.PINWrong:
			return state == bench.PINRight, outcome{}, nil
		}
		a = a.with(entry.Digits())
	}
}
