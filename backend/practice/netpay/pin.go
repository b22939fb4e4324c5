package netpay

import "time"

// Limits of a PIN entry. Four digits are documented (netpay.md 8).
const (
	pinTries  = 3
	minDigits = 4
	maxDigits = 12
)

func (t *Terminal) askForPIN(s *sale) (outcome, error) {
	for try := 1; try <= pinTries; try++ {
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

// enterPIN takes one entry key by key. The digits never leave this function.
func (t *Terminal) enterPIN(s *sale, try int) (right bool, o outcome, err error) {
	entered := ""
	a := &asked{kind: askPIN, card: s.card, chip: s.inSlot, try: try}
	for {
		t.showAsking(s.operation, textPIN, a.digits, a)
		d, err := s.await(a, pinLimit)
		switch {
		case err != nil:
			return false, outcome{}, err
		case d.kind == deedPull:
			t.mu.Lock()
			t.slot, s.inSlot = "", false
			t.mu.Unlock()
			return false, byUser, nil
		case d.kind == deedPIN:
			return d.right, outcome{}, nil
		case d.key == keyRed:
			return false, byUser, nil
		case d.key == keyYellow:
			entered = ""
		case d.key == keyGreen && len(entered) < minDigits, d.key != keyGreen && len(entered) >= maxDigits:
		case d.key == keyGreen:
			return entered == s.card.pin, outcome{}, nil
		default:
			entered += d.key
		}
		a = a.with(len(entered))
	}
}
