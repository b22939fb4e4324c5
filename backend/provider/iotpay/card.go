package iotpay

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// card is the card and EMV data of extra (iotpay.md 8). The expiry date has no field
// here: it is never taken out of an answer.
type card struct {
	Type       text `json:"cardType"`
	Number     text `json:"cardNum"`
	Label      text `json:"emvLabel"`
	AID        text `json:"emvAID"`
	TVR        text `json:"emvTVR"`
	TSI        text `json:"emvTSI"`
	Cryptogram text `json:"emvTC"`
	TermNum    text `json:"termNum"`
	BankTerm   text `json:"bankTermNum"`
	Invoice    text `json:"termInvoiceNum"`
	Seq        text `json:"seqNum"`
	Auth       text `json:"authNum"`
	Batch      text `json:"batchNum"`
	Method     text `json:"trxMethod"`
	Account    text `json:"accountType"`
	Display    text `json:"receiptDisp"`
	Cashback   text `json:"cashbackAmount"`
	Surcharge  text `json:"surchargeAmount"`
	Stamp      text `json:"timeStamp"`
	Language   text `json:"langCode"`
	Date       text `json:"trxDate"`
	Time       text `json:"trxTime"`
	CVM        text `json:"cvmResults"`

	// flaw says why there are no card data; empty: there are.
	flaw string
}

// readCard decodes extra a second time. It never fails: without card data the status
// decides all the same.
func readCard(extra string) card {
	switch extra = strings.TrimSpace(extra); {
	case extra == "":
		return card{flaw: "no card data came"}
	case extra[0] != '{':
		return card{flaw: "the card data cannot be read"}
	}
	var c card
	if err := json.Unmarshal([]byte(extra), &c); err != nil {
		return card{flaw: "the card data cannot be read"}
	}
	if c == (card{}) {
		return card{flaw: "no card data came"} // the request's own extra, as on a query
	}
	return c
}

// brands are the letters of cardType; unknown ones are shown as they are.
var brands = map[string]string{"V": "Visa", "M": "Mastercard", "D": "INTERAC", "A": "American Express", "O": "Discover", "I": "Diners Club"}

// interac is the cardType of Interac debit.
const interac = "D"

func (c card) brand() string {
	letter := clean(c.Type.trimmed())
	if name, ok := brands[strings.ToUpper(letter)]; ok {
		return name
	}
	return letter
}

// entries are the letters of trxMethod.
var entries = map[string]payment.Entry{"M": payment.EntryManual, "S": payment.EntrySwipe, "C": payment.EntryChip, "T": payment.EntryContactless}

// masked shows the last four digits only, however many came.
func (c card) masked() string {
	s := c.Number.trimmed()
	if len(s) < 4 {
		return ""
	}
	last := s[len(s)-4:]
	if strings.Trim(last, "0123456789") != "" {
		return ""
	}
	return "************" + last
}

// known is what may be known of the card.
func (c card) known() payment.Card {
	cvm, _ := c.verified()
	return payment.Card{Brand: c.brand(), Masked: c.masked(), Entry: entries[strings.ToUpper(c.Method.trimmed())], CVM: cvm}
}

// verified reads cvmResults (EMV tag 9F34): how the cardholder was verified, and whether
// the merchant's copy is to be signed. No claim where it is unknown or failed;
// a swiped credit card is signed by rule, and UnionPay always (iotpay.md 8, R-76).
func (c card) verified() (how payment.CVM, signature bool) {
	union := strings.HasPrefix(strings.ToUpper(c.AID.trimmed()), "A000000333") || strings.Contains(strings.ToUpper(c.Label.trimmed()), "UNIONPAY")
	byRule := union || strings.EqualFold(c.Method.trimmed(), "S") && !strings.EqualFold(c.Type.trimmed(), interac)
	raw, err := hex.DecodeString(c.CVM.trimmed())
	if err != nil || len(raw) != 3 || raw[2] == 1 {
		return "", byRule
	}
	switch raw[0] & 0x3F {
	case 0x01, 0x02, 0x04:
		return payment.CVMPin, union
	case 0x03, 0x05:
		return payment.CVMPin, true // both
	case 0x1E:
		return payment.CVMSignature, true
	case 0x1F:
		return payment.CVMNone, union
	}
	return "", byRule
}

// french tells the cardholder's language. told is false where the letter is unknown.
func (c card) french() (french, told bool) {
	switch strings.ToUpper(c.Language.trimmed()) {
	case "F":
		return true, true
	case "E":
		return false, true
	}
	return false, false
}

// local gives the terminal's own date and time: MMddyyyy and HHmmss. ok is false where
// they are empty or none.
func (c card) local() (at time.Time, ok bool) {
	at, err := time.Parse("01022006150405", c.Date.trimmed()+c.Time.trimmed())
	return at, err == nil
}

// hostStamp is the host's time as a receipt writes it, yyyyMMddHHmmss; empty: none came.
func (c card) hostStamp() string {
	bare := strings.ReplaceAll(c.Stamp.trimmed(), "-", "")
	if len(bare) < 14 || strings.Trim(bare, "0123456789") != "" {
		return ""
	}
	return bare[:14]
}

// cents reads an amount in cents: a JSON number or its text. Empty is none.
func (t text) cents() (int64, error) {
	s := t.trimmed()
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > money.Limit {
		return 0, fmt.Errorf("%.20q is no amount in cents", s)
	}
	return n, nil
}

// padded reads an amount of extra: eleven digits with two implied decimals
// (00000000429 is 4.29), plain cents, or a number with a decimal point. Empty is none.
func (t text) padded(currency string) (int64, error) {
	s := t.trimmed()
	if !strings.ContainsAny(s, ".") {
		return t.cents()
	}
	a, err := money.Parse(s, currency)
	if err != nil || a.Minor > money.Limit {
		return 0, fmt.Errorf("%.20q is no amount", s)
	}
	return a.Minor, nil
}
