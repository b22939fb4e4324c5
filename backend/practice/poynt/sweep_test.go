package poynt

import (
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Whatever choice of whatever switch is set, at whatever pace: nothing panics,
// nothing is charged twice, nothing hangs, and the transactions API agrees with
// the ledger once the trouble is over.
func TestEveryChoice(t *testing.T) {
	for _, f := range Faults() {
		for _, choice := range f.Choices {
			values := []string{choice}
			if f.Once {
				values = append(values, bench.Always+choice)
			}
			for _, value := range values {
				t.Run(f.Name+"="+value, func(t *testing.T) { sweepOne(t, f, value) })
			}
		}
	}
}

func sweepOne(t *testing.T, f Fault, value string) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault(f.Name, value)
		aboutTokens := strings.Contains(f.Name, "token") || f.Name == "token.assertion"
		if aboutTokens { // signatures take most of the time of this test
			c.askToken(byAssertion(c.assertion(claims())))
		}
		c.get("/businesses/" + BusinessID)
		c.post("/cloudMessages", c.envelope(c.nested("sale-1", 1256, nil), nil))
		settle(5 * time.Minute)
		c.get(transactionsPath)
		bookings := c.cloud.Bookings()
		if len(bookings) > 0 {
			id := bookings[0].ID
			c.get(transactionsPath + "/" + id)
			c.post(transactionsPath, refundBody(id, "100"))
			c.post(transactionsPath+"/"+id+"/capture", "")
			c.post(transactionsPath+"/"+id+"/void", "")
		}
		for _, all := range Faults() {
			c.fault(all.Name, all.Choices[0])
		}
		if aboutTokens {
			c.signIn()
		}
		settle(10 * time.Minute)
		if _, n := c.cloud.Charged("sale-1"); n > 1 && !strings.HasPrefix(value, "duplicate") {
			t.Errorf("charged %d times", n)
		}
		shown := map[string]string{}
		for _, tx := range transactionsOf(c.get(transactionsPath + "?limit=100").body) {
			shown[text(tx["id"])] = text(tx["status"])
		}
		for _, b := range c.cloud.Bookings() {
			_, listed := shown[b.ID]
			if b.Charged && !listed {
				t.Errorf("%+v stands charged and the cloud does not list it", b)
			}
			captured := b.Kind == kindPurchase && !b.Charged && shown[b.ID] == statusCaptured && f.Name == "payment.purchase" // its capture is charged
			if listed && !captured && b.Charged == (shown[b.ID] == statusDeclined || shown[b.ID] == statusVoided) {
				t.Errorf("%+v is listed as %s", b, shown[b.ID])
			}
		}
	})
}
