package netpay

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// memory carries posts to handlers without a socket, by the host's name. A handler
// that panics with http.ErrAbortHandler is a broken connection.
type memory map[string]http.Handler

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	handler := m[r.URL.Host]
	if handler == nil {
		return nil, errors.New("connection refused")
	}
	type result struct {
		response *http.Response
		err      error
	}
	results := make(chan result, 1)
	go func() {
		defer func() {
			if recover() != nil {
				results <- result{err: errors.New("connection cut")}
			}
		}()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		results <- result{response: w.Result()}
	}()
	select {
	case res := <-results:
		return res.response, res.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// inBubble plays with a till and a terminal in one bubble of virtual time, which
// begins at 18:00 in Mexico City. Every goroutine must end with Close.
func inBubble(t *testing.T, o Options, play func(t *testing.T, c *till, start time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		net := memory{}
		c := &till{t: t, wait: 3 * time.Hour, inbox: make(chan posted, 1000), client: &http.Client{Transport: net}, base: "http://cloud.invalid"}
		o.Client, o.Till = c.client, "http://till.invalid"
		term, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		c.term = term
		net["cloud.invalid"], net["till.invalid"] = term.Handler(), http.HandlerFunc(c.listen)
		play(t, c, time.Now())
		if err := term.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A minute without a card is a cancel by the customer (sequence 25).
func TestNobodyComes(t *testing.T) {
	inBubble(t, Options{Customer: "walks-away", Pace: 1}, func(t *testing.T, c *till, start time.Time) {
		_, p := c.sell("10", nil)
		c.fields(p, map[string]any{"responseCode": "02", "amount": "0.00"})
		if took := time.Since(start); took < time.Minute || took > 65*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// How long a sale takes at pace 1: some seconds, and a roll of paper some more.
func TestPace(t *testing.T) {
	for customer, most := range map[string]time.Duration{"chip-pin": 15 * time.Second, "contactless": 12 * time.Second, "signature": 15 * time.Second, "paper-out": 40 * time.Second} {
		inBubble(t, Options{Customer: customer, Pace: 1}, func(t *testing.T, c *till, start time.Time) {
			c.sell("10", nil)
			if took := time.Since(start); took < most/3 || took > most {
				t.Errorf("%s took %v", customer, took)
			}
			time.Sleep(time.Minute)
			c.shows("Listo para cobrar")
		})
	}
}

// A token lives 43199 s, not one more (sequence 2, 3).
func TestLifeOfAToken(t *testing.T) {
	inBubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till, start time.Time) {
		c.login()
		time.Sleep(43198 * time.Second)
		c.sell("1", nil)
		time.Sleep(time.Until(start.Add(43199 * time.Second)))
		if r, err := c.push(opSale, map[string]any{"amount": 1, "folioNumber": c.folio()}); err != nil || r.status != 401 || !strings.HasPrefix(r.text("error_description"), "Access token expired: "+c.token) {
			t.Errorf("%d %s %v", r.status, r.raw, err)
		}
	})
}

// A cancel is possible on the same day before 20:00 (sequences 43 to 46).
func TestCutOff(t *testing.T) {
	inBubble(t, Options{Customer: "contactless", Pace: 0}, func(t *testing.T, c *till, start time.Time) {
		at := func(day, hour, minute, second int) {
			time.Sleep(time.Until(time.Date(1999, 12, day, hour, minute, second, 0, mexico)))
			c.login()
		}
		cancel := func(sale posted, want string) {
			t.Helper()
			c.sent(opCancel, map[string]any{"orderId": sale.text("orderId")})
			c.fields(c.result(), map[string]any{"transType": "V", "responseCode": want})
		}
		_, first := c.sell("1", nil)
		_, second := c.sell("2", nil)
		at(31, 19, 59, 59)
		cancel(first, "00")
		at(31, 20, 0, 0)
		cancel(second, "12")
		at(31, 23, 59, 59)
		late, third := c.sell("3", nil)
		cancel(third, "12")
		at(32, 0, 0, 1)
		cancel(third, "12") // of another day
		_, fourth := c.sell("4", nil)
		cancel(fourth, "00")
		c.set("reprint.reach", "today")
		c.inquire(late, nil)
		c.said("is of another day")
		c.kept()
	})
}

// A result that comes 10 min late, and a reversal that takes as long.
func TestLate(t *testing.T) {
	inBubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till, start time.Time) {
		c.set("sale.result", "late")
		folio, p := c.sell("10", nil)
		if took := time.Since(start); took < 10*time.Minute {
			t.Errorf("it took %v", took)
		}
		c.fields(p, map[string]any{"folioNumber": folio, "responseCode": "00"})
		c.set("reversal.when", "10m")
		c.customer("pending-reversal")
		folio, _ = c.sell("10", nil)
		c.customer("chip-pin")
		c.inquire(folio, nil)
		c.fields(c.result(), map[string]any{"reprintModule": "PRV"})
		time.Sleep(11 * time.Minute)
		c.inquire(folio, nil)
		c.fields(c.result(), map[string]any{"reprintModule": "RV"})
		c.kept()
	})
}

// A till that is away gets the result when it is back: the clerk presses again.
func TestTillIsAway(t *testing.T) {
	inBubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till, start time.Time) {
		c.set("listener", "unreachable")
		c.sent(opSale, map[string]any{"amount": 10, "folioNumber": c.folio()})
		time.Sleep(30 * time.Second)
		c.set("listener", "reachable")
		c.fields(c.result(), map[string]any{"responseCode": "00"})
		// Away for longer, it has to ask.
		c.set("listener", "unreachable")
		folio := c.folio()
		c.sent(opSale, map[string]any{"amount": 10, "folioNumber": folio})
		time.Sleep(2 * time.Minute)
		c.said("gives the result up")
		c.set("listener", "reachable")
		c.nothing()
		c.inquire(folio, nil)
		c.fields(c.result(), map[string]any{"isRePrint": true, "reprintModule": "C"})
		c.kept()
	})
}

// The customer whose answers get lost is found by asking; the silent one and the
// one without a network are not, until they are gone.
func TestDoubtfulCustomers(t *testing.T) {
	for customer, want := range map[string]struct {
		answered bool
		module   string
		charged  int64
	}{"late-approval": {false, "C", 1000}, "silent": {true, "", 0}, "unplugged": {true, "D", 0}} {
		inBubble(t, Options{Customer: customer, Pace: 1}, func(t *testing.T, c *till, start time.Time) {
			folio := c.folio()
			r, err := c.push(opSale, map[string]any{"amount": 10, "folioNumber": folio})
			if answered := err == nil && r.text("code") == "00"; answered != want.answered {
				t.Errorf("%s: %d %s %v", customer, r.status, r.raw, err)
			}
			c.inquire(folio, nil) // early: the terminal is busy and drops it, or hears nothing
			time.Sleep(3 * time.Minute)
			c.nothing()
			if c.charged(folio) != want.charged {
				t.Errorf("%s: charged %d", customer, c.charged(folio))
			}
			if customer != "late-approval" {
				c.customer("chip-pin")
				c.set("network", "plugged")
			}
			c.inquire(folio, nil)
			if want.module == "" {
				c.said("There is nothing to reprint")
				c.nothing()
			} else {
				c.fields(c.result(), map[string]any{"reprintModule": want.module, "folioNumber": folio})
			}
			if customer == "late-approval" {
				c.kept()
			}
		})
	}
}

// A till that pushes twice at once is told; one that asks early because it had no
// answer is not.
func TestParallelOperations(t *testing.T) {
	inBubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till, start time.Time) {
		c.set("sale.answer", "lose")
		folio := c.folio()
		if _, err := c.push(opSale, map[string]any{"amount": 10, "folioNumber": folio}); err == nil {
			t.Error("the answer came")
		}
		c.inquire(folio, nil)
		c.kept()
		c.result()
		time.Sleep(time.Second)
		c.sent(opSale, map[string]any{"amount": 10, "folioNumber": c.folio()})
		c.inquire(folio, nil)
		c.kept("reprint while the sale")
		c.result()
		// The next push may follow at once, before the terminal shows that it is free.
		c.sell("10", nil)
		c.kept("reprint while the sale")
	})
}

// The same run gives the same bytes.
func TestRepeatable(t *testing.T) {
	var runs [2]string
	for i := range runs {
		inBubble(t, Options{Customer: "signature", Pace: 1}, func(t *testing.T, c *till, start time.Time) {
			for range 3 {
				_, p := c.sell("10", nil)
				runs[i] += string(p.raw) + c.token + "\n"
			}
		})
	}
	if runs[0] != runs[1] {
		t.Errorf("first\n%s\nthen\n%s", runs[0], runs[1])
	}
}

// Close ends whatever is going on, at any moment.
func TestCloseInTheMiddle(t *testing.T) {
	for after := time.Duration(0); after < 12*time.Second; after += 700 * time.Millisecond {
		inBubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till, start time.Time) {
			c.set("sale.result", "late")
			c.set("sale.push", "duplicate")
			c.set("busy-push", "queue")
			folio := c.folio()
			c.sent(opSale, map[string]any{"amount": 10, "folioNumber": folio})
			time.Sleep(after)
			if err := c.term.Close(); err != nil {
				t.Error(err)
			}
			if _, err := c.push(opSale, map[string]any{"amount": 1, "folioNumber": c.folio()}); err == nil {
				t.Error("a closed cloud answered")
			}
		})
	}
}
