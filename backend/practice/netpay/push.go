package netpay

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// transaction takes a sale, a reprint or a cancel and pushes it to the terminal
// (netpay.md 3).
func (t *Terminal) transaction(x *exchange) {
	if !t.authorised(x) {
		return
	}
	if mediaType(x.r) != "application/json" {
		t.log.Violate(x.op + " as " + bench.Shorten(x.r.Header.Get("Content-Type")) + ", documented is application/json")
		write(x.w, http.StatusUnsupportedMediaType, springError(x.r, http.StatusUnsupportedMediaType, "Content type not supported"))
		return
	}
	r, faults, slips := parseRequest(opKind(x.op), x.raw)
	for _, text := range slips {
		t.log.Violate(x.op + ": " + text)
	}
	if len(faults) > 0 {
		t.malformed(x, faults)
		return
	}
	t.log.Note("Till: " + x.op + describe(r))
	if r.Serial != t.opts.Serial {
		t.log.Violate(x.op + " for terminal " + bench.Shorten(r.Serial) + ", here is " + t.opts.Serial)
		t.unknownTerminal(x)
		return
	}
	if refusal := t.examine(x, r); refusal != nil {
		write(x.w, http.StatusOK, refusal)
		return
	}
	op := t.newOperation(r)
	x.held = op.told
	fault := t.faults.Take(x.op + ".answer")
	if t.breaksLine(r) {
		fault = "lose"
	}
	op.clean = fault == "ok" || fault == "duplicate" || fault == "code-number"
	t.watchCrowd(op)
	t.push(op, t.faults.Take(x.op+".push"))
	t.reply(x, fault, http.StatusOK, acknowledgement("00", "Mensaje enviado exitosamente"))
}

// breaksLine tells that the customer is the one whose sale is not answered.
func (t *Terminal) breaksLine(r request) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return r.Op == opSale && t.customer != nil && t.customer.trouble == troubleLateApproval
}

func describe(r request) string {
	text := " for store " + bench.Shorten(r.StoreID)
	if r.Smart != smartOff {
		text += " (Smart Accounts)"
	}
	switch {
	case r.Op == opSale:
		text += ", " + fixedAmount(r.Amount) + " " + Currency + ", folio " + bench.Shorten(r.Folio)
	case r.OrderID != "":
		text += ", order " + bench.Shorten(r.OrderID)
	default:
		text += ", folio " + bench.Shorten(r.Folio)
	}
	return text
}

func (t *Terminal) unknownTerminal(x *exchange) {
	status, err := strconv.Atoi(t.faults.Get("not-found.status"))
	if err != nil {
		panic("the statuses of code 19 are numbers: " + err.Error())
	}
	write(x.w, status, acknowledgement("19", "No se encontró la terminal"))
}

// malformed refuses a request that cannot be carried out. What the real cloud
// does is unknown; a switch chooses (netpay.md 15).
func (t *Terminal) malformed(x *exchange, faults []string) {
	for _, text := range faults {
		t.log.Violate(x.op + ": " + text)
	}
	switch t.faults.Get("malformed") {
	case "code":
		write(x.w, http.StatusOK, acknowledgement("12", "Solicitud no válida: "+faults[0]))
	case "sent":
		write(x.w, http.StatusOK, acknowledgement("00", "Mensaje enviado exitosamente"))
	default:
		write(x.w, http.StatusBadRequest, springError(x.r, http.StatusBadRequest, faults[0]))
	}
}

// examine judges what a well-formed request asks for. Only where a switch wants
// so does the cloud refuse it: it knows little about the terminal's sales.
func (t *Terminal) examine(x *exchange, r request) (refusal map[string]any) {
	if token := bearer(x.r); strings.Contains(string(r.Traceability), token) {
		t.log.Violate(x.op + ": traceability contains the token")
	}
	home := t.opts.Stores[0].ID
	if r.Smart == smartOff && r.StoreID != home && r.StoreID != "" {
		t.log.Violate(fmt.Sprintf("%s for store %s without isSmartAccounts: the terminal stays on %s", x.op, bench.Shorten(r.StoreID), home))
	}
	store, known := t.storeByID(r.StoreID)
	if !known && r.StoreID != "" {
		t.log.Violate(x.op + " for store " + bench.Shorten(r.StoreID) + ", which is not in the terminal's group")
	}
	if store.Blocked && t.faults.Get("blocked-store") == "refuse" {
		return acknowledgement("21", "Usuario no válido")
	}
	if r.Op == opSale {
		if _, used := t.ledger.Newest(byFolio(r.Folio)); used || t.underWay(r.Folio) {
			t.log.Violate("folio " + bench.Shorten(r.Folio) + " was used before")
			if t.faults.Get("folio-reuse") == "refuse" {
				return acknowledgement("94", "Folio duplicado")
			}
		}
		return nil
	}
	sale, found := t.ledger.Newest(matching(r))
	if found && sale.Booking.Asked != r.StoreID {
		t.log.Violate(fmt.Sprintf("%s for store %s, the sale was for %s", x.op, bench.Shorten(r.StoreID), sale.Booking.Asked))
	}
	return nil
}

// underWay tells that a sale of that folio has not ended.
func (t *Terminal) underWay(folio string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	same := func(op *operation) bool {
		return op.kind == opSale && op.request.Folio == folio && !op.booked
	}
	return folio != "" && (t.running != nil && same(t.running) || slices.ContainsFunc(t.waiting, same))
}

func byFolio(folio string) func(*record) bool {
	return func(r *record) bool {
		return folio != "" && r.Booking.Kind == kindPurchase && r.Booking.Folio == folio
	}
}

// matching finds the sale of a reprint or a cancel: by the order id, if there is
// one, else by the folio (netpay.md 3.3).
func matching(r request) func(*record) bool {
	if r.OrderID == "" {
		return byFolio(r.Folio)
	}
	return func(rec *record) bool {
		return rec.Booking.Kind == kindPurchase && rec.Booking.OrderID == r.OrderID
	}
}
