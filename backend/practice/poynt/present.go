package poynt

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// entryModes are those of poynt.md 10.4.
var entryModes = map[bench.DeedKind]string{bench.DeedInsert: entryChip, bench.DeedTap: entryTap, bench.DeedSwipe: entrySwipe}

func (s *session) readCard() error {
	question := &asked{kind: askCard, try: s.tenders, amount: s.due + s.tip}
	shown := textPresent
	if s.order.kind == orderCredit {
		shown = textCredit
	}
	for {
		s.show(shown, -1, question)
		d, err := s.await(question, s.patience())
		if err != nil {
			return err
		}
		if d.Kind == bench.DeedKey {
			return errCancelled
		}
		chosen, _ := cardByID(d.Card)
		if chosen.fate == fateCash && s.order.flag("disableCash") {
			s.c.log.Note("Cash is switched off by the till")
			question.refused = true
			s.show(textNoCash, -1, nil)
			if err := s.pause(2 * shownFor); err != nil {
				return err
			}
			continue
		}
		s.card, s.entry, s.cvm = chosen, entryModes[d.Kind], cvmNone
		s.c.mu.Lock()
		s.inSlot = d.Kind == bench.DeedInsert
		s.t.slot, s.t.field = "", ""
		if s.inSlot {
			s.t.slot = d.Card
		} else if d.Kind == bench.DeedTap {
			s.t.field = d.Card
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
