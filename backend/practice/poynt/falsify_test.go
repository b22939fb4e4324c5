package poynt

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"
)

// firstOf is a field of the first transaction.
func firstOf(payment map[string]any, path string) any {
	list := transactionsOf(payment)
	if len(list) == 0 {
		return nil
	}
	return field(list[0], path)
}

// falsified tells for each way of falsifying a result what must arrive.
var falsified = map[string]func(t *testing.T, a arrived){
	"wrong-reference": func(t *testing.T, a arrived) {
		if a.payment["referenceId"] == "sale-1" || strings.Contains(string(a.raw), `"id":"sale-1"`) {
			t.Errorf("%s", a.raw)
		}
	},
	"wrong-amount": func(t *testing.T, a arrived) {
		if firstOf(a.payment, "amounts.orderAmount") != 2256.0 {
			t.Errorf("%s", a.raw)
		}
	},
	"wrong-currency": func(t *testing.T, a arrived) {
		if firstOf(a.payment, "amounts.currency") != "CAD" {
			t.Errorf("%s", a.raw)
		}
	},
	"wrong-device": func(t *testing.T, a arrived) {
		if id := text(firstOf(a.payment, "context.storeDeviceId")); id == DeviceID || !strings.HasPrefix(id, "urn:tid:") {
			t.Errorf("%s", a.raw)
		}
	},
	"wrong-business": func(t *testing.T, a arrived) {
		if firstOf(a.payment, "context.businessId") == BusinessID {
			t.Errorf("%s", a.raw)
		}
	},
	"replay": func(t *testing.T, a arrived) {
		if a.payment["referenceId"] != "sale-0" {
			t.Errorf("%s", a.raw)
		}
	},
	"truncate": func(t *testing.T, a arrived) { wantBroken(t, a) },
	"garbage":  func(t *testing.T, a arrived) { wantBroken(t, a) },
	"empty":    func(t *testing.T, a arrived) { wantBroken(t, a) },
	"invalid-utf8": func(t *testing.T, a arrived) {
		if !bytes.Contains(a.raw, []byte("\xff\xfe")) {
			t.Errorf("%s", a.raw)
		}
	},
	"gzip": func(t *testing.T, a arrived) {
		if a.header.Get("Content-Encoding") != "gzip" || a.payment["status"] != "PROCESSED" {
			t.Errorf("%v %v", a.header, a.err)
		}
	},
	"gzip-bomb": func(t *testing.T, a arrived) {
		zip, err := gzip.NewReader(bytes.NewReader(a.raw))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, zip); n != bombSize || err != nil || len(a.raw) > bombSize/100 {
			t.Errorf("%d bytes become %d, %v", len(a.raw), n, err)
		}
	},
	"strange-encoding": func(t *testing.T, a arrived) {
		if a.header.Get("Content-Encoding") != "br" {
			t.Errorf("%v", a.header)
		}
	},
	"unknown-fields": func(t *testing.T, a arrived) {
		if a.payment["practiceUnknownField"] == nil || a.payment["status"] != "PROCESSED" {
			t.Errorf("%s", a.raw)
		}
	},
	"big": func(t *testing.T, a arrived) {
		if len(a.raw) < bigCallback || a.payment["status"] != "PROCESSED" {
			t.Errorf("%d bytes", len(a.raw))
		}
	},
	"reference-spelling": func(t *testing.T, a arrived) {
		if a.payment["referenceID"] != "sale-1" || a.payment["referenceId"] != nil {
			t.Errorf("%s", a.raw)
		}
	},
	"unknown-status":  func(t *testing.T, a arrived) { wantStatus(t, a, "SOMETHING_NEW", 1) },
	"completed":       func(t *testing.T, a arrived) { wantStatus(t, a, "COMPLETED", 1) },
	"hold":            func(t *testing.T, a arrived) { wantStatus(t, a, "HOLD", 0) },
	"no-transactions": func(t *testing.T, a arrived) { wantStatus(t, a, "PROCESSED", 0) },
	"forged-too":      func(t *testing.T, a arrived) { wantStatus(t, a, "PROCESSED", 1) },
	"forged":          func(t *testing.T, a arrived) { wantStatus(t, a, "PROCESSED", 1) },
}

// Every falsified result says something else than the ledger, and the ledger and
// the transactions API still say the truth.
func TestFalsifiedResults(t *testing.T) {
	for _, choice := range resultChoices {
		check := falsified[choice]
		if check == nil {
			continue // TestRepeats and TestLateResults have those of time and number
		}
		t.Run(choice, func(t *testing.T) {
			bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
				c.quiet("sale-0")
				settle(time.Minute)
				c.fault("callback.result", choice)
				c.quiet("sale-1")
				settle(time.Minute)
				got := c.got()
				if len(got) < 2 {
					t.Fatal("no callback came")
				}
				check(t, got[1])
				c.charged("sale-1", 1256, 1)
				truth := transactionsOf(c.get(transactionsPath + "?searchKey=sale-1").body)
				if len(truth) != 1 || minorOf(truth[0], "amounts.orderAmount") != 1256 || field(truth[0], "context.storeDeviceId") != DeviceID {
					t.Errorf("the cloud says %v", truth)
				}
				if choice == "forged-too" && (len(got) != 3 || firstOf(got[2].payment, "id") != truth[0]["id"]) {
					t.Errorf("after the forgery came %d callbacks", len(got)-2)
				}
				if strings.HasPrefix(choice, "forged") {
					c.refused(c.get(transactionsPath+"/"+text(firstOf(got[1].payment, "id"))), 404, "TRANSACTION_NOT_FOUND")
				}
				c.noViolations()
			})
		})
	}
	if len(falsified)+7 != len(resultChoices) {
		t.Errorf("%d ways are tested here and 7 elsewhere, there are %d", len(falsified), len(resultChoices))
	}
}

// A forged approval of what was cancelled, and a replay with nothing before it.
func TestForgedFromNothing(t *testing.T) {
	bubble(t, Options{Customer: "cancels", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("callback.result", "forged")
		c.quiet("sale-1")
		settle(time.Minute)
		if len(transactionsOf(c.result())) != 1 || c.result()["status"] != "PROCESSED" {
			t.Errorf("forged: %v", c.result())
		}
		c.charged("sale-1", 0, 0)
		fresh := newTill(t, Options{Customer: "cancels", Pace: 1})
		fresh.signIn()
		fresh.fault("callback.result", "replay")
		fresh.quiet("sale-1")
		settle(time.Minute)
		if fresh.result()["referenceId"] != "last-week" {
			t.Errorf("replay: %v", fresh.result())
		}
		if err := fresh.cloud.Close(); err != nil {
			t.Error(err)
		}
	})
}

func wantBroken(t *testing.T, a arrived) {
	t.Helper()
	if a.err == nil {
		t.Errorf("it could be read: %s", a.raw)
	}
}

func wantStatus(t *testing.T, a arrived, status string, transactions int) {
	t.Helper()
	if a.payment["status"] != status || len(transactionsOf(a.payment)) != transactions {
		t.Errorf("%s", a.raw)
	}
}
