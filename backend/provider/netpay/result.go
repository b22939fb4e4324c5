package netpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/money"
)

// text is a JSON value that may come as text, number or flag (netpay.md 5.6).
type text string

// UnmarshalJSON takes any simple value; null, lists and objects are empty.
func (t *text) UnmarshalJSON(raw []byte) error {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0, bytes.Equal(raw, []byte("null")), raw[0] == '{', raw[0] == '[':
		*t = ""
		return nil
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = text(s)
		return nil
	}
	*t = text(raw)
	return nil
}

// flag is true, "true", 1, 1.0 or "1".
func (t text) flag() bool {
	if f, err := strconv.ParseFloat(string(t), 64); err == nil {
		return f != 0
	}
	return strings.EqualFold(strings.TrimSpace(string(t)), "true")
}

// trimmed is the text without blanks around it; the literal "null" is none (netpay.md 5.1).
func (t text) trimmed() string {
	s := strings.TrimSpace(string(t))
	if strings.EqualFold(s, "null") {
		return ""
	}
	return s
}

// maxAmount bounds the text of an amount, in bytes.
const maxAmount = 24

// decimal is what a Java double prints as.
var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?([eE][0-9]{1,2})?$`)

// minor reads an amount: the shortest text of a Java double, or a number. Nothing
// is rounded: what is finer than a centavo is an error.
func (t text) minor() (int64, error) {
	s := t.trimmed()
	if len(s) > maxAmount || !decimal.MatchString(s) {
		return 0, fmt.Errorf("%.20q is no amount", string(t))
	}
	exact, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, fmt.Errorf("%.20q is no amount", string(t))
	}
	exact.Mul(exact, big.NewRat(100, 1))
	if !exact.IsInt() || !exact.Num().IsInt64() || exact.Num().Int64() > money.Limit {
		return 0, fmt.Errorf("the amount %.20q is finer than a centavo, or too large", string(t))
	}
	return exact.Num().Int64(), nil
}

// result is what the terminal posts (netpay.md 5.1), as far as anybody may know it.
// Every key may be missing.
type result struct {
	Affiliation  text            `json:"affiliation"`
	AppLabel     text            `json:"applicationLabel"`
	AID          text            `json:"aid"`
	Cryptogram   text            `json:"arqc"`
	Amount       text            `json:"amount"`
	AuthCode     text            `json:"authCode"`
	Bank         text            `json:"bankName"`
	Last4        text            `json:"cardNumber"`
	CardType     text            `json:"cardType"`
	Brand        text            `json:"cardTypeName"`
	City         text            `json:"cityName"`
	Folio        text            `json:"folioNumber"`
	HasPIN       text            `json:"hasPin"`
	HexSign      text            `json:"hexSign"`
	HostRef      text            `json:"hostRefNum"`
	QPS          text            `json:"isQps"`
	IsReprint    text            `json:"isRePrint"`
	Message      text            `json:"message"`
	Charge       text            `json:"moduleCharge"`
	Lot          text            `json:"moduleLote"`
	Order        text            `json:"orderId"`
	Promotion    text            `json:"promotion"`
	Brand2       text            `json:"rePrintMark"`
	Module       text            `json:"reprintModule"`
	Code         text            `json:"responseCode"`
	RRN          text            `json:"rrnNumber"`
	Store        text            `json:"storeId"`
	StoreName    text            `json:"storeName"`
	Street       text            `json:"streetName"`
	Terminal     text            `json:"terminalId"`
	TicketDate   text            `json:"ticketDate"`
	Tip          text            `json:"tipAmount"`
	TransDate    text            `json:"transDate"`
	TransType    text            `json:"transType"`
	Certificate  text            `json:"transactionCertificate"`
	ID           text            `json:"transactionId"`
	Traceability json.RawMessage `json:"traceability"`
	Summary      struct {
		Sum text `json:"sum"`
	} `json:"summary"`

	trace trace
}

// errNoResult is a body that is no JSON object.
var errNoResult = errors.New("it is no JSON object")

// decode reads a posted body. A test post decodes to an empty result.
func decode(body []byte) (result, error) {
	var r result
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		return r, nil // the test post of some apps (netpay.md 4.1)
	}
	if body[0] != '{' {
		return r, errNoResult
	}
	if err := json.Unmarshal(body, &r); err != nil {
		// A key of an odd type must not lose the others.
		if r2, ok := loose(body); ok {
			r = r2
		} else {
			return result{}, err
		}
	}
	// What is ours in it is an object; whatever else stands there is not ours.
	var t struct {
		Ref   text `json:"paydesk"`
		Op    text `json:"op"`
		N     text `json:"n"`
		Proof text `json:"paydesk_mark"`
	}
	if json.Unmarshal(r.Traceability, &t) == nil {
		r.trace = trace{string(t.Ref), string(t.Op), string(t.N), string(t.Proof)}
	}
	return r, nil
}

// loose decodes key by key.
func loose(body []byte) (result, bool) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(body, &keys) != nil {
		return result{}, false
	}
	delete(keys, "summary")
	again, err := json.Marshal(keys)
	if err != nil {
		return result{}, false
	}
	var r result
	return r, json.Unmarshal(again, &r) == nil
}

// kind says which request a result answers (netpay.md 4.7).
func (r result) kind() string {
	switch {
	case r.IsReprint.flag():
		return opInquiry
	case r.TransType.trimmed() == "V":
		return opCancel
	case r.IsReprint == "" && (r.trace.Op == opInquiry || r.trace.Op == opCancel):
		return r.trace.Op // payloads of 2019 know no isRePrint
	}
	return opSale
}

// reference is the attempt that the result is about; empty: none of ours.
func (r result) reference() string {
	if r.trace.Ref != "" {
		return r.trace.Ref
	}
	return r.Folio.trimmed()
}

// total is what the customer paid in all, with the tip: with loyalty points the
// amount is the card's part only (netpay.md 5.1).
func (r result) total() (int64, error) {
	if r.Summary.Sum.trimmed() != "" {
		return r.Summary.Sum.minor()
	}
	return r.Amount.minor()
}

// tip is zero when there is none, or none that can be read.
func (r result) tip() int64 {
	n, err := r.Tip.minor()
	if err != nil {
		return 0
	}
	return n
}

// key tells one result from another, but not a result from its own repetition: all
// that is judged stands in it, so that a forged one never passes for the true one.
func (r result) key() string {
	return strings.Join([]string{r.kind(), r.reference(), r.trace.Op, r.trace.N, r.trace.Proof, r.Folio.trimmed(), r.Order.trimmed(), r.Code.trimmed(), r.Module.trimmed(),
		r.TransType.trimmed(), r.Amount.trimmed(), r.Summary.Sum.trimmed(), r.Tip.trimmed(), r.Store.trimmed(), r.Affiliation.trimmed(), r.Terminal.trimmed(), r.AuthCode.trimmed()}, "|")
}
