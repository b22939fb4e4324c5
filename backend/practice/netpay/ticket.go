package netpay

import (
	"errors"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// print brings out the merchant copy and, when somebody presses on, the customer
// copy (netpay.md 4.4, 9.1). The error says that the terminal went down.
func (t *Terminal) print(op *operation, rec record, again bool) error {
	for _, copy := range []string{"COMERCIO", "CLIENTE"} {
		if copy == "CLIENTE" {
			if err := t.pressOn(op); err != nil {
				return err
			}
		}
		printed, err := t.paper(op)
		if err != nil || !printed {
			return err
		}
		t.show(op, text{textPrint.icon, []string{"Imprimiendo copia " + strings.ToLower(copy)}})
		t.mu.Lock()
		if t.latest == op {
			t.slip = ticket(t, rec, copy, again)
		}
		t.log.Changed()
		t.mu.Unlock()
		if err := op.pause(1200 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// pressOn waits for the green key before the second copy. Without it the result
// is held back, if the switch says so.
func (t *Terminal) pressOn(op *operation) error {
	question := &asked{kind: askCopy}
	t.showAsking(op, textCopy, -1, question)
	limit := copyLimit
	if t.faults.Get("second-copy") == "key" {
		limit = paperLimit
	}
	if _, err := op.await(question, limit); err != nil && !errors.Is(err, bench.ErrTimeout) {
		return err
	}
	return nil
}

// paper waits for a roll when there is none; printed is false when the clerk ends
// without paper. No sale is lost by it (netpay.md 9.1).
func (t *Terminal) paper(op *operation) (printed bool, err error) {
	t.mu.Lock()
	if t.customer != nil && t.customer.trouble == troublePaper && len(t.slip) == 0 {
		t.faults.Put("paper", "out")
		t.log.Note("The paper runs out")
	}
	t.mu.Unlock()
	for t.faults.Get("paper") == "out" {
		question := &asked{kind: askPaper}
		t.showAsking(op, textNoPaper, -1, question)
		d, err := op.await(question, paperLimit)
		switch {
		case errors.Is(err, bench.ErrTimeout), err == nil && d.Presses(bench.KeyRed):
			t.log.Note("The clerk ends without paper")
			return false, nil
		case err != nil:
			return false, err
		case d.Kind == bench.DeedPaper:
			t.mu.Lock()
			t.faults.Put("paper", "in")
			t.log.Note("A new roll is in")
			t.mu.Unlock()
		}
	}
	return true, nil
}

// signature waits for the finger on the screen. A customer who leaves has not
// signed; the sale stands all the same.
func (t *Terminal) signature(s *sale) error {
	question := &asked{kind: askSign}
	t.showAsking(s.operation, textSign, -1, question)
	d, err := s.await(question, signLimit)
	if errors.Is(err, bench.ErrTimeout) {
		t.log.Note("Nobody signed")
		return nil
	}
	if err != nil {
		return err
	}
	how := "badly"
	if d.Well {
		how = "well"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.signed = how
	s.hexSign = strings.ToUpper(strings.ReplaceAll(uuid("signature", how, s.request.Folio), "-", ""))
	t.log.Note("The customer signs " + how)
	return nil
}

// ticket is one copy as it comes out of the printer (netpay.md 9.3, 9.4).
func ticket(t *Terminal, rec record, copy string, again bool) []string {
	b, d := rec.Booking, rec.Detail
	c, _ := cardByID(d.CardID)
	store, _ := t.storeByID(b.Store)
	kind := "VENTA"
	if b.Kind == kindReversal || again && rec.state() == "V" {
		kind = "CANCELACIÓN"
	}
	if again {
		kind += " - REIMPRESIÓN"
	}
	brand := strings.TrimSpace(c.mark + " " + map[bool]string{true: "CRÉDITO", false: "DÉBITO"}[c.credit])
	lines := []string{"PRUEBA - SIN VALOR", store.Name, strings.TrimSpace(streetName), cityName, "Afiliación " + b.Affiliation, "Tienda " + b.Store,
		"Terminal " + t.opts.Serial, "", kind, "COPIA " + copy, strings.TrimSpace(ticketDate(b.At)), "", brand + " " + c.bank, c.masked()}
	if b.TipMinor > 0 {
		lines = append(lines, "IMPORTE  $"+fixedAmount(b.AmountMinor-b.TipMinor), "PROPINA  $"+fixedAmount(b.TipMinor))
	}
	lines = append(lines, "TOTAL  $"+fixedAmount(b.AmountMinor)+" "+Currency)
	if d.MSI > 0 {
		lines = append(lines, monthsText(d.MSI))
	}
	if d.Code == approved.code {
		lines = append(lines, "APROBADA  Aut. "+d.AuthCode)
	} else {
		lines = append(lines, "DECLINADA  "+d.Code, d.Message)
	}
	for _, pair := range [][2]string{{"AID", c.aid}, {"", c.label}, {"Orden", b.OrderID}, {"Folio", b.Folio}, {"RRN", d.RRN}} {
		if pair[1] != "" {
			lines = append(lines, strings.TrimSpace(pair[0]+" "+pair[1]))
		}
	}
	if b.Kind == kindPurchase && d.Code == approved.code {
		lines = append(lines, "", verification(d, copy))
	}
	return lines
}

func monthsText(n int) string {
	return strings.TrimLeft(string([]byte{'0' + byte(n/10), '0' + byte(n%10)}), "0") + " MESES SIN INTERESES"
}

// verification is the line about the cardholder.
func verification(d detail, copy string) string {
	switch {
	case d.Verified == "pin":
		return "AUTORIZADO CON NIP"
	case d.Verified == "qps":
		return "NO REQUIERE FIRMA NI NIP"
	case d.Verified == "device":
		return "VERIFICADO EN DISPOSITIVO"
	case copy == "CLIENTE":
		return "FIRMA EN COPIA DEL COMERCIO"
	case d.HexSign != "":
		return "FIRMA DIGITAL CAPTURADA"
	}
	return "FIRMA: ____________________"
}
