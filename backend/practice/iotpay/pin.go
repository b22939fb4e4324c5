package iotpay

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// askForPIN asks up to three times; an outcome with a name ends the payment.
func (t *Terminal) askForPIN(s *sale) (outcome, error) {
	for try := 1; try <= bench.PINTries; try++ {
		right, o, err := t.enterPIN(s, try)
		if err != nil || o.booking != "" || right {
			return o, err
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
		d, err := s.await(a, keyLimit)
		if err != nil {
			return false, outcome{}, err
		}
		switch state := entry.Take(d, s.card.pin); state {
		case bench.PINPulled:
			t.pulled(s)
			return false, byUser, nil
		case bench.PINCancelled:
			return false, byUser, nil
		case bench.PINRight, bench.PINWrong:
			return state == bench.PINRight, outcome{}, nil
		}
		a = a.with(entry.Digits())
	}
}

// pulled notes that the card has left the slot.
func (t *Terminal) pulled(s *sale) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.inSlot = false
	if t.latest == s.operation {
		t.slot = ""
	}
}
