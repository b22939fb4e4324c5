package pockyt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// text is a JSON value that may come as text or as a number: cancel answers with a
// number where the others have text (pockyt.md 5.5). A number keeps its digits, since
// a transaction number of 18 digits does not survive a float.
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

// trimmed is the text without blanks around it: ret_msg often ends with one.
func (t text) trimmed() string { return strings.TrimSpace(string(t)) }

// decimal is an amount in major units, with a point.
var decimal = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,12})?$`)

// minor reads an amount in major units: "13", "13.0" and "13.00" are one (pockyt.md
// 7). Nothing is rounded: what is finer than the currency is an error.
func (t text) minor(currency string) (int64, error) {
	s := t.trimmed()
	if !decimal.MatchString(s) {
		return 0, fmt.Errorf("%.20q is no amount", s)
	}
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	a, err := money.Parse(s, currency)
	if err != nil {
		return 0, fmt.Errorf("the amount %.20q: %w", s, err)
	}
	return a.Minor, nil
}

// answer is what every call brings.
type answer struct {
	Code    text            `json:"ret_code"`
	Message text            `json:"ret_msg"`
	Result  json.RawMessage `json:"result"`
}

// order is the object of all answers: add and prepay call the status
// transactionStatus, the others status (pockyt.md 1.5).
type order struct {
	Number        text            `json:"transactionNo"`
	Reference     text            `json:"reference"`
	Merchant      text            `json:"merchantNo"`
	Store         text            `json:"storeNo"`
	Amount        text            `json:"amount"`
	Currency      text            `json:"currency"`
	Settle        text            `json:"settleCurrency"`
	Status        text            `json:"status"`
	Status2       text            `json:"transactionStatus"`
	Type          text            `json:"transactionType"`
	Created       text            `json:"createTime"`
	Paid          text            `json:"paymentTime"`
	Vendor        text            `json:"vendor"`
	VendorID      text            `json:"vendorId"`
	Rate          text            `json:"exchangeRate"`
	Foreign       text            `json:"rmbAmount"`
	DeepLink      text            `json:"deepLink"`
	RefundAmount  text            `json:"refundAmount"`
	RefundOurs    text            `json:"refundReference"`
	RefundNumber  text            `json:"refundTransactionNo"`
	RefundNumber2 text            `json:"refundTransactionId"` // the Go SDK's older name
	OldNumber     text            `json:"oldTransactionId"`    // the original's, in the same SDK
	Info          json.RawMessage `json:"refundInfo"`

	code, said string // of the call
	refunds    []refund
}

// refund is one entry of refundInfo.
type refund struct {
	Number    text `json:"refundTransactionId"`
	Number2   text `json:"refundTransactionNo"`
	Reference text `json:"refundReference"`
	Amount    text `json:"refundAmount"`
	Rmb       text `json:"refundRmbAmount"`
	Currency  text `json:"currency"`
	Status    text `json:"status"` // not documented
}

// maxRefunds bounds what is read of refundInfo.
const maxRefunds = 100

// errNoAnswer is a body that is none of Pockyt's answers.
var errNoAnswer = errors.New("it is no answer of Pockyt's")

// decode reads an answer. The error says that nobody can tell what it means.
func decode(body []byte) (order, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 || body[0] != '{' {
		return order{}, errNoAnswer
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return order{}, fmt.Errorf("reading the answer: %w", err)
	}
	if a.Code.trimmed() == "" {
		return order{}, errNoAnswer
	}
	var o order
	if result := bytes.TrimSpace(a.Result); len(result) > 0 && result[0] == '{' {
		if err := json.Unmarshal(result, &o); err != nil {
			return order{}, fmt.Errorf("reading the result: %w", err)
		}
	}
	o.code, o.said = a.Code.trimmed(), safe(a.Message.trimmed())
	o.refunds = refundList(o.Info)
	return o, nil
}

// refundList reads refundInfo, an object or a list of them (pockyt.md 5.4).
func refundList(raw json.RawMessage) []refund {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil
	}
	var list []refund
	if raw[0] == '{' {
		raw = append(append([]byte("["), raw...), ']')
	}
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list[:min(len(list), maxRefunds)]
}

// state is the status in small letters.
func (o order) state() string {
	s := o.Status.trimmed()
	if s == "" {
		s = o.Status2.trimmed()
	}
	return strings.ToLower(s)
}

// settled tells what a listed refund's state says of the money: given back, not known
// yet, or neither, as one that has failed. Where none is told, to be listed is all there
// is to know (pockyt.md 5.4).
func (r refund) settled() (done, open bool) {
	switch strings.ToLower(r.Status.trimmed()) {
	case "", stateSuccess:
		return true, false
	case stateFailed, stateClosed:
		return false, false
	}
	return false, true
}

// number is a refund's own transaction.
func (r refund) number() string { return first(r.Number, r.Number2) }

// refundNumber is the refund's own transaction in an answer to refund.
func (o order) refundNumber() string { return first(o.RefundNumber, o.RefundNumber2) }

// words are Pockyt's own, with the code.
func (o order) words() string {
	said := strings.TrimSpace(o.said + " (" + safe(o.code) + ")")
	if state := o.state(); state != "" {
		said += " " + safe(state)
	}
	return said
}

func first(list ...text) string {
	for _, t := range list {
		if s := t.trimmed(); s != "" {
			return s
		}
	}
	return ""
}

// zone is the time of all answers (pockyt.md 6, 7).
var zone = time.FixedZone("UTC+8", 8*60*60)

// moment reads "2006-01-02 15:04:05" or "20060102150405", both UTC+8.
func moment(s string) (time.Time, bool) {
	for _, form := range []string{time.DateTime, "20060102150405"} {
		if at, err := time.ParseInLocation(form, strings.TrimSpace(s), zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// maxText bounds what others say, in runes.
const maxText = 200

// safe makes a text of others fit for the journal.
func safe(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
	if len(runes) > maxText {
		runes = append(runes[:maxText:maxText], '…')
	}
	return redact.Text(string(runes))
}
