package poynt

import (
	"time"
)

// entryModes are those of poynt.md 10.4.
var entryModes = map[deedKind]string{deedInsert: entryChip, deedTap: entryTap, deedSwipe: entrySwipe}

func (s *session) readCard() error {
	question := &asked{kind: askCard, try: s.tenders, amount: s.due + s.tip}
	for {
		s.show(textPresent, -1, question)
		d, err := s.await(question, s.patience())
		if err != nil {
			return err
		}
		if d.kind == deedKey {
			return errCancelled
		}
		chosen, _ := cardByID(d.card)
		if chosen.fate == fateCash && s.order.flag("disableCash") {
			s.c.log.Note("Cash is switched off by the till")
			question.refused = true
			s.show(textNoCash, -1, nil)
			if err := s.pause(2 * shownFor); err != nil {
				return err
			}
			continue
		}
		s.card, s.entry, s.cvm = chosen, entryModes[d.kind], cvmNone
		s.c.mu.Lock()
		s.inSlot = d.kind == deedInsert
		s.t.slot, s.t.field = "", ""
		if s.inSlot {
			s.t.slot = d.card
		} else if d.kind == deedTap {
			s.t.field = d.card
		}
		unplug := s.c.customer != nil && (s.c.customer.trouble == troubleUnplugged || s.c.customer.trouble == troubleOfflineApproval)
		s.c.log.Note("Card " + chosen.lastFour() + " read")
		s.c.mu.Unlock()
		if unplug {
			return s.c.unplug()
		}
		return nil
	}
}

// awayFor is how long the line is gone around the customer of the offline approval.
const awayFor = 30 * time.Second

// unplug pulls the cable; for the customer of the offline approval it comes back.
func (c *Cloud) unplug() error {
	c.mu.Lock()
	if who := c.customer; who != nil && who.trouble == troubleOfflineApproval {
		c.life.Spawn(func() {
			if c.life.Sleep(nil, max(c.scaled(awayFor), shortestLag)) {
				if err := c.SetFault("network", "plugged"); err != nil {
					c.log.Note(err.Error())
				}
			}
		})
	}
	c.mu.Unlock()
	return c.SetFault("network", "unplugged")
}
