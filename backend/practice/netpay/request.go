package netpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// opKind is what the till asks the terminal to do.
type opKind string

const (
	opSale    opKind = "sale"
	opReprint opKind = "reprint"
	opCancel  opKind = "cancel"
)

// smart is how isSmartAccounts was sent (netpay.md 6).
type smart int

const (
	smartOff  smart = iota // missing, or not true
	smartText              // "true", as in every sample
	smartBool              // true, as the prose has it
)

// request is a sale, reprint or cancel, taken apart (netpay.md 3).
type request struct {
	Op           opKind
	Serial       string
	StoreID      string
	Smart        smart
	Amount       int64 // minor units
	Tip          int64
	MSI          int
	Folio        string // folioNumber of a sale, folioId of a reprint
	OrderID      string
	NoPaper      bool            // disablePrintAnimation
	Traceability json.RawMessage // as sent; nil: missing
}

// allowed are the fields that each request knows (netpay.md 3.1 to 3.4).
var allowed = map[opKind][]string{
	opSale: {"serialNumber", "storeId", "amount", "traceability", "folioNumber", "isSmartAccounts", "msi", "disablePrintAnimation", "tip",
		"checkIn", "tableId", "waitressid", "settlementId", "settlementDate", "pendingAmount", "exchangeRateUsd"},
	opReprint: {"serialNumber", "storeId", "orderId", "folioId", "traceability", "disablePrintAnimation", "isSmartAccounts"},
	opCancel:  {"serialNumber", "storeId", "orderId", "traceability", "disablePrintAnimation", "isSmartAccounts"},
}

// Limits of fields.
const (
	maxSerial  = 20
	maxFolio   = 250
	maxMinor   = 99_999_999_999_999_9 // Double(15,2): 13 digits before the point
	maxDepth   = 20                   // of traceability
	maxTraceKB = 16
)

// decoder reads the fields of a request and gathers what is wrong with them.
type decoder struct {
	fields map[string]json.RawMessage
	faults []string // the request cannot be carried out
	slips  []string // against the documents, but it can
}

// parseRequest takes a request apart. faults make it malformed; slips are against
// the documents without hindering. Neither has an end to what a till may send, so
// both are bounded by the body's limit.
func parseRequest(op opKind, raw []byte) (r request, faults, slips []string) {
	d := decoder{}
	var err error
	if d.fields, err = object(raw); err != nil {
		return request{Op: op}, []string{err.Error()}, nil
	}
	for name := range d.fields {
		if !slices.Contains(allowed[op], name) {
			d.slips = append(d.slips, fmt.Sprintf("field %q is not one of a %s", bench.Shorten(name), op))
		}
	}
	slices.Sort(d.slips)
	r = request{Op: op, Serial: d.text("serialNumber", maxSerial), StoreID: d.store(), Smart: d.flag(), NoPaper: d.boolean("disablePrintAnimation")}
	r.Traceability = d.traceability(op)
	switch op {
	case opSale:
		d.sale(&r)
	case opReprint:
		d.reprint(&r)
	case opCancel:
		r.OrderID = d.text("orderId", maxFolio)
	}
	return r, d.faults, d.slips
}

// object reads exactly one JSON object.
func object(raw []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("the body is not UTF-8")
	}
	if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, errors.New("the body is not a JSON object")
	}
	var fields map[string]json.RawMessage
	read := json.NewDecoder(bytes.NewReader(raw))
	if err := read.Decode(&fields); err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	if _, err := read.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return fields, nil
}

func (d *decoder) sale(r *request) {
	amount, present := d.fields["amount"]
	var err error
	switch {
	case !present:
		d.faults = append(d.faults, "amount is missing")
	default:
		if r.Amount, err = parseAmount(string(amount)); err != nil {
			d.faults = append(d.faults, "amount: "+err.Error())
		} else if r.Amount == 0 {
			d.faults = append(d.faults, "amount is zero")
		}
	}
	if tip, present := d.fields["tip"]; present {
		if r.Tip, err = parseAmount(string(tip)); err != nil {
			d.faults = append(d.faults, "tip: "+err.Error())
		} else if r.Tip > r.Amount {
			d.faults = append(d.faults, "tip is above amount")
		}
	}
	if _, present := d.fields["folioNumber"]; !present {
		d.slips = append(d.slips, "folioNumber is missing; without it nothing can be recovered")
	} else if r.Folio = d.text("folioNumber", maxFolio); r.Folio == "" {
		d.slips = append(d.slips, "folioNumber is empty")
	}
	if msi := string(d.fields["msi"]); msi != "" && msi != `""` {
		months, err := strconv.Atoi(msi)
		if err != nil || !slices.Contains([]int{3, 6, 9, 12, 18}, months) {
			d.faults = append(d.faults, "msi is "+bench.Shorten(msi)+", documented are 3, 6, 9, 12 and 18")
		}
		r.MSI = months
	}
	if d.boolean("checkIn") {
		d.faults = append(d.faults, "checkIn: pre-authorisations are not played here")
	}
}

func (d *decoder) reprint(r *request) {
	order, folio := d.fields["orderId"], d.fields["folioId"]
	if order == nil && folio != nil {
		d.slips = append(d.slips, `orderId is missing beside folioId, documented is ""`)
	} else {
		r.OrderID = d.textOf("orderId", order, maxFolio, true)
	}
	if folio != nil {
		r.Folio = d.textOf("folioId", folio, maxFolio, true)
	}
	if r.OrderID == "" && r.Folio == "" {
		d.faults = append(d.faults, "neither orderId nor folioId names a sale")
	}
}

// text reads a required string.
func (d *decoder) text(name string, most int) string {
	return d.textOf(name, d.fields[name], most, name == "folioNumber")
}

func (d *decoder) textOf(name string, raw json.RawMessage, most int, mayBeEmpty bool) string {
	var s *string
	switch {
	case raw == nil:
		d.faults = append(d.faults, name+" is missing")
		return ""
	case json.Unmarshal(raw, &s) != nil || s == nil:
		d.faults = append(d.faults, fmt.Sprintf("%s is %s, documented is a string", name, bench.Shorten(string(raw))))
		return ""
	case *s == "" && !mayBeEmpty:
		d.faults = append(d.faults, name+" is empty")
	case utf8.RuneCountInString(*s) > most:
		d.faults = append(d.faults, fmt.Sprintf("%s is longer than %d characters", name, most))
	}
	return *s
}

// store reads the store. Without it the terminal stays on the one that is logged in.
func (d *decoder) store() string {
	if d.fields["storeId"] == nil {
		d.slips = append(d.slips, "storeId is missing: the terminal's default store is charged")
		return ""
	}
	return d.text("storeId", maxSerial)
}

// boolean reads an optional true or false.
func (d *decoder) boolean(name string) bool {
	switch raw := string(d.fields[name]); raw {
	case "true":
		return true
	case "", "false":
	default:
		d.slips = append(d.slips, fmt.Sprintf("%s is %s, documented is true or false", name, bench.Shorten(raw)))
	}
	return false
}

// flag reads isSmartAccounts: the string "true" of the samples or the boolean of
// the prose; a plain request has no such field at all (netpay.md 6).
func (d *decoder) flag() smart {
	switch raw := string(d.fields["isSmartAccounts"]); raw {
	case "":
		return smartOff
	case `"true"`:
		return smartText
	case "true":
		return smartBool
	default:
		d.slips = append(d.slips, fmt.Sprintf(`isSmartAccounts is %s, documented is "true" or no such field`, bench.Shorten(raw)))
		return smartOff
	}
}

func (d *decoder) traceability(op opKind) json.RawMessage {
	raw := d.fields["traceability"]
	switch {
	case raw == nil:
		d.slips = append(d.slips, fmt.Sprintf("traceability of the %s is missing", op))
		return nil
	case raw[0] != '{':
		d.slips = append(d.slips, "traceability is "+bench.Shorten(string(raw))+", documented is an object")
	case len(raw) > maxTraceKB<<10 || depth(raw) > maxDepth:
		d.faults = append(d.faults, "traceability is too large")
		return nil
	}
	return raw
}

// depth is how deeply JSON is nested.
func depth(raw []byte) int {
	level, most := 0, 0
	inside := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inside && c == '\\':
			i++
		case c == '"':
			inside = !inside
		case !inside && (c == '{' || c == '['):
			level++
			most = max(most, level)
		case !inside && (c == '}' || c == ']'):
			level--
		}
	}
	return most
}

var decimal = regexp.MustCompile(`^(0|[1-9][0-9]*)(?:\.([0-9]{1,20}))?$`)

// parseAmount reads a JSON number of pesos into minor units. What Double(15,2)
// cannot hold is an error, and so is a third decimal that is not zero: NetPay's
// rule for it is unknown, and a till that sends 0.30000000000000004 is wrong.
func parseAmount(text string) (minor int64, err error) {
	m := decimal.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%s is no decimal number", bench.Shorten(text))
	}
	cents := (m[2] + "00")[:2]
	if len(m[2]) > 2 && strings.Trim(m[2][2:], "0") != "" {
		return 0, fmt.Errorf("%s has more than two decimals", bench.Shorten(text))
	}
	minor, err = strconv.ParseInt(m[1]+cents, 10, 64)
	if err != nil || minor > maxMinor || minor == math.MaxInt64 {
		return 0, fmt.Errorf("%s has more than 13 digits before the point", bench.Shorten(text))
	}
	return minor, nil
}

// javaAmount writes minor units as Java prints a double: as short as can be, with
// at least one decimal (netpay.md 5.1).
func javaAmount(minor int64) string {
	s := fixedAmount(minor)
	return strings.TrimSuffix(s, "0")
}

// fixedAmount writes minor units with two decimals.
func fixedAmount(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d.%02d", sign, minor/100, minor%100)
}
