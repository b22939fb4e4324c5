package poynt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of a payload.
const (
	maxData         = 4096 // bytes of data (poynt.md 6)
	maxAmount int64 = 9_999_999_999
)

// orderKind is what a cloud message asks of the terminal (poynt.md 7.3).
type orderKind string

const (
	orderSale      orderKind = "sale"
	orderAuthorise orderKind = "authorize"
	orderVoid      orderKind = "void"
	orderRefund    orderKind = "refund"
	orderCredit    orderKind = "non-referenced-credit"
	orderCancel    orderKind = "cancelPayment"
	orderProfile   orderKind = "setCustomPcmProfile"
)

// creditSample is orderCredit as a sample of Poynt's own spells it (poynt.md 7.1).
const creditSample = "non-reference-credit"

// order is the payload of a cloud message.
type order struct {
	kind                    orderKind
	action                  string // the word of the flat generation
	nested                  bool   // generation B
	amount, tip, cashback   int64
	currency, reference     string
	callback                string // the URL, decoded
	headerName, headerValue string
	transactionID           string
	options                 map[string]any // the Payment object, echoed in callbacks
	faults                  []string       // what the protocol does not allow, but the terminal takes
}

// pays says whether a card is wanted.
func (o order) pays() bool {
	return o.kind == orderSale || o.kind == orderAuthorise || o.kind == orderCredit
}

// flag is a payment option that is set.
func (o order) flag(name string) bool {
	on, _ := o.options[name].(bool)
	return on
}

// decodeOrder reads the data of a cloud message in either generation
// (poynt.md 7.1, 7.2). The error says why a terminal can do nothing with it.
func decodeOrder(data string) (order, error) {
	outer, err := decodeObject(data)
	if err != nil {
		return order{}, err
	}
	o := order{options: map[string]any{}}
	payment, nested := outer["payment"]
	action, hasAction := outer["action"].(string)
	switch {
	case nested:
		o.nested = true
		if err := o.readNested(payment, action); err != nil {
			return order{}, err
		}
	case hasAction:
		o.kind, o.action = kindOf(action), action
		maps.Copy(o.options, outer)
		for _, key := range []string{"action", "callbackUrl", "custom-http-header", "purchaseAmount"} {
			delete(o.options, key)
		}
		if amount, present := outer["purchaseAmount"]; present {
			o.options["amount"] = amount
		}
	default:
		return order{}, errors.New("there is neither action nor payment in it")
	}
	if o.kind == "" {
		return order{}, fmt.Errorf("the action %q is unknown", bench.Shorten(action))
	}
	return o, o.readCommon(outer)
}

// kindOf knows both documented spellings of the unreferenced refund; upper case
// was seen in the field (poynt.md 7.1).
func kindOf(action string) orderKind {
	if strings.EqualFold(action, creditSample) {
		return orderCredit
	}
	for _, k := range []orderKind{orderSale, orderAuthorise, orderVoid, orderRefund, orderCredit, orderCancel, orderProfile} {
		if strings.EqualFold(action, string(k)) {
			return k
		}
	}
	return ""
}

// readNested reads the Payment object, which is serialised once more.
func (o *order) readNested(payment any, action string) error {
	switch p := payment.(type) {
	case string:
		inner, err := decodeObject(p)
		if err != nil {
			return fmt.Errorf("payment: %w", err)
		}
		o.options = inner
	case map[string]any:
		o.faults = append(o.faults, "payment is an object, not a serialised one")
		o.options = p
	default:
		return errors.New("payment is neither text nor an object")
	}
	switch {
	case action != "":
		o.kind = kindOf(action)
	case o.flag("authzOnly"):
		o.kind = orderAuthorise
	case o.flag("nonReferencedCredit"):
		o.kind = orderCredit
	default:
		o.kind = orderSale
	}
	return nil
}

// readCommon reads what both generations have, and notes what is missing.
func (o *order) readCommon(outer map[string]any) error {
	o.reference = text(o.options["referenceId"], outer["referenceId"])
	o.transactionID = text(outer["transactionId"], o.options["transactionId"])
	o.currency = text(o.options["currency"])
	if err := o.readAmounts(); err != nil {
		return err
	}
	if o.kind == orderCancel || o.kind == orderProfile {
		return nil
	}
	if err := o.readCallback(text(outer["callbackUrl"])); err != nil {
		return err
	}
	if header := text(outer["custom-http-header"]); header != "" {
		name, value, found := strings.Cut(header, ":")
		o.headerName, o.headerValue = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || o.headerName == "" {
			o.headerName = ""
			o.faults = append(o.faults, "custom-http-header is not of the form \"Name: value\"")
		}
	}
	if o.reference == "" {
		o.faults = append(o.faults, "there is no referenceId")
	}
	for _, key := range []string{"deviceId", "storeDeviceId", "serialNumber"} {
		if outer[key] != nil {
			o.faults = append(o.faults, key+" stands inside data, where it addresses nobody")
		}
	}
	if (o.kind == orderVoid || o.kind == orderRefund) && o.transactionID == "" {
		return errors.New("there is no transactionId")
	}
	return nil
}

func (o *order) readAmounts() error {
	for key, into := range map[string]*int64{"amount": &o.amount, "tipAmount": &o.tip, "cashbackAmount": &o.cashback} {
		value, present := o.options[key]
		if !present || value == nil {
			continue
		}
		minor, err := wholeMinor(value)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		*into = minor
	}
	if !o.pays() {
		return nil
	}
	if o.amount == 0 {
		return errors.New("there is no amount")
	}
	if len(o.currency) != 3 || strings.ToUpper(o.currency) != o.currency {
		return fmt.Errorf("the currency %q is none", bench.Shorten(o.currency))
	}
	return nil
}

// readCallback takes the URL plain or, as the flat generation documents it, encoded once.
func (o *order) readCallback(link string) error {
	if link == "" {
		o.faults = append(o.faults, "there is no callbackUrl")
		return nil
	}
	if lower := strings.ToLower(link); strings.HasPrefix(lower, "http%3a") || strings.HasPrefix(lower, "https%3a") {
		decoded, err := url.QueryUnescape(link)
		if err != nil {
			return fmt.Errorf("callbackUrl: %w", err)
		}
		link = decoded
	} else if !o.nested {
		o.faults = append(o.faults, "callbackUrl is not URL-encoded, as the flat generation wants it")
	}
	parsed, err := url.Parse(link)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return fmt.Errorf("callbackUrl %q is no address", bench.Shorten(link))
	}
	o.callback = link
	return nil
}

// wholeMinor reads an amount; anything but a whole number of minor units is refused.
func wholeMinor(value any) (int64, error) {
	number, isNumber := value.(json.Number)
	if !isNumber {
		return 0, fmt.Errorf("%T is no number", value)
	}
	minor, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || minor < 0 || minor > maxAmount {
		return 0, fmt.Errorf("%q is no amount in minor units", bench.Shorten(number.String()))
	}
	return minor, nil
}

// decodeObject reads one JSON object and nothing after it.
func decodeObject(data string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(data))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, fmt.Errorf("is not a JSON object: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	if object == nil {
		return nil, errors.New("is null")
	}
	return object, nil
}

// text is the first of the values that is a text.
func text(values ...any) string {
	for _, v := range values {
		if s, ok := v.(string); ok && s != "" {
			return s
		}
	}
	return ""
}
