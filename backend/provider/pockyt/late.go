package pockyt

import (
	"context"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// lateAsks is when an order that was closed is asked about once more, after its sale
// has ended: a wallet may still have been paying. Pockyt keeps no order open longer
// than orderTimeout.
var lateAsks = []time.Duration{10 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute, 5 * time.Minute}

// lateName is a late success in the timeline.
const lateName = "LateSuccess"

// watch asks a while about an order that the till had closed. A payment that turns up
// is handed in as a delivery: it decides nothing by itself, but has the engine ask, and
// raise its alarm. It ends when the terminal is closed.
func (t *Terminal) watch(r payment.Request, number string) {
	if t.deps.Inbox == nil {
		return
	}
	t.late.Go(func() {
		for _, wait := range lateAsks {
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-t.open.Done():
				timer.Stop()
				return
			}
			got, err := t.query(t.open, number, r.Attempt.Reference, t.deps.Session)
			if err != nil || got.code != codeDone || t.verdict(r, number, got).Outcome != payment.Success {
				continue
			}
			t.handIn(r.Attempt.Reference, got)
			return
		}
	})
}

// handIn keeps a late success where the engine finds it.
func (t *Terminal) handIn(reference string, got order) {
	ctx, cancel := context.WithTimeout(t.open, callLimit)
	defer cancel()
	d := payment.Delivery{Key: "late|" + reference, Reference: reference, Name: lateName, Body: got.words(), At: time.Now()}
	if _, err := t.deps.Inbox.Keep(ctx, d); err != nil {
		t.deps.Session.Note(payment.Note{Terminal: t.name, Reason: payment.ReasonJournal,
			Text: "Payment " + reference + " was paid after it had been closed, and that could not be recorded. Look at it, and refund it if the goods were not handed over."})
	}
}
