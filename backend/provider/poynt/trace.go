package poynt

import (
	"context"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of looking for what came of a change.
const (
	traces     = 4 // looks after an unclear answer
	tracePause = 3 * time.Second
	oldest     = 90 * 24 * time.Hour // of an original whose time cannot be read
	// clockRoom is what two clocks may differ by after they were compared.
	clockRoom = 5 * time.Second
)

// trace looks a few times for what came of a change.
func (t *Terminal) trace(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, bool) {
	for range traces {
		got, _, err := t.look(ctx, r, sought{}, to)
		if _, decides := got.Outcome.Trigger(); err == nil && decides {
			return got.Result, true
		}
		select {
		case <-time.After(tracePause):
		case <-ctx.Done():
			return payment.Result{}, false
		}
	}
	return payment.Result{}, false
}

// children lists what was done to a transaction since a time (poynt.md 10.1: parentId).
func (t *Terminal) children(ctx context.Context, parent transaction, action text, since time.Time, to payment.Reporter) ([]transaction, error) {
	if since.IsZero() { // when it was made cannot be read
		since = time.Now().Add(-oldest)
	}
	q := t.since(payment.Request{Attempt: payment.Attempt{At: since}}, map[string][]string{"action": {string(action)}})
	q.Del("endAt") // it may be captured days later
	return t.list(ctx, q, func(one transaction) bool { return one.ParentID == parent.ID && one.Action == action }, string(parent.ID), to)
}

// lookBack asks what became of a void, capture or refund.
func (t *Terminal) lookBack(ctx context.Context, r payment.Request, s sought, to payment.Reporter) (verdict, error) {
	original, ok, err := t.transaction(ctx, r.Original.Terminal, to)
	if err != nil || !ok {
		return verdict{}, err
	}
	if r.Kind == payment.Void {
		if original.class() != undone {
			return verdict{}, nil
		}
		return verdict{Result: t.settings.voided(r, original), found: true}, nil
	}
	var captures, refunds []transaction
	if original.Action != "SALE" {
		if captures, err = t.children(ctx, original, "CAPTURE", original.created(), to); err != nil {
			return verdict{}, err
		}
	}
	if r.Kind == payment.Capture {
		return t.settings.judgeCaptures(r, original, captures), nil
	}
	for _, parent := range append([]transaction{original}, captures...) {
		list, err := t.children(ctx, parent, "REFUND", refundedSince(r, original), to)
		if err != nil {
			return verdict{}, err
		}
		refunds = append(refunds, list...)
	}
	for _, id := range s.ids {
		if one, ok, err := t.transaction(ctx, id, to); err != nil {
			return verdict{}, err
		} else if ok && one.Action == "REFUND" && one.ours(r) {
			refunds = append(refunds, one)
		}
	}
	refunds, why := t.mine(r, original, refunds)
	if why != nil {
		return verdict{Result: payment.Result{Reason: payment.ReasonForeign, ReasonText: why.Error()}, found: true}, nil
	}
	return t.settings.judgeRefunds(r, original, refunds), nil
}

// refundedSince is from when on a refund may have been made: not before its original,
// and, since the clock may have been set, long before the attempt.
func refundedSince(r payment.Request, original transaction) time.Time {
	from := longBefore(r)
	if made := original.created(); made.After(from) {
		return made
	}
	return from
}

// mine chooses the refunds of this attempt: those with our reference, or, where Poynt
// keeps none, the only one of this amount since the attempt began.
func (t *Terminal) mine(r payment.Request, original transaction, list []transaction) ([]transaction, error) {
	var ours, likely []transaction
	seen := map[text]bool{}
	from := r.Attempt.At.Add(-t.client.wire.skew() - clockRoom)
	for _, one := range list {
		switch {
		case seen[one.ID]:
		case one.ours(r):
			ours = append(ours, one)
		case !one.another(r, original) && !one.created().Before(from) && (one.Amounts.Total.value == r.Total.Minor || t.settings.bridged):
			likely = append(likely, one)
		}
		seen[one.ID] = true
	}
	switch {
	case len(ours) > 0:
		return ours, nil
	case len(likely) > 1:
		return nil, fmt.Errorf("%d refunds at Poynt may be this one", len(likely))
	}
	return likely, nil
}
