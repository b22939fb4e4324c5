package pockyt

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

var listening = payment.Settings{"listen": "127.0.0.1:8450", "callback-url": "https://till.example"}

// paidNotice is what Pockyt tells of the order of all tests.
func paidNotice(change fields) fields {
	f := fields{"transactionNo": number, "status": stateSuccess, "amount": "13.00", "currency": "USD", "settleCurrency": "USD", "time": "20261122180003", "reference": ref}
	maps.Copy(f, change)
	return f
}

// 35 to 37: a notification is stored, acknowledged exactly, and has the sale asked
// about at once; it decides nothing.
func TestSeq35Seq37Notification(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, listening)
		paid := false
		h.say = func(call string, _ int, _ fields) string {
			switch {
			case call == "add":
				return ok(initial)
			case call == "prepay":
				return "" // its answer never comes
			case paid:
				return ok(stateSuccess)
			}
			return ok(statePending)
		}
		begun := time.Now()
		go func() {
			time.Sleep(1500 * time.Millisecond)
			h.deliver(paidNotice(nil), token1) // a lie so far: asked, and still pending
			time.Sleep(2 * time.Second)
			paid = true
			for range 8 {
				if status, said := h.deliver(paidNotice(fields{"note": "more", "vendorId": "2026"}), token1); status != 200 || said != "success" {
					t.Errorf("%d %q", status, said)
				}
			}
		}()
		out, err := h.sell()
		if took := time.Since(begun); err != nil || out.Outcome != payment.Success || took != 3500*time.Millisecond {
			t.Errorf("%+v, %v after %s", out, err, took)
		}
		if len(h.inbox.list) != 1 || h.inbox.list[0].Reference != ref || strings.Contains(h.inbox.list[0].Body, sign(paidNotice(nil), token1)) {
			t.Errorf("%+v", h.inbox.list)
		}
		if sent := h.last("add")["ipnUrl"]; sent != "https://till.example"+h.path || len(h.path) < 40 {
			t.Errorf("told to deliver to %s", sent)
		}
	})
}

// What a notification says is paid is not closed, though the query is behind and the
// cashier gives it up: a cancel would give the money back. Nor after a restart.
func TestNoticedIsNotClosed(t *testing.T) {
	for _, late := range []bool{true, false} {
		bubble(t, func(t *testing.T) {
			h := newHouse(t, listening)
			begun := time.Now()
			h.say = func(call string, _ int, _ fields) string {
				switch {
				case call == "add":
					return ok(initial)
				case late && time.Since(begun) > 40*time.Second:
					return ok(stateSuccess)
				}
				return ok(statePending)
			}
			r := request()
			go func() {
				time.Sleep(10 * time.Second)
				h.deliver(paidNotice(nil), token1)
				if err := h.Abort(context.Background(), r, "", h.book); err != nil {
					t.Error(err)
				}
			}()
			out, err := h.Sale(context.Background(), r, h.book)
			want := map[bool]payment.Outcome{true: payment.Success, false: payment.Unknown}[late]
			if err != nil || out.Outcome != want {
				t.Errorf("%+v, %v", out, err)
			}
			if !late {
				if err := h.Abort(context.Background(), r, "", h.book); err == nil {
					t.Error("closed without a word")
				}
			}
			if n := h.count("cancel"); n != 0 {
				t.Errorf("%d cancels", n)
			}
		})
	}
}

// 36: what is not to be believed is kept, never applied, and never acknowledged.
func TestSeq36BadNotifications(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, listening)
		h.say = answers(map[string][]string{"add": {ok(initial)}, "prepay": {ok(statePending)}, "tran-query": {ok(statePending)}, "cancel": {ok(stateClosed)}})
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			time.Sleep(1500 * time.Millisecond)
			before := h.count("tran-query")
			for name, c := range map[string]struct {
				f     fields
				token string
			}{
				"wrong token":       {paidNotice(nil), "wrong"},
				"no signature":      {paidNotice(nil), ""},
				"another amount":    {paidNotice(fields{"amount": "1.00"}), token1},
				"an odd amount":     {paidNotice(fields{"amount": "13.001"}), token1},
				"another currency":  {paidNotice(fields{"currency": "CNY"}), token1},
				"another reference": {paidNotice(fields{"reference": "seq_1"}), token1},
				"no status":         {paidNotice(fields{"status": ""}), token1},
			} {
				if status, said := h.deliver(c.f, c.token); status != 400 || strings.Contains(said, "success") {
					t.Errorf("%s: %d %q", name, status, said)
				}
			}
			time.Sleep(100 * time.Millisecond)
			if h.count("tran-query") != before {
				t.Error("it was applied")
			}
			if status, said := h.deliver(paidNotice(nil), token1); status != 200 || said != "success" {
				t.Errorf("a right one after wrong ones: %d %q", status, said)
			}
		}()
		if _, err := h.sell(); err != nil {
			t.Error(err)
		}
		<-gone
		if n := len(h.inbox.list); n != 8 {
			t.Errorf("%d deliveries are kept", n)
		}
		for _, d := range h.inbox.list {
			if wrong := d.Fault != ""; wrong && d.Reference != "" && !strings.Contains(d.Fault, "amount") && !strings.Contains(d.Fault, "currency") {
				t.Errorf("%+v", d)
			}
		}
	})
}

func TestDoor(t *testing.T) {
	for name, c := range map[string]struct {
		set  payment.Settings
		url  string
		told bool
	}{
		"none":           {nil, "", false},
		"no public name": {payment.Settings{"listen": ":8450"}, "", false},
		"public":         {listening, "https://till.example/pockyt/", true},
		"practice":       {payment.Settings{"listen": "127.0.0.1:0", "base-url": "http://127.0.0.1:9"}, "http://127.0.0.1:8450/pockyt/", true},
	} {
		h := newHouse(t, c.set)
		if d := h.Door(); !strings.HasPrefix(d.URL, c.url) || c.told != (d.URL != "") || c.told != (d.Probe != nil) || d.Without == "" {
			t.Errorf("%s: %+v", name, d)
		}
		if h.post == nil {
			continue
		}
		w := httptest.NewRecorder()
		h.post.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/pockyt/guess", strings.NewReader("x=y")))
		if w.Code != 404 {
			t.Errorf("%s: a wrong path gets %d", name, w.Code)
		}
	}
	if err := newHouse(t, nil).Close(); err != nil {
		t.Error(err)
	}
}

// After a restart nothing but the journal's inbox is there: a notification is taken.
func TestNotificationWithoutASale(t *testing.T) {
	h := newHouse(t, listening)
	if status, said := h.deliver(paidNotice(fields{"amount": "99.00"}), token1); status != 200 || said != received || len(h.inbox.list) != 1 {
		t.Errorf("%d %q", status, said)
	}
}

func FuzzNotice(f *testing.F) {
	f.Add([]byte("transactionNo=1&status=success&reference=" + ref + "&verifySign=00"))
	f.Add([]byte("%zz=1&&=;"))
	f.Fuzz(func(t *testing.T, body []byte) {
		terminal := &Terminal{settings: settings{token: token1}, visits: map[string]*visit{}}
		d := terminal.read(body)
		if d.Fault == "" && d.Reference == "" {
			t.Errorf("%q has neither a fault nor a reference", body)
		}
	})
}
