package nexo

import (
	"net/http"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestSeq25AbortRepeated: an abort whose first try got lost is never repeated while
// the signature question is open.
func TestSeq25AbortRepeated(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		before, during := 0, 0
		h.client.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if h.asking() {
				during++
			} else {
				before++
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		aborted := make(chan error, 1)
		go func() { aborted <- h.Abort(t.Context(), sale(100), "", h.op) }()
		time.Sleep(time.Second)
		done := h.postAsync(t.Context(), t, golden(t, "in-input"))
		<-h.op.asked
		time.Sleep(time.Minute)
		if err := <-aborted; payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("the cashier is told %v", err)
		}
		if before != 1 || during != 0 {
			t.Errorf("%d aborts before the question and %d during it", before, during)
		}
		h.op.answers <- true
		same(t, "input-confirmed", (<-done).body)
	})
}
