package callback

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// probeHeader marks a delivery that the till sends to itself.
const probeHeader = "Paydesk-Probe"

// probeTime ends a probe.
const probeTime = 10 * time.Second

func newProbe() string { return rand.Text() }

// probed answers the till's own test delivery. It is not stored.
func (d *Door) probed(w http.ResponseWriter, r *http.Request) bool {
	given := r.Header.Get(probeHeader)
	if given == "" || !Matches(given, d.probe) {
		return false
	}
	w.Header().Set(probeHeader, Fingerprint([]byte(d.probe)))
	w.WriteHeader(http.StatusNoContent)
	return true
}

// Probe sends a test delivery to url, as others would, and tells whether it arrives
// at this very door. The error is for a person.
func (d *Door) Probe(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err, Text: fmt.Sprintf("%q is no address that anything can be delivered to.", url)}
	}
	request.Header.Set(probeHeader, d.probe)
	answer, err := client.Do(request)
	if err != nil {
		return &payment.Error{Code: payment.CodeUnreachable, Sent: payment.SentNo, Err: err,
			Text: fmt.Sprintf("Nothing delivered to %s arrives here. Look at the address, the router and the firewall.", url)}
	}
	_, copied := io.Copy(io.Discard, io.LimitReader(answer.Body, Limit))
	closed := answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent || !Matches(answer.Header.Get(probeHeader), Fingerprint([]byte(d.probe))) {
		return &payment.Error{Code: payment.CodeForeign, Sent: payment.SentNo, Err: fmt.Errorf("status %s, %v, %v", answer.Status, copied, closed),
			Text: fmt.Sprintf("Something else than this till answers at %s. Look at where the router or the proxy sends it.", url)}
	}
	return nil
}
