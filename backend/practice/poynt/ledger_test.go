package poynt

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What was booked is there after a restart, under ids of its own, and what was
// done once is not done again.
func TestRestart(t *testing.T) {
	file := ledgerFile(t)
	request := uuid.NewString()
	var sale, refund, auth string
	var path string
	bubble(t, Options{Ledger: file, Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		sale = c.paid("sale-1")
		refund = refundBody(sale, "500")
		if a := c.do(c.request("POST", transactionsPath, refund, request)); a.status != 200 {
			t.Fatal(a)
		}
		c.fault("payment.purchase", "authorize")
		auth = c.paid("sale-2")
		path = transactionsPath + "/" + auth
		c.post(path+"/capture", "")
		c.sell("sale-3", 100, nil)
		settle(500 * time.Millisecond) // on the screen, not booked
	})
	bubble(t, Options{Ledger: file, Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		settle(time.Hour) // every bubble begins at the same moment
		c.charged("sale-1", 1256, 1)
		c.charged("sale-2", 1256, 1)
		c.charged("sale-3", 0, 0)
		if c.status(sale) != "PARTIALLY_REFUNDED" || c.status(auth) != "CAPTURED" {
			t.Errorf("%s, %s", c.status(sale), c.status(auth))
		}
		c.refused(c.do(c.request("POST", transactionsPath, refund, request)), 400, "REQUEST_ID_DUPLICATE")
		c.refused(c.post(transactionsPath, refundBody(sale, "757")), 400, "INVALID_PARAMETER")
		before := len(c.cloud.Bookings())
		id := c.paid("sale-4")
		if list := c.cloud.Bookings(); len(list) != before+1 || list[before].ID != id {
			t.Errorf("an id was given twice: %+v", list)
		}
		tx := c.get(transactionsPath + "/" + sale).body
		if minorOf(tx, "amounts.orderAmount") != 1256 || field(tx, "fundingSource.card.numberLast4") != "0010" || !strings.HasSuffix(text(tx["createdAt"]), "Z") {
			t.Errorf("the transaction did not survive: %v", tx)
		}
	})
}

// What was approved offline reaches the cloud after a restart too.
func TestOfflineApprovalSurvives(t *testing.T) {
	file := ledgerFile(t)
	bubble(t, Options{Ledger: file, Customer: "unplugged", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("payment.offline", "approves")
		c.quiet("sale-1")
		settle(time.Minute)
		c.charged("sale-1", 1256, 1)
		if got := c.listed(""); len(got) != 0 || len(c.got()) != 0 {
			t.Errorf("the cloud knows %q", got)
		}
	})
	bubble(t, Options{Ledger: file, Pace: 1}, func(t *testing.T, c *till) {
		settle(time.Minute)
		if got := c.listed(""); len(got) != 1 {
			t.Errorf("the cloud knows %q", got)
		}
	})
}

func TestDamagedLedger(t *testing.T) {
	file := ledgerFile(t)
	bubble(t, Options{Ledger: file, Customer: "contactless"}, func(t *testing.T, c *till) {
		c.quiet("sale-1")
		settle(time.Second)
		c.quiet("sale-2")
		settle(time.Second)
	})
	whole := read(t, file)
	torn := whole[:len(whole)-20]
	write(t, file, torn)
	cloud, err := New(Options{Ledger: file})
	if err != nil {
		t.Fatal(err)
	}
	if b := cloud.Bookings(); len(b) != 1 || b[0].Reference != "sale-1" {
		t.Errorf("bookings %+v", b)
	}
	if err := cloud.Close(); err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(whole, "\n")
	if got := read(t, file); got != first+"\n" {
		t.Errorf("the torn line was not cut off: %q", got)
	}
	for _, bad := range []string{"{}\n", "[{}]\n", "rubbish\n", "[{\"booking\":{\"id\":7}}]\n"} {
		write(t, file, bad+first+"\n")
		if _, err := New(Options{Ledger: file}); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := New(Options{Ledger: t.TempDir()}); err == nil {
		t.Error("a folder is no ledger")
	}
}

// A payment that cannot be booked has not happened.
func TestLedgerThatCannotBeWritten(t *testing.T) {
	file := ledgerFile(t)
	bubble(t, Options{Ledger: file, Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		if err := c.cloud.ledger.Close(); err != nil { // nothing can be written any more
			t.Fatal(err)
		}
		c.quiet("sale-1")
		settle(time.Minute)
		c.charged("sale-1", 0, 0)
		if c.result()["status"] != "CANCELED" || len(c.listed("")) != 0 {
			t.Errorf("result %v", c.result())
		}
	})
}

// The same seed and the same requests give the same ids.
func TestSeed(t *testing.T) {
	run := func(seed int64) (id string) {
		bubble(t, Options{Seed: seed, Customer: "contactless"}, func(t *testing.T, c *till) { id = c.paid("sale-1") })
		return id
	}
	if a, b, other := run(1), run(1), run(2); a != b || a == other || uuid.Validate(a) != nil {
		t.Errorf("ids %s %s %s", a, b, other)
	}
}
