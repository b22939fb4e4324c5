package pockyt

import (
	"context"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The cashier has the till wait longer, as often as wanted within the time that Pockyt
// keeps the order open (pockyt.md 10.3); then it is asked and closed as ever.
func TestMoreTime(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*payment.Request)
		presses int // taken of twenty
		lasts   time.Duration
	}{
		"a shown code":   {shows, 10, showFor + 10*moreTime},
		"a scanned code": {func(*payment.Request) {}, 12, longest},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.say = answers(map[string][]string{"add": {ok(initial)}, "prepay": {ok(statePending)}, "cancel": {ok(stateClosed)},
					"create-trans-qrcode": {ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc"})}})
				closed := h.say
				h.say = func(call string, n int, f fields) string {
					if call == "tran-query" && h.count("cancel") > 0 {
						return ok(stateClosed)
					} else if call == "tran-query" {
						return ok(statePending)
					}
					return closed(call, n, f)
				}
				begun, taken := time.Now(), 0
				go func() {
					time.Sleep(time.Minute)
					before := begun.Add(showFor)
					for range 20 {
						if until, err := h.Extend(context.Background(), request(c.change)); err == nil {
							taken++
							if !until.After(begun.Add(time.Minute)) || until.Sub(begun) > longest {
								t.Errorf("extended to %s", until.Sub(begun))
							}
							before = until
						} else if payment.CodeOf(err) != payment.CodeConflict || payment.TextOf(err) == "" {
							t.Error(err)
						}
					}
					time.Sleep(time.Until(before) + time.Second)
					if _, err := h.Extend(context.Background(), request(c.change)); err == nil {
						t.Error("what is over was extended")
					}
				}()
				out, err := h.sell(c.change)
				if took := time.Since(begun); err != nil || out.Outcome != payment.Stopped || out.Reason != payment.ReasonUnpaid || took < c.lasts || took > c.lasts+closeFor || taken != c.presses {
					t.Errorf("%+v, %v, after %s, %d times", out, err, took, taken)
				}
				last := h.book.prompts[len(h.book.prompts)-1]
				if last.Code != payment.PromptAsking || last.QR != "" || !last.Until.IsZero() {
					t.Errorf("at the end it shows %+v", last)
				}
				if _, err := h.Extend(context.Background(), request(c.change)); err == nil {
					t.Error("what has ended was extended")
				}
			})
		})
	}
}
