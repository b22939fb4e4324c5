package poynt

import "time"

// Limits of a PIN entry.
const (
	pinTries  = 3
	minDigits = 4
	maxDigits = 12
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
	for try := 1; try <= pinTries; try++ {
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

// enterPIN takes one entry key by key. The digits never leave this function.
func (s *session) enterPIN(try int) (bool, error) {
	entered := ""
	a := &asked{kind: askPIN, card: s.card, chip: s.inSlot, try: try}
	s.show(textPIN, 0, a)
	for {
		d, err := s.await(a, s.patience())
		switch {
		case err != nil:
			return false, err
		case d.kind == deedPull:
			s.c.mu.Lock()
			s.t.slot, s.inSlot = "", false
			s.c.mu.Unlock()
			return false, errCancelled
		case d.kind == deedPIN:
			return d.right, nil
		case d.key == "red":
			return false, errCancelled
		case d.key == "yellow":
			entered = ""
		case d.key == "green" && len(entered) < minDigits, d.key != "green" && len(entered) >= maxDigits:
			continue
		case d.key == "green":
			return entered == s.card.pin, nil
		default:
			entered += d.key
		}
		next := *a
		next.digits = len(entered)
		a = &next
		s.show(textPIN, a.digits, a)
	}
}
