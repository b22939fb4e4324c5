package poynt

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// quiet is a sale without RECEIVED and STARTED.
func (c *till) quiet(reference string) {
	c.t.Helper()
	c.sell(reference, 1256, map[string]any{"enableStatusUpdates": false})
}

// The transport of poynt.md 9.1.
func TestCallbackTransport(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		data := asJSON(t, map[string]any{"callbackUrl": c.back, "custom-http-header": "X-Till-Key: 9b1f:7", "payment": `{"amount":100,"currency":"USD","referenceId":"sale-1"}`})
		c.send(data, nil)
		settle(time.Minute)
		a := c.got()[0]
		if a.header.Get("X-Till-Key") != "9b1f:7" || a.header.Get("Content-Type") != "application/json; charset=utf-8" ||
			!strings.HasPrefix(a.header.Get("User-Agent"), "okhttp/") || a.header.Get("Accept-Encoding") != "gzip" || a.header.Get("Content-Encoding") != "" {
			t.Errorf("headers %v", a.header)
		}
		c.fault("callback.custom-header", "dropped")
		c.fault("callback.gzip", "on")
		c.send(strings.ReplaceAll(data, "sale-1", "sale-2"), nil)
		settle(time.Minute)
		if a := c.got()[1]; a.header.Get("X-Till-Key") != "" || a.header.Get("Content-Encoding") != "gzip" || a.err != nil || a.payment["referenceId"] != "sale-2" {
			t.Errorf("the packed one: %v %v", a.header, a.err)
		}
		c.noViolations()
	})
}

// When an unacknowledged callback is repeated (poynt.md 9.2).
func TestRepeats(t *testing.T) {
	cases := map[string]struct {
		answers []int
		slow    time.Duration
		faults  map[string]string
		offsets []time.Duration // of the attempts, from the first
	}{
		"acknowledged":       {answers: []int{200}, offsets: []time.Duration{0}},
		"second time":        {answers: []int{500, 200}, offsets: []time.Duration{0, 5 * time.Second}},
		"never":              {answers: []int{500, 404, 503, 200}, offsets: []time.Duration{0, 5 * time.Second, 10 * time.Second}},
		"201 is no 200":      {answers: []int{201, 204, 200}, offsets: []time.Duration{0, 5 * time.Second, 10 * time.Second}},
		"201 is as good":     {answers: []int{201}, faults: map[string]string{"callback.accepts": "2xx"}, offsets: []time.Duration{0}},
		"a redirect":         {answers: []int{302, 200}, offsets: []time.Duration{0, 5 * time.Second}},
		"4xx ends it":        {answers: []int{404}, faults: map[string]string{"callback.4xx": "ends"}, offsets: []time.Duration{0}},
		"answered too late":  {slow: 4 * time.Second, offsets: []time.Duration{0, 5 * time.Second, 10 * time.Second}},
		"answered in time":   {slow: 2 * time.Second, offsets: []time.Duration{0}},
		"chained":            {answers: []int{500, 500, 500}, faults: map[string]string{"callback.retry": "chained"}, offsets: []time.Duration{0, 5 * time.Second, 15 * time.Second}},
		"the answer is lost": {faults: map[string]string{"callback.result": "answer-lost"}, offsets: []time.Duration{0, 5 * time.Second, 10 * time.Second}},
		"duplicate":          {faults: map[string]string{"callback.result": "duplicate"}, offsets: []time.Duration{0, 0}},
		"flood":              {faults: map[string]string{"callback.result": "flood"}, offsets: make([]time.Duration, 50)},
		"lost":               {faults: map[string]string{"callback.result": "lose"}},
		"no listener":        {faults: map[string]string{"listener": "unreachable"}},
		"plain http":         {faults: map[string]string{"callback.scheme": "https-only"}},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
				for name, value := range one.faults {
					c.fault(name, value)
				}
				c.answers, c.slow = one.answers, one.slow
				c.quiet("sale-1")
				settle(5 * time.Minute)
				var offsets []time.Duration
				for _, a := range c.got() {
					offsets = append(offsets, a.at.Sub(c.got()[0].at))
				}
				if !slices.Equal(offsets, one.offsets) {
					t.Errorf("attempts at %v, want %v; log:\n%s", offsets, one.offsets, c.log())
				}
				for _, a := range c.got() {
					if !bytes.Equal(a.raw, c.got()[0].raw) {
						t.Error("a repeat says something else")
					}
				}
				c.charged("sale-1", 1256, 1)
			})
		})
	}
}

// The first attempt may get lost, and a late result comes a minute later.
func TestLateResults(t *testing.T) {
	for fault, after := range map[string]time.Duration{"ok": 0, "lose-first": 5 * time.Second, "late": time.Minute} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("callback.result", fault)
			c.quiet("sale-1")
			settle(5 * time.Minute)
			booked := c.cloud.Bookings()[0].At
			if got := c.got(); len(got) != 1 || got[0].at.Sub(booked) != shownFor+after {
				t.Errorf("%s: %d callbacks, log:\n%s", fault, len(got), c.log())
			}
		})
	}
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("callback.progress", "late")
		c.sell("sale-1", 1256, nil)
		settle(5 * time.Minute)
		if got := c.statuses(); !slices.Equal(got, []string{"STARTED", "PROCESSED", "RECEIVED"}) {
			t.Errorf("callbacks %q", got)
		}
	})
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("callback.updates", "never")
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		c.fault("callback.updates", "always")
		c.quiet("sale-2")
		settle(time.Minute)
		if got := c.statuses(); !slices.Equal(got, []string{"PROCESSED", "RECEIVED", "STARTED", "PROCESSED"}) {
			t.Errorf("callbacks %q", got)
		}
	})
}

// What the till does wrong with a callback is put down.
func TestJudgedAnswers(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.answers = []int{http.StatusTeapot}
		c.quiet("sale-1")
		settle(time.Minute)
		c.violated("answered with 418")
		c.slow = 5 * time.Second
		c.quiet("sale-2")
		settle(time.Minute)
		c.violated("not answered within 3s")
	})
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("callback.card-data", "told")
		c.quiet("sale-1")
		settle(time.Minute)
		tx := transactionsOf(c.result())[0]
		for _, name := range []string{"expirationMonth", "track1data", "track2data", "cardHolderFullName", "numberHashed"} {
			if field(tx, "fundingSource.card."+name) == nil {
				t.Errorf("%s is missing", name)
			}
		}
		again := c.get(transactionsPath + "/" + text(tx["id"]))
		if field(again.body, "fundingSource.emvData.emvTags.0x57") == nil {
			t.Errorf("asked: %s", again.raw)
		}
	})
}

// A message without a callback URL still charges; the till can only ask.
func TestNoCallbackURL(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.send(`{"payment":"{\"amount\":100,\"currency\":\"USD\",\"referenceId\":\"sale-1\"}"}`, nil)
		settle(time.Minute)
		c.charged("sale-1", 100, 1)
		c.violated("no callbackUrl")
		if len(c.got()) > 0 {
			t.Error("something was posted")
		}
		link := url.QueryEscape(c.back + "?a=1&b=<2>")
		c.send(`{"action":"sale","purchaseAmount":100,"currency":"USD","referenceId":"sale-2","callbackUrl":"`+link+`"}`, nil)
		settle(time.Minute)
		if len(c.got()) != 1 {
			t.Error("the encoded address was not reached")
		}
	})
}

// What a till is told it finds at once by asking, unless the API lags behind.
func TestToldIsFound(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.quiet("sale-1")
		<-c.news
		if id := text(transactionsOf(c.got()[0].payment)[0]["id"]); c.status(id) != "CAPTURED" {
			t.Errorf("it is %q", c.status(id))
		}
	})
}
