package poynt

import (
	"context"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The actions that move no money (poynt.md 6.1, 7.3).
const (
	actionStop    = "cancelPayment"
	actionProfile = "setCustomPcmProfile"
)

// Abort asks to stop what is on the terminal. A payment that the terminal has not got
// is overwritten in the queue by a harmless message under the same key; one that it
// has, or may have, gets a wish to stop, which may come late or never. Nothing is
// concluded from either (poynt.md 20).
func (t *Terminal) Abort(ctx context.Context, r payment.Request, _ string, to payment.Reporter) error {
	if !atTerminal(r) && (!t.settings.bridged || r.Kind == payment.Capture) {
		return &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Text: "This is done by Poynt's cloud and cannot be stopped. Its answer comes within a minute."}
	}
	v := t.visiting(r.Attempt.Reference)
	if v == nil || !v.abort() {
		err := t.command(ctx, "ReplaceMessage", actionProfile, collapse(r), t.settings.ttl, to)
		if err != nil || v != nil && t.tells() {
			return err
		}
	}
	return t.command(ctx, "CancelMessage", actionStop, "cancel-"+r.Attempt.Reference, stopTTL, to)
}
