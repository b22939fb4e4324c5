package pockyt

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// 22: a wallet that pays after the order was closed is found, and handed in once; the
// asking ends by itself and with the terminal.
func TestSeq22LateSuccess(t *testing.T) {
	for name, c := range map[string]struct {
		then  string
		kept  int
		close time.Duration
	}{
		"it is paid after all": {ok(stateSuccess), 1, time.Hour},
		"it stays closed":      {ok(stateClosed), 0, time.Hour},
		"nothing answers":      {"cut", 0, time.Hour},
		"the till closes":      {ok(stateClosed), 0, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				over := false
				h.say = func(call string, n int, _ fields) string {
					switch {
					case call == "create-trans-qrcode":
						return ok(initial, m{"status": nil, "deepLink": "x"})
					case call == "cancel":
						return ok(stateClosed)
					case over:
						return c.then
					case h.count("cancel") > 0:
						return ok(stateClosed)
					}
					return ok(initial)
				}
				if out, err := h.sell(shows); err != nil || out.Outcome != payment.Stopped {
					t.Fatalf("%+v, %v", out, err)
				}
				over = true
				before := h.count("tran-query")
				time.Sleep(c.close)
				synctest.Wait()
				if err := h.Close(); err != nil {
					t.Error(err)
				}
				asked := h.count("tran-query") - before
				if len(h.inbox.list) != c.kept || asked == 0 || asked > len(lateAsks) {
					t.Errorf("%d are kept after %d questions", len(h.inbox.list), asked)
				}
				for _, d := range h.inbox.list {
					if d.Reference != ref || d.Name != lateName {
						t.Errorf("%+v", d)
					}
				}
			})
		})
	}
}
