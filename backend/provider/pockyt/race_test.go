package pockyt

import (
	"context"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// A success of the charge that comes after a cancel of ours is asked about: the cancel
// may have met it, and then the money goes back (pockyt.md 1.3).
func TestChargeBesideACancel(t *testing.T) {
	back := m{"refundInfo": m{"refundTransactionId": "297553638241892499", "refundAmount": "13.00", "currency": "USD"}}
	for name, c := range map[string]struct {
		then string
		want payment.Outcome
	}{"it went back": {ok(stateSuccess, back), payment.Stopped}, "it stands": {ok(stateSuccess), payment.Success}} {
		bubble(t, func(t *testing.T) {
			h := newHouse(t, nil)
			asked := 0
			h.say = func(call string, _ int, _ fields) string {
				switch {
				case call == "add":
					return ok(initial)
				case call == "prepay":
					time.Sleep(8 * time.Second)
					return ok(stateSuccess)
				case call == "cancel":
					return ok(stateClosed)
				case h.count("cancel") == 0:
					return ok(statePending)
				}
				if asked++; asked < 4 {
					return ok(stateSuccess) // what goes back does not show at once
				}
				return c.then
			}
			go func() {
				time.Sleep(4500 * time.Millisecond)
				if err := h.Abort(context.Background(), request(), "", h.book); err != nil {
					t.Error(err)
				}
			}()
			if out, err := h.sell(); err != nil || out.Outcome != c.want || h.count("cancel") != 1 {
				t.Errorf("%s: %+v, %v, %s", name, out, err, h.made())
			}
		})
	}
}

// While the charge is still out, no query's word ends the sale: its own answer may be a
// success.
func TestChargeStillOut(t *testing.T) {
	for _, state := range []string{stateFailed, stateClosed} {
		bubble(t, func(t *testing.T) {
			h := newHouse(t, nil)
			h.say = func(call string, _ int, _ fields) string {
				switch call {
				case "add":
					return ok(initial)
				case "prepay":
					time.Sleep(6 * time.Second)
					return ok(stateSuccess)
				}
				return ok(state)
			}
			if out, err := h.sell(); err != nil || out.Outcome != payment.Success || h.count("tran-query") < 2 {
				t.Errorf("%s: %+v, %v, %s", state, out, err, h.made())
			}
		})
	}
}

// Whoever gives the sale up while it is prepared is not charged: the code is never used.
func TestGivenUpWhilePrepared(t *testing.T) {
	for name, change := range map[string]func(*payment.Request){"scanned": func(*payment.Request) {}, "shown": shows} {
		bubble(t, func(t *testing.T) {
			h := newHouse(t, nil)
			h.say = func(call string, _ int, _ fields) string {
				switch {
				case call == "add", call == "create-trans-qrcode":
					time.Sleep(3 * time.Second)
					return ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc"})
				case call == "cancel":
					return ok(stateClosed)
				case h.count("cancel") > 0:
					return ok(stateClosed)
				}
				return ok(initial)
			}
			go func() {
				time.Sleep(time.Second)
				if err := h.Abort(context.Background(), request(change), "", h.book); err != nil {
					t.Error(err)
				}
			}()
			out, err := h.sell(change)
			if err != nil || out.Outcome != payment.Stopped || out.Reason != payment.ReasonCashier || h.count("prepay") != 0 || h.count("cancel") != 1 {
				t.Errorf("%s: %+v, %v, %s", name, out, err, h.made())
			}
			for _, p := range h.book.prompts {
				if p.QR != "" {
					t.Errorf("%s: a code is shown: %+v", name, p)
				}
			}
		})
	}
}

// How often is asked (pockyt.md 10.3): soon, later, and seldom where nothing was told.
func TestPauses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		var at []time.Duration
		begun := time.Now()
		h.say = func(call string, n int, _ fields) string {
			switch call {
			case "create-trans-qrcode":
				return ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc"})
			case "cancel":
				return ok(stateClosed)
			}
			at = append(at, time.Since(begun))
			switch {
			case n == 1:
				return says(codeSystem, "")
			case n == 2:
				return says(codeSupplier, "")
			case time.Since(begun) > 90*time.Second:
				return ok(stateSuccess)
			}
			return ok(initial)
		}
		if out, err := h.sell(shows); err != nil || out.Outcome != payment.Success {
			t.Fatalf("%+v, %v", out, err)
		}
		for i, when := range at[1:] {
			pause, want := when-at[i], soonAgain
			switch {
			case i == 1 || i == 2:
				want = faultAgain
			case at[i] >= soonFor:
				want = laterAgain
			}
			if at[0] != firstAsk || pause != want {
				t.Errorf("question %d comes %s after the one before, at %s: want %s", i+1, pause, when, want)
			}
		}
	})
}

// Another amount counts once it was said twice, and not where it was said to be two.
func TestTwoOtherAmounts(t *testing.T) {
	h := newHouse(t, nil)
	h.say = answers(map[string][]string{"tran-query": {ok(stateSuccess, m{"amount": "14.00"}), ok(stateSuccess, m{"amount": "15.00"})}})
	if out, err := h.Lookup(context.Background(), request(), h.book); err != nil || !out.Confirm || h.made() != ". ." {
		t.Errorf("%+v, %v, %s", out, err, h.made())
	}
}
