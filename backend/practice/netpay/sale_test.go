package netpay

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

func TestSaleWithPIN(t *testing.T) {
	c := newTill(t, Options{Customer: "chip-pin"})
	folio, p := c.sell("249.90", map[string]any{"storeId": "700102"})
	c.fields(p, map[string]any{"responseCode": "00", "message": "Transacción exitosa", "amount": "249.9", "authAmount": "249.9", "tipLessAmount": "249.9", "tipAmount": "0.0",
		"storeId": "700102", "affiliation": "7000002", "storeName": "TEST TIENDA DOS", "terminalId": DefaultSerial, "folioNumber": folio, "hasPin": true, "hexSign": "",
		"isQps": 0, "isRePrint": false, "reprintModule": "C", "transType": "A", "cardNumber": "0042", "bin": "400000", "cardType": "D", "promotion": "00",
		"moduleCharge": "1", "moduleLote": "1", "preAuth": "0", "preStatus": 0, "rePrintMark": "VISA"})
	for name, pattern := range map[string]string{
		"orderId": `^\d{12}-0000012345$`, "ticketDate": `^[A-Z]{3}\. \d\d, \d\d \d\d:\d\d:\d\d $`, "transDate": `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.CST$`,
		"rrnNumber": `^\d{12}$`, "authCode": `^\d{6}$`, "arqc": `^[0-9A-F]{16}$`, "transactionCertificate": `^[0-9A-F]{16}$`,
		"transactionId": `^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$`,
	} {
		if !regexp.MustCompile(pattern).MatchString(p.text(name)) {
			t.Errorf("%s is %q", name, p.text(name))
		}
	}
	if p.text("hostRefNum") != p.text("rrnNumber") {
		t.Error("hostRefNum and rrnNumber differ")
	}
	if trace, _ := p.body["traceability"].(map[string]any); trace["op"] != "sale" {
		t.Errorf("traceability came back as %v", p.body["traceability"])
	}
	b := c.booking(folio)
	if b.AmountMinor != 24990 || !b.Charged || b.Store != "700102" || b.Asked != "700102" || b.Card != "************0042" || c.charged(folio) != 24990 {
		t.Errorf("booked %+v", b)
	}
	c.kept()
}

func TestCustomers(t *testing.T) {
	for name, want := range map[string]struct {
		code, booked string
		charged      int64
		fields       map[string]any
	}{
		"contactless":      {"00", outcomeApproved, 1000, map[string]any{"isQps": 1, "hasPin": false, "hexSign": ""}},
		"phone":            {"00", outcomeApproved, 1000, map[string]any{"isQps": 0, "hasPin": false}},
		"stripe":           {"00", outcomeApproved, 1000, map[string]any{"aid": "", "arqc": ""}},
		"declined":         {"62", outcomeDeclined, 0, map[string]any{"reprintModule": "", "authCode": ""}},
		"insufficient":     {"51", outcomeDeclined, 0, map[string]any{"amount": "10.0"}},
		"wrong-pin":        {"75", outcomeDeclined, 0, map[string]any{"orderId": "", "transDate": "", "affiliation": "700101"}},
		"wrong-then-right": {"00", outcomeApproved, 1000, nil},
		"cancels":          {"02", outcomeCancelled, 0, map[string]any{"amount": "0.00", "orderId": "", "transType": "", "affiliation": "700101", "moduleCharge": "0"}},
		"paper-out":        {"00", outcomeApproved, 1000, nil},
		"pulls-card":       {"05", outcomeReversed, 0, map[string]any{"message": "Error al leer tarjeta"}},
		"pending-reversal": {"91", outcomePending, 0, map[string]any{"message": "Falló en conexión"}},
		"unreachable":      {"91", outcomeDeclined, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTill(t, Options{Customer: name})
			folio, p := c.sell("10", nil)
			c.fields(p, map[string]any{"responseCode": want.code, "folioNumber": folio})
			c.fields(p, want.fields)
			if b := c.booking(folio); b.Outcome != want.booked || c.charged(folio) != want.charged {
				t.Errorf("booked %+v", b)
			}
			c.kept()
		})
	}
}

// Everybody who is offered can be asked for, and nobody else.
func TestCustomerNames(t *testing.T) {
	c := newTill(t, Options{})
	for _, who := range Customers() {
		c.customer(who.Name)
	}
	if err := c.term.SetCustomer("nobody-knows"); err == nil {
		t.Error("an unknown customer came")
	}
}

func TestSignature(t *testing.T) {
	c := newTill(t, Options{Customer: "signature"})
	_, p := c.sell("80", nil)
	if p.text("responseCode") != "00" || len(p.text("hexSign")) < 16 || p.body["hasPin"] != false || p.text("cardType") != "C" {
		t.Errorf("result %s", p.raw)
	}
	c.customer("")
	c.sent(opSale, map[string]any{"amount": 80, "folioNumber": c.folio()})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionInsert, "signature")
	c.shows("Ingrese su firma")
	if v := c.term.Device().View(); v.Screen.Icon != "sign" {
		t.Errorf("screen %+v", v.Screen)
	}
	c.do(pinpad.ActionSign, "badly")
	c.shows("Oprima el botón verde")
	if v := c.term.Device().View(); v.Signed != "badly" || !strings.Contains(strings.Join(v.Slip, "\n"), "FIRMA DIGITAL CAPTURADA") {
		t.Errorf("signed %q, slip %q", v.Signed, v.Slip)
	}
	c.do(pinpad.ActionKey, "green")
	if p := c.result(); p.text("hexSign") == "" {
		t.Errorf("result %s", p.raw)
	}
	c.kept()
}

// A person does everything at the page: cancel that is taken back, a wrong PIN,
// the second copy, the card out.
func TestPersonAtThePinPad(t *testing.T) {
	c := newTill(t, Options{})
	folio := c.folio()
	c.sent(opSale, map[string]any{"amount": 125.5, "folioNumber": folio})
	c.shows("Esperando medio de pago")
	if v := c.term.Device().View(); v.Screen.Amount != "125.50 MXN" || v.Screen.Icon != "card" {
		t.Errorf("screen %+v", v.Screen)
	}
	if err := c.term.Device().Do(pinpad.Action{Name: pinpad.ActionPIN, Value: "right"}); err == nil {
		t.Error("a PIN was taken before the card")
	}
	c.do(pinpad.ActionKey, "red")
	c.shows("¿Cancelar la operación?")
	c.do(pinpad.ActionKey, "red")
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionInsert, "chip-pin")
	c.shows("Ingrese su NIP")
	c.do(pinpad.ActionPIN, "wrong")
	c.said("Wrong PIN")
	c.shows("Ingrese su NIP")
	for _, key := range []string{"1", "2", "3", "4"} {
		c.do(pinpad.ActionKey, key)
	}
	c.until(func(v pinpad.View) bool { return v.Screen.PIN == 4 }, "four digits stand there")
	c.do(pinpad.ActionKey, "green")
	c.shows("Oprima el botón verde")
	c.nothing()
	c.do(pinpad.ActionKey, "green")
	p := c.result()
	c.fields(p, map[string]any{"responseCode": "00", "amount": "125.5", "hasPin": true})
	c.shows("Retire la tarjeta")
	c.do(pinpad.ActionPull, "")
	c.shows("Listo para cobrar")
	slip := strings.Join(c.term.Device().View().Slip, "\n")
	for _, line := range []string{"PRUEBA - SIN VALOR", "COPIA CLIENTE", "Afiliación 7000001", "TOTAL  $125.50 MXN", "************0042", "Folio " + folio, "AUTORIZADO CON NIP"} {
		if !strings.Contains(slip, line) {
			t.Errorf("the slip has no %q:\n%s", line, slip)
		}
	}
	c.kept()
}

func TestCancelledByAPerson(t *testing.T) {
	c := newTill(t, Options{})
	folio := c.folio()
	c.sent(opSale, map[string]any{"amount": 1, "folioNumber": folio})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionKey, "red")
	c.shows("¿Cancelar la operación?")
	c.do(pinpad.ActionKey, "green")
	c.fields(c.result(), map[string]any{"responseCode": "02", "message": "Cancelado por el Usuario", "folioNumber": folio})
}

// The terminal prints nothing of its own when it is told so, and shows a ticket else.
func TestPaper(t *testing.T) {
	c := newTill(t, Options{})
	c.set("paper", "out")
	c.sent(opSale, map[string]any{"amount": 10, "folioNumber": c.folio()})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionTap, "contactless")
	c.shows("Sin papel en impresora")
	c.nothing()
	if err := c.term.Device().Do(pinpad.Action{Name: pinpad.ActionKey, Value: "green"}); err == nil {
		t.Error("Aceptar was taken without a roll")
	}
	c.set("paper", "in")
	c.do(pinpad.ActionKey, "green")
	c.shows("Oprima el botón verde")
	c.do(pinpad.ActionKey, "green")
	c.result()

	c.customer("contactless")
	c.set("paper", "out")
	_, p := c.sell("10", map[string]any{"disablePrintAnimation": true})
	if slip := c.term.Device().View().Slip; p.text("responseCode") != "00" || len(slip) > 0 {
		t.Errorf("result %s, slip %q", p.raw, slip)
	}
	c.customer("")
	c.sent(opSale, map[string]any{"amount": 10, "folioNumber": c.folio()})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionTap, "contactless")
	c.shows("Sin papel en impresora")
	c.do(pinpad.ActionKey, "red")
	if p := c.result(); p.text("responseCode") != "00" {
		t.Errorf("without paper: %s", p.raw)
	}
	c.kept()
}

func TestMonthsAndTip(t *testing.T) {
	c := newTill(t, Options{Customer: "signature"})
	_, p := c.sell("600", map[string]any{"msi": 6, "tip": 12.5})
	c.fields(p, map[string]any{"promotion": "06", "amount": "612.5", "tipAmount": "12.5", "tipLessAmount": "600.0"})
	c.set("tip", "included")
	_, p = c.sell("600", map[string]any{"msi": "", "tip": 12.5})
	c.fields(p, map[string]any{"promotion": "00", "amount": "600.0", "tipAmount": "12.5", "tipLessAmount": "587.5"})
	c.customer("")
	c.sent(opSale, map[string]any{"amount": 600, "msi": 3, "folioNumber": c.folio(), "disablePrintAnimation": true})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionInsert, "amex")
	if p := c.result(); p.text("responseCode") == "00" {
		t.Errorf("Amex with months: %s", p.raw)
	}
	c.kept()
}

// One order a second, however fast the sales are.
func TestOrderIDs(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	seen := map[string]bool{}
	for range 5 {
		_, p := c.sell("1", nil)
		if seen[p.text("orderId")] {
			t.Errorf("order %s came twice", p.text("orderId"))
		}
		seen[p.text("orderId")] = true
	}
	if at, ok := orderTime(c.term.Bookings()[4].OrderID); !ok || at.Before(time.Now().Add(-time.Minute)) {
		t.Errorf("order time %v %v", at, ok)
	}
}

// A till that cannot store the result says so by HTTP 500 and gets it again.
func TestRetryOnTheTerminal(t *testing.T) {
	c := newTill(t, Options{})
	refuse := func(w http.ResponseWriter) { http.Error(w, "database is locked", http.StatusInternalServerError) }
	c.answer(refuse, refuse)
	folio := c.folio()
	c.sent(opSale, map[string]any{"amount": 10, "folioNumber": folio, "disablePrintAnimation": true})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionTap, "contactless")
	first := c.result()
	c.shows("No pudimos regresar la información al punto de venta.")
	c.do(pinpad.ActionKey, "yellow")
	c.shows("Respuesta no válida")
	c.do(pinpad.ActionKey, "green")
	c.result()
	c.shows("No pudimos regresar")
	c.do(pinpad.ActionKey, "green")
	if last := c.result(); compact(last.raw) != compact(first.raw) {
		t.Errorf("posted again as %s, first as %s", last.raw, first.raw)
	}
	if c.charged(folio) != 1000 || len(c.term.Bookings()) != 1 {
		t.Errorf("booked %+v", c.term.Bookings())
	}
	c.kept()
}

// Whatever is not the documented acknowledgement is a violation, but for a server error.
func TestAcknowledgements(t *testing.T) {
	for body, want := range map[string]string{
		`{"jsonrpc":"2.0","result":{"code":"00"}}`: "code is",
		`{"code":0,"message":"Recibido"}`:          "documented is a string",
		`{"code":"01","message":"no"}`:             `documented is "00"`,
		`{"code":"00"}{"code":"00"}`:               "something follows",
		`OK`:                                       "not a JSON object",
		``:                                         "not a JSON object",
	} {
		c := newTill(t, Options{Customer: "contactless"})
		c.set("retry", "dismiss")
		c.answer(func(w http.ResponseWriter) { writeRaw(w, http.StatusOK, "application/json", []byte(body)) })
		c.sell("10", nil)
		c.said("gives the result up")
		c.kept(want)
	}
}

func TestTestPost(t *testing.T) {
	c := newTill(t, Options{})
	c.term.SetTill(c.server.URL)
	if p := c.result(); len(p.raw) != 0 {
		t.Errorf("test post %q", p.raw)
	}
	c.set("test-post", "bill")
	c.set("url", "save-again")
	if p := c.result(); p.body["listOfPays"] == nil || p.body["traceability"] != nil {
		t.Errorf("test post %s", p.raw)
	}
	if got := c.term.Device().View().Till; got != c.server.URL+Path {
		t.Errorf("the terminal posts to %s", got)
	}
	c.term.SetTill("ftp://nowhere")
	if got := c.term.Device().View().Till; got != c.server.URL+Path {
		t.Errorf("the terminal took a bad address: %s", got)
	}
	c.kept()
}
