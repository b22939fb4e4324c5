package iotpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The words of an envelope (iotpay.md 7.1).
const (
	success = "SUCCESS"
	fail    = "FAIL"
)

// text is a JSON value that may come as text, number or flag (iotpay.md 4.1, 7.2).
type text string

// UnmarshalJSON takes any simple value as its letters; null, lists and objects are empty.
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

// trimmed is the text without blanks around it: empty fields of a failure are made of
// blanks (iotpay.md 8).
func (t text) trimmed() string { return strings.TrimSpace(string(t)) }

// order is an order as IOT Pay tells of it, in whichever object (iotpay.md 7.2, 10.1,
// 11.3), as far as the till needs it. Every key may be missing.
type order struct {
	PayOrderID  text `json:"payOrderId"`
	MchID       text `json:"mchId"`
	MchOrderNo  text `json:"mchOrderNo"`
	Currency    text `json:"currency"`
	Amount      text `json:"amount"`
	Tip         text `json:"tip"`
	TrxAmount   text `json:"trxAmount"`
	PayType     text `json:"payType"`
	Extra       text `json:"extra"`
	Status      text `json:"status"`
	PaySuccTime text `json:"paySuccTime"`
}

// answer is an answer of any endpoint.
type answer struct {
	RetCode    text `json:"retCode"`
	ResCode    text `json:"resCode"`
	RetMsg     text `json:"retMsg"`
	ErrCode    text `json:"errCode"`
	ErrCodeDes text `json:"errCodeDes"`

	order order
	card  card  // what extra tells; its zero value: nothing
	proof proof // of the signature
}

// errNoAnswer is a body that is no JSON object with a retCode: doubt, never a refusal.
var errNoAnswer = errors.New("it is no answer of IOT Pay: a JSON object with a retCode")

// inner are the objects in which an order may stand; where none has a status, it stands
// at the top (iotpay.md 10.1).
var inner = []string{"payOrder", "result", "retData"}

// read decodes an answer and checks its signature.
func read(body []byte, key, reading string) (answer, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil || keys == nil {
		return answer{}, errors.Join(errNoAnswer, err)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return answer{}, errors.Join(errNoAnswer, err)
	}
	if a.RetCode == "" {
		return answer{}, errNoAnswer
	}
	var top order
	if err := json.Unmarshal(body, &top); err != nil {
		return answer{}, errors.Join(errNoAnswer, err)
	}
	if _, cards := keys["retData"]; cards && a.ResCode == "" {
		a.ResCode = a.RetCode // the card API has one level only (iotpay.md 11.3)
	}
	a.order = top
	for _, name := range inner {
		var in order
		if raw := keys[name]; len(raw) > 0 && raw[0] == '{' && json.Unmarshal(raw, &in) == nil && in.Status != "" {
			a.order = in.over(top)
			break
		}
	}
	a.card = readCard(string(a.order.Extra))
	a.proof = verify(keys, key, reading)
	return a, nil
}

// nothing: success, but not a word about any order.
func (o order) nothing() bool {
	return o.Status.trimmed() == "" && o.MchOrderNo.trimmed() == "" && o.PayOrderID.trimmed() == "" && o.Amount.trimmed() == ""
}

// over takes from the top level what the inner object does not tell. Where both name an
// order and differ, neither is believed.
func (o order) over(top order) order {
	if o.MchOrderNo == "" {
		o.MchOrderNo = top.MchOrderNo
	} else if top.MchOrderNo != "" && top.MchOrderNo != o.MchOrderNo {
		o.MchOrderNo += "/" + top.MchOrderNo
	}
	if o.PayOrderID == "" {
		o.PayOrderID = top.PayOrderID
	}
	if o.MchID == "" {
		o.MchID = top.MchID
	}
	return o
}

// good: both levels say SUCCESS; one of them alone is not enough (iotpay.md 7.1).
func (a answer) good() bool { return a.RetCode == success && a.ResCode == success }

// failed: one of the levels says so. An answer may be neither good nor failed.
func (a answer) failed() bool { return a.RetCode == fail || a.ResCode == fail }

// words is what IOT Pay says about a failure, with its code.
func (a answer) words() string {
	said := ""
	for _, t := range []text{a.ErrCodeDes, a.RetMsg} {
		if said = t.trimmed(); said != "" && !strings.EqualFold(said, success) {
			break
		}
	}
	if code := a.ErrCode.trimmed(); code != "" {
		said = strings.TrimSpace(said + " (" + code + ")")
	}
	return clean(said)
}

// The failures that a till can tell apart, by code or words. Only the signature's text is
// documented (iotpay.md 12.4); the codes are the ancestor's. What is not recognised here
// proves nothing, and a number inside a sentence is no code.
var (
	orderGone = regexp.MustCompile(`(?i)order.*(not exist|doesn't exist|not found|unknown)|(no such|unknown) order|订单不存在`)
	signWrong = regexp.MustCompile(`(?i)\bsign(ature)?\b|签名`)
	padBusy   = regexp.MustCompile(`(?i)\b(busy|3667|3668)\b`)
	trouble   = regexp.MustCompile(`(?i)system ?error|time ?out|timed out`)
	maybeHad  = regexp.MustCompile(`(?i)time ?out|timed out|already|duplicate|\b(exists|paid)\b|重复|已支付|超时`)
)

func (a answer) says(form *regexp.Regexp, codes ...string) bool {
	return a.failed() && (slices.Contains(codes, a.ErrCode.trimmed()) || form.MatchString(string(a.RetMsg+" "+a.ErrCode+" "+a.ErrCodeDes)))
}

func (a answer) unknownOrder() bool { return a.says(orderGone, "0112") }
func (a answer) badSignature() bool { return a.says(signWrong, "0013") }
func (a answer) busy() bool         { return a.says(padBusy) }

// mayHave tells of a failure that speaks of an order that arrived, or of somebody behind
// IOT Pay who did not answer: that a query does not find the order is no proof then.
func (a answer) mayHave() bool { return a.says(maybeHad, "0110", "0111", "0113") }

// inTrouble tells of a fault inside IOT Pay or behind it, which proves nothing about money.
func (a answer) inTrouble() bool { return a.says(trouble, "0010", "0110", "0111") }

// field is one parameter of a request.
type field struct{ name, value string }

// form writes a request: the fields with their signature as one JSON object in the form
// field params (iotpay.md 4.1).
func form(fields []field, key string) ([]byte, error) {
	raw, err := signed(fields, key)
	if err != nil {
		return nil, err
	}
	return []byte(url.Values{"params": {string(raw)}}.Encode()), nil
}

// signed writes the fields as a JSON object in their order, with the signature last.
func signed(fields []field, key string) ([]byte, error) {
	values := make(map[string]string, len(fields))
	for _, f := range fields {
		values[f.name] = f.value
	}
	var raw bytes.Buffer
	for i, f := range append(slices.Clone(fields), field{signKey, sign(values, key)}) {
		raw.WriteByte("{,"[min(i, 1)])
		for j, part := range []string{f.name, f.value} {
			if j == 1 {
				raw.WriteByte(':')
			}
			lines := json.NewEncoder(&raw)
			lines.SetEscapeHTML(false)
			if err := lines.Encode(part); err != nil {
				return nil, err
			}
			raw.Truncate(raw.Len() - 1) // the encoder's end of line
		}
	}
	raw.WriteByte('}')
	return raw.Bytes(), nil
}
