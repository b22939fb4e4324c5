package iotpay

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// started is a create_order whose answer comes by the channel.
func (c *till) started(amount string) <-chan reply {
	answers := make(chan reply, 1)
	number := c.number()
	go func() {
		r, err := c.post("/v1/create_order", orderOf(number, amount), nil)
		if err != nil {
			c.t.Error(err)
		}
		answers <- r
	}()
	return answers
}

// A person pays with an Interac card at the page: account, PIN key by key, over a socket.
func TestByHand(t *testing.T) {
	c := newTill(t, Options{})
	device := c.term.Device()
	if err := device.Do(pinpad.Action{Name: pinpad.ActionKey, Value: "5"}); err == nil || err.Error() != "The keys do nothing now" {
		t.Errorf("%v", err)
	}
	answer := c.started("2865")
	c.shows("Insert, tap or swipe card")
	w := httptest.NewRecorder()
	pinpad.New(device).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/0/", nil))
	for _, part := range []string{`lang="en"><p>Insert, tap or swipe card`, "28.65 CAD", "IOT Pay PAX PIN pad"} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("the page has no %s", part)
		}
	}
	c.do(pinpad.ActionInsert, "interac")
	c.shows("2 Savings")
	c.do(pinpad.ActionKey, "2")
	c.shows("Enter PIN")
	for _, key := range []string{"9", "yellow", "1", "2", "3", "4", "green"} {
		c.do(pinpad.ActionKey, key)
	}
	r := <-answer
	c.has(r.order(), map[string]any{"status": 2})
	c.has(r.card(), map[string]any{"accountType": "S", "emvLabel": "Interac", "cvmResults": "420300"})
	c.shows("Remove card")
	v := device.View()
	if slip := strings.Join(v.Slip, "\n"); !strings.Contains(slip, "SAVINGS") || !strings.Contains(slip, "VERIFIED BY PIN") || !strings.Contains(slip, "TEST") || strings.Contains(slip, "0130") {
		t.Errorf("slip\n%s", slip)
	}
	if len(v.Ledger) != 1 || v.Ledger[0].Amount != "-28.65 CAD" {
		t.Errorf("%+v", v.Ledger)
	}
	c.do(pinpad.ActionPull, "")
	c.shows("Welcome")
	c.kept()
}

// French from the moment the card is read, a signature on the slip, a tip by hand.
func TestFrenchSignatureTip(t *testing.T) {
	c := newTill(t, Options{})
	answer := c.started("1000")
	c.shows("Insert")
	c.do(pinpad.ActionTap, "french")
	c.has((<-answer).card(), map[string]any{"langCode": "F", "receiptDisp": "000 Approuvee 00 Merci"})
	c.shows("Bienvenue")
	answer = c.started("1000")
	c.shows("Insert")
	c.do(pinpad.ActionSwipe, "stripe")
	c.has((<-answer).card(), map[string]any{"cvmResults": "1E0300", "emvAID": ""})
	c.shows("Please sign")
	c.do(pinpad.ActionSign, "badly")
	c.shows("Welcome")
	if v := c.term.Device().View(); v.Signed != "badly" {
		t.Errorf("signed %q", v.Signed)
	}
	c.set("tip.prompt", "on")
	answer = c.started("1000")
	c.shows("Add a tip")
	if tips := c.term.Device().View().Tips; len(tips) != 4 || tips[2].Minor != 150 {
		t.Errorf("%+v", tips)
	}
	c.do(pinpad.ActionTip, "150")
	c.shows("Insert")
	c.do(pinpad.ActionKey, "red")
	c.has((<-answer).order(), map[string]any{"status": 9})
}
