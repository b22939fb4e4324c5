package netpay

import (
	"path/filepath"
	"testing"
)

// A reprint by folio tells how every sale ended, and changes nothing.
func TestReprintByFolio(t *testing.T) {
	for customer, want := range map[string]map[string]any{
		"chip-pin":         {"reprintModule": "C", "responseCode": "00", "message": "Transaccion Valida", "transType": "A"},
		"declined":         {"reprintModule": "D", "responseCode": "62"},
		"pulls-card":       {"reprintModule": "RV", "responseCode": "05"},
		"pending-reversal": {"reprintModule": "PRV", "responseCode": "91"},
		"cancels":          {"reprintModule": "", "responseCode": "02"},
	} {
		t.Run(customer, func(t *testing.T) {
			c := newTill(t, Options{Customer: customer})
			c.set("sale.result", "lose")
			folio := c.folio()
			c.sent(opSale, map[string]any{"amount": 80, "folioNumber": folio})
			c.said("gets lost")
			c.shows("Listo para cobrar")
			c.nothing()
			before := c.term.Bookings()
			c.inquire(folio, nil)
			p := c.result()
			c.fields(p, want)
			c.fields(p, map[string]any{"isRePrint": true, "folioNumber": folio})
			if trace, _ := p.body["traceability"].(map[string]any); trace["op"] != "inquiry" {
				t.Errorf("the traceability is not that of the reprint: %v", p.body["traceability"])
			}
			if after := c.term.Bookings(); len(after) != len(before) || after[0] != before[0] {
				t.Errorf("booked %+v, before %+v", after, before)
			}
			c.kept()
		})
	}
}

func TestReprintByOrder(t *testing.T) {
	c := newTill(t, Options{Customer: "chip-pin"})
	folio, sale := c.sell("80", nil)
	c.sent(opReprint, map[string]any{"orderId": sale.text("orderId")})
	c.fields(c.result(), map[string]any{"isRePrint": true, "reprintModule": "C", "orderId": sale.text("orderId"), "amount": "80.0", "authCode": sale.text("authCode")})
	if slip := c.term.Device().View().Slip; len(slip) == 0 {
		t.Error("no paper came out")
	}
	c.set("reprint.folio", "empty")
	c.inquire(folio, map[string]any{"orderId": sale.text("orderId"), "folioId": "ANOTHER"})
	c.fields(c.result(), map[string]any{"orderId": sale.text("orderId"), "folioNumber": ""})
	c.kept()
}

// What a reprint may say instead of the truth.
func TestReprintModules(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	folio, _ := c.sell("80", nil)
	for value, want := range map[string]any{"unknown": "XQ", "empty": "", "missing": nil, "PRV": "PRV", "D": "D"} {
		c.set("reprint.module", value)
		c.inquire(folio, nil)
		if p := c.result(); p.body["reprintModule"] != want {
			t.Errorf("%s: %v", value, p.body["reprintModule"])
		}
	}
	c.inquire(folio, nil)
	c.fields(c.result(), map[string]any{"reprintModule": "C"})
}

// A pending reversal becomes one with the next approved sale, not with a declined one.
func TestPendingReversal(t *testing.T) {
	c := newTill(t, Options{Customer: "pending-reversal"})
	folio, _ := c.sell("80", nil)
	state := func(want string) {
		t.Helper()
		c.inquire(folio, nil)
		c.fields(c.result(), map[string]any{"reprintModule": want})
	}
	state("PRV")
	c.customer("declined")
	c.sell("80", nil)
	state("PRV")
	c.customer("chip-pin")
	c.sell("80", nil)
	state("RV")
	if b := c.booking(folio); b.Charged || b.Outcome != outcomeReversed {
		t.Errorf("booked %+v", b)
	}
	c.kept()
}

// What was never heard of, or belongs to another store, is not found; what the
// till hears of it, if anything, is unknown.
func TestReprintOfNothing(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	folio, _ := c.sell("80", map[string]any{"storeId": "700102"})
	c.inquire("NEVER", nil)
	c.said("There is nothing to reprint")
	c.shows("Listo para cobrar")
	c.nothing()
	c.set("reprint.not-found", "post")
	c.inquire("NEVER", nil)
	c.fields(c.result(), map[string]any{"isRePrint": true, "responseCode": "25", "orderId": "", "reprintModule": ""})
	c.kept()
	// Without the flag the terminal stays on its default store (sequence 42).
	c.inquire(folio, map[string]any{"storeId": "700102", "isSmartAccounts": nil})
	c.fields(c.result(), map[string]any{"responseCode": "25"})
	c.kept("without isSmartAccounts")
	c.inquire(folio, map[string]any{"storeId": "700101"})
	c.fields(c.result(), map[string]any{"responseCode": "25"})
	c.kept("without isSmartAccounts", "the sale was for 700102")
	c.inquire(folio, map[string]any{"storeId": "700102", "isSmartAccounts": true})
	c.fields(c.result(), map[string]any{"responseCode": "00", "storeId": "700102"})
}

func TestCancel(t *testing.T) {
	c := newTill(t, Options{Customer: "chip-pin"})
	c.set("cancel.cut-off", "none") // the test runs at any hour
	folio, sale := c.sell("249.90", map[string]any{"storeId": "700102"})
	order := sale.text("orderId")
	c.sent(opCancel, map[string]any{"storeId": "700102", "orderId": order, "traceability": map[string]any{"op": "cancel"}})
	p := c.result()
	c.fields(p, map[string]any{"transType": "V", "isRePrint": false, "responseCode": "00", "message": "Transacción exitosa", "reprintModule": "C", "orderId": order, "amount": "249.9",
		"bin": "", "customerName": "null", "cardExpDate": "31/08", "moduleCharge": "2", "storeId": "700102", "rrnNumber": sale.text("rrnNumber")})
	if p.text("authCode") == sale.text("authCode") {
		t.Error("a cancel has the authorisation of its sale")
	}
	if b := c.booking(folio); b.Charged || !b.Reversed || c.charged(folio) != 0 || len(c.term.Bookings()) != 2 {
		t.Errorf("booked %+v", c.term.Bookings())
	}
	c.inquire(folio, map[string]any{"storeId": "700102"})
	c.fields(c.result(), map[string]any{"isRePrint": true, "transType": "V", "reprintModule": "V"})
	// A second one is refused and does no harm.
	c.sent(opCancel, map[string]any{"storeId": "700102", "orderId": order})
	c.fields(c.result(), map[string]any{"transType": "V", "responseCode": "12"})
	if len(c.term.Bookings()) != 2 {
		t.Errorf("booked %+v", c.term.Bookings())
	}
	c.kept()
	_, sale = c.sell("10", map[string]any{"storeId": "700102"})
	c.sent(opCancel, map[string]any{"storeId": "700102", "isSmartAccounts": nil, "orderId": sale.text("orderId")})
	c.fields(c.result(), map[string]any{"responseCode": "12"})
	c.kept("without isSmartAccounts")
	c.set("cancel.refusal", "silence")
	c.sent(opCancel, map[string]any{"orderId": "999999999999-0000012345"})
	c.said("no such sale")
	c.shows("Listo para cobrar")
	c.nothing()
	if sum := c.term.Charged(); len(sum) != 1 {
		t.Errorf("charged %v", sum)
	}
}

func TestStores(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	// Two stores take turns, each sale is its own.
	for _, store := range []string{"700101", "700103", "700102", "700103"} {
		folio, p := c.sell("5", map[string]any{"storeId": store})
		c.fields(p, map[string]any{"storeId": store, "affiliation": "700000" + store[5:]})
		if b := c.booking(folio); b.Store != store {
			t.Errorf("booked %+v", b)
		}
	}
	c.kept()

	// Without the flag the money goes to the store that is logged in.
	folio, p := c.sell("5", map[string]any{"storeId": "700102", "isSmartAccounts": nil})
	c.fields(p, map[string]any{"storeId": "700101", "affiliation": "7000001"})
	if b := c.booking(folio); b.Store != "700101" || b.Asked != "700102" {
		t.Errorf("booked %+v", b)
	}
	if ledger := c.term.Device().View().Ledger; ledger[len(ledger)-1].ID != "store 700101 instead of 700102, "+p.text("orderId") {
		t.Errorf("the page says %+v", ledger[len(ledger)-1])
	}
	c.kept("the terminal stays on 700101")
	c.sell("5", map[string]any{"isSmartAccounts": nil}) // a plain sale of the default store
	_, p = c.sell("5", map[string]any{"storeId": nil})
	c.fields(p, map[string]any{"storeId": "700101"})
	c.kept("the terminal stays on 700101", "storeId is missing")

	// As a boolean, the flag may or may not work.
	_, p = c.sell("5", map[string]any{"storeId": "700102", "isSmartAccounts": true})
	c.fields(p, map[string]any{"storeId": "700102"})
	c.set("flag-bool", "ignored")
	_, p = c.sell("5", map[string]any{"storeId": "700102", "isSmartAccounts": true})
	c.fields(p, map[string]any{"storeId": "700101"})
	c.set("store-after", "stays")
	c.sell("5", map[string]any{"storeId": "700103"})
	_, p = c.sell("5", map[string]any{"storeId": "700101", "isSmartAccounts": nil})
	c.fields(p, map[string]any{"storeId": "700103"})
}

// The answer, or the money, goes to another store than asked for.
func TestWrongStore(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.set("result.store", "wrong-answer")
	folio, p := c.sell("5", nil)
	c.fields(p, map[string]any{"storeId": "700102", "affiliation": "7000002"})
	if b := c.booking(folio); b.Store != "700101" {
		t.Errorf("booked %+v", b)
	}
	c.set("result.store", "wrong-charge")
	folio, p = c.sell("5", nil)
	c.fields(p, map[string]any{"storeId": "700102", "affiliation": "7000002"})
	if b := c.booking(folio); b.Store != "700102" || b.Asked != "700101" {
		t.Errorf("booked %+v", b)
	}
	_, p = c.sell("5", nil)
	c.fields(p, map[string]any{"storeId": "700101"})
	c.kept()
}

func TestBlockedAndForeignStores(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	blocked := map[string]any{"storeId": "700104", "amount": 5, "folioNumber": c.folio()}
	c.sent(opSale, blocked)
	c.said("the store is blocked")
	c.shows("Listo para cobrar")
	c.nothing()
	c.set("blocked-store", "post")
	_, p := c.sell("5", map[string]any{"storeId": "700104"})
	c.fields(p, map[string]any{"message": "Usuario no válido", "orderId": ""})
	c.set("blocked-store", "refuse")
	blocked["folioNumber"] = c.folio()
	if r, err := c.push(opSale, blocked); err != nil || r.text("code") == "00" || r.text("message") != "Usuario no válido" {
		t.Errorf("%d %s %v", r.status, r.raw, err)
	}
	c.kept()
	c.sent(opSale, map[string]any{"storeId": "555555", "amount": 5, "folioNumber": c.folio()})
	c.said("Nothing is charged: the store is not in the terminal's group")
	c.shows("Listo para cobrar")
	if n := len(c.term.Bookings()); n != 0 {
		t.Errorf("%d bookings", n)
	}
	c.set("foreign-store", "charge-default")
	_, p = c.sell("5", map[string]any{"storeId": "555555"})
	c.fields(p, map[string]any{"storeId": "700101"})
	c.kept("not in the terminal's group", "not in the terminal's group")
}

// A folio that is used again is a second charge, since nothing prevents it.
func TestReusedFolio(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	folio, _ := c.sell("5", nil)
	c.sent(opSale, map[string]any{"amount": 5, "folioNumber": folio})
	c.result()
	c.kept("was used before")
	if c.charged(folio) != 1000 {
		t.Errorf("charged %d", c.charged(folio))
	}
	c.set("folio-reuse", "refuse")
	if r, err := c.push(opSale, map[string]any{"amount": 5, "folioNumber": folio}); err != nil || r.text("code") != "94" {
		t.Errorf("%d %s %v", r.status, r.raw, err)
	}
}

// The ledger outlives the terminal: a new one reprints what the old one charged.
func TestLedgerSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.jsonl")
	c := newTill(t, Options{Customer: "signature", Ledger: file})
	folio, sale := c.sell("12.50", map[string]any{"storeId": "700102"})
	c.customer("pending-reversal")
	pending, _ := c.sell("3", nil)
	before := c.term.Bookings()
	if err := c.term.Close(); err != nil {
		t.Fatal(err)
	}
	c.attach(Options{Customer: "chip-pin", Ledger: file, Till: c.server.URL})
	if after := c.term.Bookings(); len(after) != 2 || !after[0].At.Equal(before[0].At) || after[0].ID != before[0].ID || after[0].Store != "700102" {
		t.Errorf("booked %+v, before %+v", after, before)
	}
	// The token is still good, and the sale is the same to the last field.
	c.inquire(folio, map[string]any{"storeId": "700102"})
	p := c.result()
	for _, name := range []string{"orderId", "authCode", "hexSign", "transactionId", "rrnNumber", "ticketDate", "moduleCharge", "arqc"} {
		if p.text(name) != sale.text(name) {
			t.Errorf("%s is %q, was %q", name, p.text(name), sale.text(name))
		}
	}
	c.inquire(pending, nil)
	c.fields(c.result(), map[string]any{"reprintModule": "PRV"})
	_, next := c.sell("1", nil)
	if next.text("orderId") <= sale.text("orderId") || next.text("moduleCharge") != "2" {
		t.Errorf("next sale %s", next.raw)
	}
	c.inquire(pending, nil)
	c.fields(c.result(), map[string]any{"reprintModule": "RV"})
	c.kept()
}
