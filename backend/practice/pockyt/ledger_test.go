package pockyt

import (
	"os"
	"reflect"
	"testing"
	"time"
)

// A cloud that starts again knows everything, goes on with open payments, and gives
// no number twice.
func TestRestart(t *testing.T) {
	file := ledgerFile(t)
	var before []Booking
	bubble(t, Options{Customer: "contactless", Ledger: file, Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "10.00")
		c.refund("sale-1", "4.00", "r-1")
		before = c.cloud.Bookings()
		if err := c.cloud.SetCustomer("abandons"); err != nil {
			t.Fatal(err)
		}
		c.qr("sale-2", "3.00", "timeout", "60")
		settle(10 * time.Second)
	})
	bubble(t, Options{Customer: "chip-pin", Ledger: file, Pace: 1}, func(t *testing.T, c *till) {
		if got := c.cloud.Bookings(); len(got) != len(before) || !got[0].At.Equal(before[0].At) || got[1].ID != before[1].ID || !got[1].Charged {
			t.Errorf("%+v, before %+v", got, before)
		}
		if got := c.ends("sale-2"); got != "success" {
			t.Errorf("the open one is %q", got)
		}
		if a := c.add("sale-3", "1.00"); a.code() != "000100" || a.field("transactionNo") == c.ask("sale-2").field("transactionNo") {
			t.Errorf("%s", a.raw)
		}
		if a := c.add("sale-1", "1.00"); a.code() != "000023" {
			t.Errorf("a used reference: %s", a.raw)
		}
	})
}

// The same requests get the same numbers.
func TestSameNumbers(t *testing.T) {
	run := func() (list []Booking) {
		bubble(t, Options{Customer: "chip-pin", Pace: 1, Seed: 7}, func(t *testing.T, c *till) {
			c.order("sale-1", "10.00")
			c.qr("sale-2", "3.00")
			settle(time.Minute)
			c.refund("sale-1", "4.00", "r-1")
			list = c.cloud.Bookings()
		})
		return list
	}
	first := run()
	if again := run(); !reflect.DeepEqual(first, again) || len(first) != 3 {
		t.Errorf("%+v\n%+v", first, again)
	}
}

// A torn last line was never answered; any other bad line is an error.
func TestDamagedLedger(t *testing.T) {
	file := ledgerFile(t)
	bubble(t, Options{Customer: "contactless", Ledger: file}, func(t *testing.T, c *till) { c.order("sale-1", "10.00") })
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(whole, `{"serial":9,"no":"29`...), 0o600); err != nil {
		t.Fatal(err)
	}
	bubble(t, Options{Ledger: file}, func(t *testing.T, c *till) {
		if len(c.cloud.Bookings()) != 1 {
			t.Errorf("%+v", c.cloud.Bookings())
		}
	})
	if err := os.WriteFile(file, append([]byte("nonsense\n"), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Ledger: file}); err == nil {
		t.Error("a damaged ledger is taken")
	}
}

func FuzzLedgerLine(f *testing.F) {
	f.Add([]byte(`{"serial":1,"no":"297553600000000001","reference":"a","minor":5,"currency":"USD","status":"success","booked":1,"refunds":[{"no":"2","minor":5,"cancel":true}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		o, err := decodeLine(line)
		if err != nil {
			return
		}
		l := &ledger{index: map[string]*order{}}
		l.remember(o)
		l.remember(o)
		if len(l.orders) != 1 || len(l.entries) > 1+len(o.Refunds) {
			t.Errorf("%d orders, %d bookings", len(l.orders), len(l.entries))
		}
	})
}
