package poynt

import (
	"slices"
	"testing"
	"time"
)

// How each customer's payment of 12.56 ends: in the callback, in the cloud and in
// the ledger.
func TestCustomers(t *testing.T) {
	type ending struct {
		status       string   // of the result's callback; empty: none comes
		transactions []string // their statuses, as the transactions API lists them
		charged      int64
		bookings     int
		outcome      string // of the last booking; empty: there is none
	}
	endings := map[string]ending{
		"chip-pin":         {"PROCESSED", []string{"CAPTURED"}, 1256, 1, "approved"},
		"contactless":      {"PROCESSED", []string{"CAPTURED"}, 1256, 1, "approved"},
		"phone":            {"PROCESSED", []string{"CAPTURED"}, 1256, 1, "approved"},
		"signature":        {"PROCESSED", []string{"CAPTURED"}, 1256, 1, "approved"},
		"stripe":           {"PROCESSED", []string{"CAPTURED"}, 1256, 1, "approved"},
		"wrong-then-right": {"PROCESSED", []string{"CAPTURED"}, 1256, 1, "approved"},
		"declined":         {"PROCESSED", []string{"DECLINED"}, 0, 0, "declined"},
		"insufficient":     {"PROCESSED", []string{"DECLINED"}, 0, 0, "declined"},
		"unreachable":      {"PROCESSED", []string{"DECLINED"}, 0, 0, "declined"},
		"wrong-pin":        {"PROCESSED", []string{"DECLINED"}, 0, 0, "declined"},
		"second-card":      {"PROCESSED", []string{"DECLINED", "CAPTURED"}, 1256, 1, "approved"},
		"tip":              {"PROCESSED", []string{"CAPTURED"}, 1382, 1, "approved"},
		"tip-later":        {"PROCESSED", []string{"CAPTURED"}, 1444, 1, "approved"},
		"partial":          {"PROCESSED", []string{"CAPTURED"}, 628, 1, "approved"},
		"split":            {"PROCESSED", []string{"CAPTURED"}, 628, 1, "approved"},
		"cash":             {"PROCESSED", []string{"CAPTURED"}, 1256, 1, "approved"},
		"cancels":          {"CANCELED", nil, 0, 0, "cancelled"},
		"walks-away":       {"CANCELED", nil, 0, 0, "cancelled"},
		"pulls-card":       {"CANCELED", nil, 0, 0, "cancelled"},
		"late-approval":    {"", []string{"CAPTURED"}, 1256, 1, "approved"},
		"silent":           {"", nil, 0, 0, ""},
		"offline":          {"", nil, 0, 0, ""},
		"unplugged":        {"", nil, 0, 0, "declined"},
		"offline-approval": {"", []string{"CAPTURED"}, 1256, 1, "approved"},
	}
	for _, who := range Customers() {
		t.Run(who.Name, func(t *testing.T) {
			want, known := endings[who.Name]
			if !known {
				t.Fatal("how this customer ends is not written down")
			}
			bubble(t, Options{Customer: who.Name, Pace: 1}, func(t *testing.T, c *till) {
				c.sell("sale-1", 1256, nil)
				settle(5 * time.Minute)
				words := slices.DeleteFunc(c.statuses(), func(s string) bool { return s == "RECEIVED" || s == "STARTED" })
				if want.status == "" && len(words) > 0 || want.status != "" && !slices.Equal(words, []string{want.status}) {
					t.Errorf("results %q, want %q; log:\n%s", words, want.status, c.log())
				}
				c.charged("sale-1", want.charged, want.bookings)
				bookings := c.cloud.Bookings()
				if want.outcome == "" && len(bookings) > 0 || want.outcome != "" && (len(bookings) == 0 || bookings[len(bookings)-1].Outcome != want.outcome) {
					t.Errorf("bookings %+v, want %q at the end", bookings, want.outcome)
				}
				a := c.get(transactionsPath + "?limit=100&searchKey=sale-1")
				var statuses []string
				for _, tx := range transactionsOf(a.body) {
					statuses = append(statuses, text(tx["status"]))
				}
				if !slices.Equal(statuses, want.transactions) {
					t.Errorf("the cloud lists %q, want %q", statuses, want.transactions)
				}
				c.noViolations()
			})
		})
	}
}

// poynt.md 23, 1: RECEIVED, STARTED, PROCESSED in this order and at their times,
// and the transaction has what a receipt needs.
func TestHappySale(t *testing.T) {
	bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
		began := time.Now()
		c.sell("sale-1", 1256, map[string]any{"notes": "table 4", "references": []any{map[string]any{"type": "CUSTOM", "customType": "posReferenceId", "id": "R-17"}}})
		settle(time.Minute)
		if got := c.statuses(); !slices.Equal(got, []string{"RECEIVED", "STARTED", "PROCESSED"}) {
			t.Fatalf("callbacks %q", got)
		}
		if d := c.got()[0].at.Sub(began); d != 250*time.Millisecond {
			t.Errorf("RECEIVED came after %s", d)
		}
		if len(c.got()[0].payment) != 2 {
			t.Errorf("RECEIVED says more than reference and status: %s", c.got()[0].raw)
		}
		result := c.result()
		if result["notes"] != "table 4" || result["referenceId"] != "sale-1" || result["callerPackageName"] != "co.poynt.services" {
			t.Errorf("the Payment is not echoed: %v", result)
		}
		tx := transactionsOf(result)[0]
		for path, want := range map[string]any{"action": "SALE", "status": "CAPTURED", "pinCaptured": true, "signatureRequired": false, "amounts.currency": "USD",
			"context.businessId": BusinessID, "context.storeId": StoreID, "context.storeDeviceId": DeviceID, "fundingSource.type": "CREDIT_DEBIT",
			"fundingSource.card.type": "VISA", "fundingSource.card.numberMasked": "400000******0002", "fundingSource.emvData.emvTags.0x9F34": "020300",
			"fundingSource.emvData.emvTags.0x9F06": aidVisa, "fundingSource.entryDetails.entryMode": "INTEGRATED_CIRCUIT_CARD", "processorResponse.status": "Successful"} {
			if got := field(tx, path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		if minorOf(tx, "amounts.transactionAmount") != 1256 || minorOf(tx, "amounts.orderAmount") != 1256 || minorOf(tx, "processorResponse.approvedAmount") != 1256 {
			t.Errorf("amounts %v", tx["amounts"])
		}
		for _, secret := range []string{"expirationMonth", "track1data", "cardHolderFullName"} {
			if field(tx, "fundingSource.card."+secret) != nil {
				t.Errorf("%s is told", secret)
			}
		}
		one := c.get(transactionsPath + "/" + text(tx["id"]))
		if one.status != 200 || text(one.body["status"]) != "CAPTURED" || len(one.body["references"].([]any)) != 2 {
			t.Errorf("asked by id: %d %s", one.status, one.raw)
		}
		c.noViolations()
	})
}

// poynt.md 23, 2: generation A with an encoded callback URL.
func TestFlatSale(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.send(c.flat("sale", "sale-1", map[string]any{"purchaseAmount": 1256, "tipAmount": 44, "currency": "USD"}), nil)
		settle(time.Minute)
		if got := c.statuses(); !slices.Equal(got, []string{"PROCESSED"}) { // nobody asked for updates
			t.Fatalf("callbacks %q", got)
		}
		tx := transactionsOf(c.result())[0]
		if minorOf(tx, "amounts.orderAmount") != 1256 || minorOf(tx, "amounts.tipAmount") != 44 || minorOf(tx, "amounts.transactionAmount") != 1300 {
			t.Errorf("amounts %v", tx["amounts"])
		}
		c.charged("sale-1", 1300, 1)
		c.noViolations()
	})
}

// poynt.md 23, 5.
func TestCancelledMinimal(t *testing.T) {
	bubble(t, Options{Customer: "cancels", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		if r := c.result(); len(r) != 2 {
			t.Errorf("CANCELED says %v", r)
		}
	})
}

func TestCancelledFull(t *testing.T) {
	bubble(t, Options{Customer: "cancels", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("callback.cancel-body", "full")
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		if r := c.result(); r["currency"] != "USD" || r["transactions"] != nil {
			t.Errorf("CANCELED says %v", r)
		}
	})
}

// poynt.md 23, 8.
func TestPartial(t *testing.T) {
	bubble(t, Options{Customer: "partial", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		tx := transactionsOf(c.result())[0]
		if tx["partiallyApproved"] != true || minorOf(tx, "amounts.orderAmount") != 628 || minorOf(tx, "processorResponse.approvedAmount") != 628 {
			t.Errorf("partial %v", tx)
		}
	})
}

func TestPartialByApprovedAmount(t *testing.T) {
	bubble(t, Options{Customer: "partial", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("payment.partial", "approved-amount-only")
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		tx := transactionsOf(c.result())[0]
		if tx["partiallyApproved"] != false || minorOf(tx, "amounts.orderAmount") != 1256 || minorOf(tx, "processorResponse.approvedAmount") != 628 {
			t.Errorf("partial %v", tx)
		}
		c.charged("sale-1", 628, 1)
	})
}

// poynt.md 23, 11.
func TestSplit(t *testing.T) {
	bubble(t, Options{Customer: "split", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 1257, map[string]any{"multiTender": true})
		settle(time.Minute)
		list := transactionsOf(c.result())
		if len(list) != 2 || minorOf(list[0], "amounts.orderAmount")+minorOf(list[1], "amounts.orderAmount") != 1257 {
			t.Errorf("split %v", list)
		}
		c.charged("sale-1", 1257, 2)
	})
}

// poynt.md 23, 10.
func TestTipLater(t *testing.T) {
	bubble(t, Options{Customer: "tip-later", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		r := c.result()
		tx := transactionsOf(r)[0]
		id := text(tx["id"])
		if minorOf(tx, "amounts.tipAmount") != 0 || minorOf(r, "tipAmounts."+id) != 188 || minorOf(r, "tipAmount") != 188 {
			t.Errorf("tip in the callback: %v %v", tx["amounts"], r["tipAmounts"])
		}
		again := c.get(transactionsPath + "/" + id)
		if minorOf(again.body, "amounts.tipAmount") != 188 || minorOf(again.body, "amounts.transactionAmount") != 1444 {
			t.Errorf("tip by asking: %s", again.raw)
		}
	})
}

func TestForbiddenTip(t *testing.T) {
	bubble(t, Options{Customer: "tip", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 1256, map[string]any{"disableTip": true})
		settle(time.Minute)
		c.charged("sale-1", 1256, 1)
	})
}

// poynt.md 23, 12.
func TestCash(t *testing.T) {
	bubble(t, Options{Customer: "cash", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		tx := transactionsOf(c.result())[0]
		if field(tx, "fundingSource.type") != "CASH" || tx["processorResponse"] != nil {
			t.Errorf("cash %v", tx)
		}
		c.sell("sale-2", 1256, map[string]any{"disableCash": true})
		settle(time.Minute)
		if tx := transactionsOf(c.result())[0]; field(tx, "fundingSource.type") != "CREDIT_DEBIT" {
			t.Errorf("cash although it was forbidden: %v", tx)
		}
	})
}

// poynt.md 23, 61.
func TestSignature(t *testing.T) {
	for _, how := range []string{"captured", "not-captured"} {
		bubble(t, Options{Customer: "signature", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("payment.signature", how)
			c.sell("sale-1", 1256, nil)
			settle(time.Minute)
			tx := transactionsOf(c.result())[0]
			if captured, _ := tx["signatureCaptured"].(bool); tx["signatureRequired"] != true || captured != (how == "captured") {
				t.Errorf("%s: %v", how, tx)
			}
		})
	}
}

// poynt.md 23, 7.
func TestSecondCardLastOnly(t *testing.T) {
	bubble(t, Options{Customer: "second-card", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("callback.decline-list", "last")
		c.sell("sale-1", 1256, nil)
		settle(time.Minute)
		if list := transactionsOf(c.result()); len(list) != 1 || list[0]["status"] != "CAPTURED" {
			t.Errorf("transactions %v", list)
		}
	})
}

func TestUnreferencedCredit(t *testing.T) {
	flat := func(word string) func(*till) string {
		return func(c *till) string {
			return c.flat(word, "credit-1", map[string]any{"purchaseAmount": 500, "currency": "USD"})
		}
	}
	nested := func(c *till) string { return c.nested("credit-1", 500, map[string]any{"nonReferencedCredit": true}) }
	for name, x := range map[string]struct {
		data           func(*till) string
		faults         [2]string
		action, status string // of the transaction; empty: the message is ignored
		kind           string
		charged        bool
	}{
		"nested":                   {data: nested, action: "REFUND", status: "REFUNDED", kind: "refund", charged: true},
		"flat":                     {data: flat("non-referenced-credit"), action: "REFUND", status: "REFUNDED", kind: "refund", charged: true},
		"flat, as a sample has it": {data: flat("non-reference-credit"), action: "REFUND", status: "REFUNDED", kind: "refund", charged: true},
		"not permitted":            {data: nested, faults: [2]string{"credit", "not-permitted"}, action: "REFUND", status: "DECLINED", kind: "refund"},
		"taken for a payment":      {data: nested, faults: [2]string{"credit", "charges"}, action: "SALE", status: "CAPTURED", kind: "purchase", charged: true},
		"the other word":           {data: flat("non-referenced-credit"), faults: [2]string{"credit.word", "non-reference-credit"}},
		"the word is the flat form's alone": {data: nested, faults: [2]string{"credit.word", "non-reference-credit"},
			action: "REFUND", status: "REFUNDED", kind: "refund", charged: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
				if x.faults[0] != "" {
					c.fault(x.faults[0], x.faults[1])
				}
				c.send(x.data(c), nil)
				settle(time.Minute)
				b := c.cloud.Bookings()
				if x.action == "" {
					if len(b) != 0 {
						t.Errorf("bookings %+v", b)
					}
					return
				}
				if tx := transactionsOf(c.result())[0]; tx["action"] != x.action || tx["status"] != x.status || tx["parentId"] != nil {
					t.Errorf("credit %v", tx)
				}
				if len(b) != 1 || b[0].Kind != x.kind || b[0].Charged != x.charged {
					t.Errorf("bookings %+v", b)
				}
			})
		})
	}
}
