package netpay

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// zone is the time of Mexico City, without summer time since 2022 (netpay.md 5.2).
var zone = time.FixedZone("America/Mexico_City", -6*60*60)

// months as the terminal prints them; only a few are evidenced, so all usual forms
// are taken (netpay.md 5.2).
var months = map[string]time.Month{"ENE": 1, "FEB": 2, "MAR": 3, "ABR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AGO": 8, "SEP": 9, "SEPT": 9, "SET": 9, "OCT": 10, "NOV": 11, "DIC": 12}

// zones are those of transDate; whatever else stands there is taken for Mexico City.
var zones = map[string]int{"CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "EST": -5}

// ticketTime reads "DIC. 03, 19 10:40:46 ": local time.
func ticketTime(s string) (time.Time, bool) {
	fields := strings.Fields(strings.NewReplacer(".", " ", ",", " ").Replace(s))
	if len(fields) != 4 {
		return time.Time{}, false
	}
	month, known := months[strings.ToUpper(fields[0])]
	day, err1 := strconv.Atoi(fields[1])
	year, err2 := strconv.Atoi(fields[2])
	clock := fields[3]
	if strings.HasPrefix(clock, "24:") {
		clock = "00:" + clock[3:] // midnight, as some print it; the day is the new one
	}
	at, err3 := time.Parse("15:04:05", clock)
	if !known || err1 != nil || err2 != nil || err3 != nil || day < 1 || day > 31 || year < 0 || year > 99 {
		return time.Time{}, false
	}
	got := time.Date(2000+year, month, day, at.Hour(), at.Minute(), at.Second(), 0, zone)
	return got, got.Day() == day // a 31st of June is none
}

// hostTime reads "2019-12-03 10:38:25.CST".
func hostTime(s string) (time.Time, bool) {
	bare, name, _ := strings.Cut(strings.TrimSpace(s), ".")
	at, err := time.ParseInLocation(time.DateTime, bare, zone)
	if err != nil {
		return time.Time{}, false
	}
	if hours, known := zones[strings.ToUpper(name)]; known {
		at, err = time.ParseInLocation(time.DateTime, bare, time.FixedZone(name, hours*60*60))
	}
	return at, err == nil
}

// orderTime reads the head of an order: yyMMddHHmmss, local time (netpay.md 5.3).
func orderTime(order string) (time.Time, bool) {
	head, _, ok := strings.Cut(order, "-")
	if !ok || len(head) != 12 {
		return time.Time{}, false
	}
	at, err := time.ParseInLocation("060102150405", head, zone)
	return at, err == nil
}

// slips makes both copies out of a result (receipts.md 3.1, R-121). The terminal
// prints its own official tickets; these are what a reprint at the till shows.
func (t *Terminal) slips(r payment.Request, got result, out payment.Result) []payment.Slip {
	s := payment.Slip{
		Kind: r.Kind, At: time.Now().UTC(), Outcome: out.Outcome, Currency: currency,
		Merchant: payment.Merchant{Name: clean(got.StoreName), Address: clean(got.Street), City: clean(got.City), MID: clean(got.Affiliation), TID: clean(got.Terminal)},
		Brand:    out.Card.Brand, Label: clean(got.AppLabel), Masked: out.Card.Masked, CVM: out.Card.CVM, AID: clean(got.AID),
		Response: clean(got.Code), Text: clean(got.Message), Receipt: clean(got.Order), Till: r.Attempt.Reference, TipMinor: out.Tip, Raw: record(raw(got)),
	}
	if out.Outcome == payment.Success {
		s.AuthCode = out.References.AuthCode
		s.Amount = string(pesos(out.Authorised - out.Tip))
		s.Total = string(pesos(out.Authorised))
		// Nothing is signed at the till where the terminal has taken the signature.
		s.Signature = r.Kind == payment.Sale && out.Card.CVM == payment.CVMSignature && got.HexSign.trimmed() == ""
	}
	at, ok := ticketTime(string(got.TicketDate))
	if !ok {
		at, ok = hostTime(string(got.TransDate))
	}
	if ok {
		s.LocalDate, s.LocalTime = at.In(zone).Format(time.DateOnly), at.In(zone).Format("15:04")
	} else {
		s.Flawed = "the time of the ticket cannot be read"
	}
	s.More = t.lines(got)
	merchant, customer := s, s
	merchant.Copy, customer.Copy = payment.MerchantCopy, payment.CustomerCopy
	customer.Signature, customer.Raw = false, ""
	return []payment.Slip{merchant, customer}
}

// lines are what R-121 asks for beside the common lines.
func (t *Terminal) lines(got result) []string {
	var list []string
	add := func(label string, value string) {
		if value != "" {
			list = append(list, label+" "+value)
		}
	}
	switch got.CardType.trimmed() {
	case "C":
		list = append(list, "CRÉDITO")
	case "D":
		list = append(list, "DÉBITO")
	}
	add("Banco", clean(got.Bank))
	add("Sucursal", clean(got.Store))
	add("ARQC", clean(got.Cryptogram))
	add("TC", clean(got.Certificate))
	add("RRN", first(got.RRN, got.HostRef))
	add("Lote", clean(got.Lot))
	add("Operación", clean(got.Charge))
	if n, err := strconv.Atoi(got.Promotion.trimmed()); err == nil && n > 0 {
		list = append(list, strconv.Itoa(n)+" MESES SIN INTERESES")
	}
	if got.HexSign.trimmed() != "" {
		list = append(list, "Firma digital capturada en la terminal")
	}
	return list
}

func clean(t text) string { return redact.Text(shorten(t.trimmed())) }

// dropped are keys that nobody needs, and that the rules for card data forbid or
// advise against.
var dropped = []string{"bin", "cardExpDate", "customerName", "hexSign", "spanRoute"}

// droppedText is one of them in a body that is no JSON, up to where that was cut off.
var droppedText = regexp.MustCompile(`(?i)"(` + strings.Join(dropped, "|") + `)"?\s*(:\s*("[^"]*"?|[^,}\s]*)\s*,?)?`)

// record makes a body fit for journal and log.
func record(body []byte) string {
	var keys map[string]json.RawMessage
	if json.Unmarshal(body, &keys) != nil {
		return redact.Text(shorten(droppedText.ReplaceAllString(string(body), "")))
	}
	found := false
	for key := range keys {
		if slices.ContainsFunc(dropped, func(d string) bool { return strings.EqualFold(d, key) }) {
			delete(keys, key)
			found = true
		}
	}
	if found {
		if again, err := json.Marshal(keys); err == nil {
			body = again
		}
	}
	return redact.JSON(body)
}

// mark is our own one in a request (trace.Proof).
var mark = regexp.MustCompile(`("paydesk_mark"\s*:\s*)"[^"]*"`)

// sent makes a request fit for the timeline. Our mark is left out: while the terminal has
// not brought it back, whoever knows it could answer in its name.
func sent(body []byte) string {
	return record(mark.ReplaceAll(body, []byte(`$1"..."`)))
}

// raw is a result as JSON again, without what is dropped.
func raw(got result) []byte {
	body, err := json.Marshal(got)
	if err != nil {
		return nil
	}
	return body
}
