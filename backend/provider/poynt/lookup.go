package poynt

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// look asks Poynt what it knows of an attempt of any kind.
func (t *Terminal) look(ctx context.Context, r payment.Request, s sought, to payment.Reporter) (verdict, int, error) {
	if !atTerminal(r) {
		got, err := t.lookBack(ctx, r, s, to)
		return got, 0, err
	}
	found, missing, err := t.byReference(ctx, r, s, to)
	if err != nil {
		return verdict{}, 0, err
	}
	if len(found) == 0 {
		t.showsNothing(r.Attempt.Reference)
	}
	return t.settings.weigh(r, found, s.tips), missing, nil
}

// Lookup asks Poynt by our own reference (poynt.md 12). While the call itself is open
// it is the call that asks, at once. What the terminal delivered counts too, also
// before a restart. NotFound proves nothing.
func (t *Terminal) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	if v := t.visiting(r.Attempt.Reference); v != nil {
		v.nudge()
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy}, nil
	}
	kept, err := t.kept(ctx, r.Attempt.Reference)
	if err != nil {
		return payment.Result{}, err
	}
	got, missing, err := t.look(ctx, r, kept.sought, to)
	if err != nil {
		return payment.Result{}, err
	}
	// A decline stands, and a cancel is believed, once nothing else came for a while.
	still := payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy}
	switch {
	case got.Outcome == payment.Refused && !kept.cancelled.IsZero():
		return t.cancelled(r, kept, missing), nil
	case got.open && !t.standing(r, kept, got, missing):
		return still, nil
	case got.found:
		return got.uncertain(!got.open || kept.ended(missing)), nil
	case !kept.cancelled.IsZero():
		return t.cancelled(r, kept, missing), nil
	case atTerminal(r) && within(r.Attempt.At, t.settings.ttl+quiet):
		return still, nil
	}
	text := "Poynt's cloud has no transaction with this reference. That is no proof: what was cancelled on the terminal leaves none, and an approval may come late."
	if !atTerminal(r) {
		text = fmt.Sprintf("Poynt's cloud shows no %s of this payment yet. That is no proof.", r.Kind)
	}
	return payment.Result{Outcome: payment.NotFound, Reason: payment.ReasonNotFound, ReasonText: text}, nil
}

// standing tells whether a decline, or a part, is the last word: it has stood for longer
// than the terminal may offer another card, and than Poynt is behind with showing what
// came of that, since the attempt or, where this computer's clock was set back meanwhile,
// by Poynt's own.
func (t *Terminal) standing(r payment.Request, s signs, got verdict, missing int) bool {
	long := t.settings.ttl + quiet
	if late := t.lag(r.Attempt.Reference, got.latest); late > 0 {
		long += late + settling
	}
	// What is missing may be a decline's other card. A part that is paid is paid.
	return s.ended(missing) || (missing == 0 || got.Outcome == payment.Success) && (time.Since(r.Attempt.At) >= long || !got.latest.IsZero() && t.poynts().Sub(got.latest) >= long)
}

// within tells whether something was less than a span ago. What is yet to come, since
// this computer's clock was set back, was at a time that nobody knows.
func within(at time.Time, span time.Duration) bool {
	ago := time.Since(at)
	return ago >= 0 && ago < span
}

// cancelled is the cancel that the terminal delivered. Nothing at Poynt confirms it: it
// is asked about until an approval would have shown.
func (t *Terminal) cancelled(r payment.Request, s signs, missing int) payment.Result {
	if missing > 0 || within(s.cancelled, showing) {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy}
	}
	return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCustomer, ReasonText: "cancelled on the terminal",
		Reopens: within(r.Attempt.At, t.settings.ttl+quiet)}
}

// kept reads what was delivered for an attempt, also before a restart.
func (t *Terminal) kept(ctx context.Context, reference string) (signs, error) {
	var s signs
	if t.deps.Inbox == nil {
		return s, nil
	}
	list, err := t.deps.Inbox.Kept(ctx, reference)
	if err != nil {
		return s, &payment.Error{Code: payment.CodeJournal, Sent: payment.SentMaybe, Err: err, Text: "What the terminal delivered cannot be read from the journal. " + moneyOpen}
	}
	for _, d := range list {
		p, err := readPosted([]byte(d.Body))
		if err != nil || d.Fault != "" {
			continue
		}
		switch status := strings.ToUpper(string(p.Status)); {
		case status == "CANCELED", status == "CANCELLED":
			s.cancelled = d.At
		case endWords[status]:
			s.over = true
		}
		s.sought.add(p)
	}
	return s, nil
}
