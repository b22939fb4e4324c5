package nexo

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// abortRequest is AbortRequest (nexo-retailer.md 11.1); it has no nexo answer.
type abortRequest struct {
	Reference messageReference `xml:"MessageReference"`
	Reason    string           `xml:"AbortReason"`
}

// Abort asks the terminal to stop an attempt (nexo-retailer.md 11). It is repeated
// with new ids when the wish itself got lost, which is harmless. While a signature
// question is open it is refused here, since the terminal must not get one then.
func (t *Terminal) Abort(ctx context.Context, r payment.Request, why string, to payment.Reporter) error {
	var err error
	for range abortTries {
		if t.asking() { // also between two tries
			return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
				Text: "The terminal waits for the answer about the signature and cannot be stopped now. Answer that the signature does not match: the sale is then not made."}
		}
		if err = t.abortOnce(ctx, r, why, to); err == nil || ctx.Err() != nil {
			return err
		}
		if code := payment.CodeOf(err); code != payment.CodeNoAnswer && code != payment.CodeUnreachable {
			return err
		}
		select {
		case <-time.After(abortPause):
		case <-ctx.Done():
			return err
		}
	}
	return err
}

// An abort that is not taken is repeated twice (nexo-retailer.md 11.2); all tries
// fit into the wait for an abort.
const (
	abortTries = 3
	abortLimit = 4 * time.Second
	abortPause = time.Second
)

func (t *Terminal) abortOnce(ctx context.Context, r payment.Request, why string, to payment.Reporter) error {
	m, err := t.next(ctx, "Abort")
	if err != nil {
		return err
	}
	m.AbortRequest = &abortRequest{Reference: *t.referenceTo(r), Reason: or(strings.TrimSpace(why), "Cancelled by cashier")}
	ctx, cancel := context.WithTimeout(ctx, abortLimit)
	defer cancel()
	got, err := t.send(ctx, m, false, nil, to)
	if err != nil {
		return err
	}
	if got.status != http.StatusNoContent {
		return fault(payment.CodeUnreadable, payment.SentMaybe, false, fmt.Errorf("HTTP status %d to an abort", got.status))
	}
	return nil
}
