package nexo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// Limits of the receipts of one answer. There are two by the protocol.
const (
	maxReceipts = 4
	maxLines    = 200
)

// receiptJSON is the vendor's receipt (nexo-retailer.md 8.2). The root says which
// copy it is. Every member is optional; unknown ones stay in the raw text.
type receiptJSON struct {
	Merchant   *receiptBody
	Cardholder *receiptBody
}

type receiptBody struct {
	Mandatory receiptMandatory
	Optional  receiptOptional
}

type receiptMandatory struct {
	Acquirer     struct{ CardAcceptorNumber, TerminalID text }
	CardAcceptor struct {
		Name, Address1, PostZipCode, TownCity, OrganisationNumber, BankAgentName text
	}
	CardDetails struct {
		ApplicationIdentifier, PrimaryAccountNumber              text
		TerminalVerificationResult, TransactionStatusInformation text
		CardSchemeName                                           struct{ ApplicationLabel text }
	}
	Outcome struct {
		ApprovalCode, AuthorisationResponder, AuthorisationResponseCode, DebitStatus text
	}
	Payment struct {
		AuthorisationChannel, CardholderVerificationMethod, Currency, FinancialInstitution text
		PaymentAmount, ReceiptNumber, TotalAmount, TransactionSource                       text
		SignatureBlock                                                                     text
	}
	TimeStamp struct{ DateOfPayment, TimeOfPayment text }
}

type receiptOptional struct {
	CardAcceptor struct{ PhoneNumber text }
	CardDetails  struct {
		CardSchemeName struct{ ApplicationLabel text }
	}
	Payment       struct{ Reference text }
	ReceiptString textList
}

// text is a JSON value read leniently: a string, number or boolean as text, and
// anything else as nothing, so that one odd member never costs the whole receipt.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	var s string
	switch {
	case len(raw) == 0 || string(raw) == "null" || raw[0] == '{' || raw[0] == '[':
		return nil
	case raw[0] != '"':
		s = string(raw)
	default:
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
	}
	*t = text(clean(s))
	return nil
}

type textList []text

// UnmarshalJSON implements json.Unmarshaler: what is no list is no lines.
func (l *textList) UnmarshalJSON(raw []byte) error {
	var list []text
	if json.Unmarshal(raw, &list) == nil {
		*l = list[:min(len(list), maxLines)]
	}
	return nil
}

// clean makes a delivered text printable: character references are resolved where
// the terminal sent them (nexo-retailer.md 8.1), control characters dropped.
func clean(s string) string {
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	s = strings.Map(func(r rune) rune {
		if (r < 0x20 && r != '\n') || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return strings.ToValidUTF8(s, "\uFFFD")
}

var errNotReceipt = errors.New("the text is not a receipt in the known form")

// unpack decodes Base64 in any of its common forms, blanks allowed, to valid UTF-8;
// other bytes are read as ISO 8859-1 (nexo-retailer.md 8.1).
func unpack(text string) (string, error) {
	compact := strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	raw, err := base64.RawStdEncoding.DecodeString(compact)
	if err != nil {
		if raw, err = base64.RawURLEncoding.DecodeString(compact); err != nil {
			return "", err
		}
	}
	if utf8.Valid(raw) {
		return strings.TrimPrefix(string(raw), "\uFEFF"), nil
	}
	latin, err := charmap.ISO8859_1.NewDecoder().Bytes(raw)
	if err != nil {
		return "", err
	}
	return string(latin), nil
}

// slipFrom makes a slip of one copy. It never fails: what cannot be read makes the
// slip flawed, with the raw text kept in redacted form (C-60, R-130 to R-139).
func slipFrom(qualifier string, content outputContent, required flag, kind payment.Kind, at time.Time) payment.Slip {
	named := copyOf(qualifier)
	slip := payment.Slip{Copy: named, Kind: kind, At: at.UTC(), Signature: required.is(false)}
	if named == "" {
		slip.Copy = payment.MerchantCopy // the customer is never handed what nobody knows
	}
	packed := strings.Join(content.Texts, "")
	plain, err := unpack(packed)
	if err != nil || !strings.HasPrefix(strings.TrimSpace(plain), "{") {
		plainSlip(&slip, content)
		return slip
	}
	slip.Raw = redact.JSON([]byte(plain))
	var doc receiptJSON
	if err := json.Unmarshal([]byte(plain), &doc); err != nil {
		var odd *json.UnmarshalTypeError
		if !errors.As(err, &odd) {
			slip.Flawed = "the receipt's JSON is broken"
			return slip
		}
		slip.Flawed = "the receipt has a member of an unknown form: " + odd.Field
	}
	body := doc.Merchant
	if body == nil || (doc.Cardholder != nil && slip.Copy == payment.CustomerCopy) {
		body = doc.Cardholder
	}
	switch {
	case body == nil:
		slip.Flawed = errNotReceipt.Error()
		return slip
	case named == "" && doc.Merchant == nil:
		slip.Copy = payment.CustomerCopy
	}
	fill(&slip, *body)
	return slip
}

// plainSlip takes a text that is no Base64 JSON as lines (nexo-retailer.md 10.3).
func plainSlip(slip *payment.Slip, content outputContent) {
	slip.Flawed = errNotReceipt.Error()
	for _, t := range content.Texts {
		for line := range strings.SplitSeq(t, "\n") {
			if len(slip.Lines) < maxLines {
				slip.Lines = append(slip.Lines, redact.Text(clean(line)))
			}
		}
	}
	slip.Raw = strings.Join(slip.Lines, "\n")
}

// copyOf reads DocumentQualifier; empty for one that names neither copy.
func copyOf(qualifier string) payment.Copy {
	switch qualifier {
	case "CashierReceipt":
		return payment.MerchantCopy
	case "CustomerReceipt":
		return payment.CustomerCopy
	}
	return ""
}

// fill copies the members into the canonical words (receipts.md 3.1).
func fill(slip *payment.Slip, body receiptBody) {
	m, o := body.Mandatory, body.Optional
	keep := func(t text) string { return redact.Text(string(t)) }
	slip.Merchant = payment.Merchant{
		Name: keep(m.CardAcceptor.Name), Address: keep(m.CardAcceptor.Address1),
		Postal: keep(m.CardAcceptor.PostZipCode), City: keep(m.CardAcceptor.TownCity),
		OrgNo: string(m.CardAcceptor.OrganisationNumber), Phone: string(o.CardAcceptor.PhoneNumber),
		Bank: keep(m.CardAcceptor.BankAgentName),
		MID:  string(m.Acquirer.CardAcceptorNumber), TID: string(m.Acquirer.TerminalID),
	}
	slip.LocalDate, slip.LocalTime = string(m.TimeStamp.DateOfPayment), string(m.TimeStamp.TimeOfPayment)
	slip.Currency = string(m.Payment.Currency)
	slip.Amount, slip.Total = string(m.Payment.PaymentAmount), string(m.Payment.TotalAmount)
	slip.Label = or(keep(m.CardDetails.CardSchemeName.ApplicationLabel), keep(o.CardDetails.CardSchemeName.ApplicationLabel))
	slip.Masked = maskFor(slip.Copy, string(m.CardDetails.PrimaryAccountNumber))
	slip.AID = string(m.CardDetails.ApplicationIdentifier)
	slip.TVR, slip.TSI = string(m.CardDetails.TerminalVerificationResult), string(m.CardDetails.TransactionStatusInformation)
	slip.AuthCode, slip.Response = string(m.Outcome.ApprovalCode), string(m.Outcome.AuthorisationResponseCode)
	slip.Receipt, slip.Till = string(m.Payment.ReceiptNumber), string(o.Payment.Reference)
	slip.CodeBlock = codeBlock(m)
	if flag(m.Payment.SignatureBlock).is(false) {
		slip.Signature = true
	}
	slip.Entry = transactionSources[string(m.Payment.TransactionSource)]
	slip.CVM = verifications[string(m.Payment.CardholderVerificationMethod)]
	if slip.Signature {
		slip.CVM = payment.CVMSignature
	}
	for _, line := range o.ReceiptString {
		slip.Lines = append(slip.Lines, keep(line))
	}
	if lacks := lacking(slip); lacks != "" && slip.Flawed == "" {
		slip.Flawed = "the receipt lacks " + lacks
	}
}

// The codes whose meaning the samples show (nexo-retailer.md 8.2); all others are
// printed verbatim in the code block and claim nothing.
var (
	transactionSources = map[string]payment.Entry{"K": payment.EntryContactless, "C": payment.EntryChip}
	verifications      = map[string]payment.CVM{"a": payment.CVMPin}
)

// lacking names what no receipt may be without.
func lacking(slip *payment.Slip) string {
	var names []string
	for name, value := range map[string]string{"the merchant's name": slip.Merchant.Name,
		"the date": slip.LocalDate, "the total": slip.Total} {
		if value == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// codeBlock is the Nordic control line "K/1 3 00 SWE"; groups that were not
// delivered are left out.
func codeBlock(m receiptMandatory) string {
	groups := []string{string(m.Payment.TransactionSource + m.Payment.CardholderVerificationMethod + m.Payment.AuthorisationChannel),
		string(m.Outcome.AuthorisationResponder), string(m.Outcome.AuthorisationResponseCode), string(m.Payment.FinancialInstitution)}
	return strings.Join(strings.Fields(strings.Join(groups, " ")), " ")
}
