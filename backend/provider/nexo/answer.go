package nexo

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// outcome turns the answer about an attempt into a result, for a direct answer as
// for one that a status answer repeats (nexo-retailer.md 7.2, 12.2). The caller has
// made sure that it is ours. A refused start is an *Error with SentNo; an unknown
// Result or an amount that cannot be read is one with SentMaybe: in doubt.
func (t *Terminal) outcome(r payment.Request, a answer) (payment.Result, error) {
	result := payment.Result{References: a.references(r)}
	switch a.response.Result {
	case resultSuccess:
		result.Outcome = payment.Success
		if err := a.amounts(r, &result); err != nil {
			return payment.Result{}, fault(payment.CodeUnreadable, payment.SentMaybe, true, err)
		}
	case resultFailure:
		m := conditionOf(r.Kind, a.response.Condition)
		if m.refused != "" {
			return payment.Result{}, refusedStart(m.refused, a.response)
		}
		result.Outcome, result.Reason, result.Confirm = m.outcome, m.reason, m.confirm
	default:
		return payment.Result{}, fault(payment.CodeUnreadable, payment.SentMaybe, true,
			fmt.Errorf("unknown Result %q (%s)", short(a.response.Result), payment.ReasonUnknownCode))
	}
	result.Card = a.card()
	result.Slips = a.slips(r.Kind, result, t.now())
	t.complete(&result, a)
	return result, nil
}

// complete adds what is known from the slips.
func (t *Terminal) complete(result *payment.Result, a answer) {
	merchant, customer := slipOf(result.Slips, payment.MerchantCopy), slipOf(result.Slips, payment.CustomerCopy)
	code := ""
	for _, s := range []*payment.Slip{customer, merchant} {
		if s == nil {
			continue
		}
		result.References.RRN = or(result.References.RRN, s.Receipt)
		result.References.MID = or(result.References.MID, s.Merchant.MID)
		result.References.TID = or(result.References.TID, s.Merchant.TID)
		result.Card.Brand = or(result.Card.Brand, s.Label)
		result.Card.Masked = or(result.Card.Masked, lastFour(s.Masked))
		if result.Card.Entry == "" {
			result.Card.Entry = s.Entry
		}
		if result.Card.CVM == "" {
			result.Card.CVM = s.CVM
		}
		code = or(code, s.Response)
		if result.Outcome == payment.Success {
			result.References.AuthCode = or(result.References.AuthCode, s.AuthCode)
		}
	}
	if result.Outcome == payment.Success {
		signed := merchant != nil && merchant.Signature
		if merchant == nil || merchant.Flawed != "" {
			signed = signed || (customer != nil && customer.Signature)
		}
		if signed {
			result.Card.CVM = payment.CVMSignature
		}
		// Without CashierInput the question comes after the approval (nexo-retailer.md 9.2).
		result.Signature = signed && t.settings.light && !a.reversal
		return
	}
	result.ReasonText = reasonText(a.response, code, a.products())
}

// reasonText gives the terminal's own words and codes, for the call to support.
func reasonText(r response, code string, products []string) string {
	parts := []string{or(r.Condition, "no condition given")}
	if text := strings.TrimSpace(r.Additional); text != "" {
		parts = append(parts, text)
	}
	if code != "" {
		parts = append(parts, "response code "+code)
	}
	if len(products) > 0 {
		parts = append(parts, "payable products "+strings.Join(products, " "))
	}
	return redact.Text(shorten(strings.Join(parts, ": "), maxReason))
}

// answer is what a PaymentResponse and a ReversalResponse have in common.
type answer struct {
	reversal bool
	response response
	sale     *saleData
	poi      *poiData
	result   *paymentResult
	amount   string // ReversedAmount
	receipts []receipt
}

func answerOf(p *paymentResponse, v *reversalResponse) (answer, bool) {
	switch {
	case p != nil:
		return answer{response: p.Response, sale: p.SaleData, poi: p.POIData, result: p.Result, receipts: p.Receipts}, true
	case v != nil:
		return answer{reversal: true, response: v.Response, poi: v.POIData, amount: v.Amount, receipts: v.Receipts}, true
	}
	return answer{}, false
}

// ours tells whether the answer belongs to the attempt; why says what speaks
// against it. A payment is known by its SaleTransactionID alone; only a failure may
// lack it, and only under our own ServiceID (nexo-retailer.md 7.4). A reversal has
// none: it is known by the original's id and the ServiceID (13).
func (a answer) ours(r payment.Request, serviceID string) (ok bool, why string) {
	sameService := serviceID == serial(r.Attempt.Serial)
	if a.reversal != (r.Kind == payment.Void) {
		return false, "it answers another kind of request"
	}
	if !a.reversal {
		id := ""
		if a.sale != nil {
			id = a.sale.Transaction.TransactionID
		}
		if id == r.Attempt.Reference || (id == "" && sameService && a.response.Result == resultFailure) {
			return true, ""
		}
		return false, fmt.Sprintf("its SaleTransactionID is %q", short(id))
	}
	id := ""
	if a.poi != nil {
		id = a.poi.Transaction.TransactionID
	}
	switch {
	case id == "" && sameService:
		return true, ""
	case id != r.Original.Terminal:
		return false, fmt.Sprintf("it reverses %q", short(id))
	case !sameService && a.response.Result != resultSuccess:
		return false, "it refuses another reversal"
	}
	return true, ""
}

func (a answer) references(r payment.Request) payment.References {
	refs := payment.References{Ours: r.Attempt.Reference}
	if a.poi != nil {
		refs.Terminal, refs.TerminalTime = a.poi.Transaction.TransactionID, a.poi.Transaction.TimeStamp
	}
	if a.result != nil && a.result.Acquirer != nil {
		refs.MID, refs.TID = a.result.Acquirer.MerchantID, a.result.Acquirer.POIID
		refs.AuthCode = strings.TrimSpace(a.result.Acquirer.Approval)
	}
	return refs
}

// amounts reads what was charged. An approval without any amount is one of what
// was asked for; an amount that cannot be read is an error.
func (a answer) amounts(r payment.Request, to *payment.Result) error {
	to.Currency, to.Authorised = r.Total.Currency, r.Total.Minor
	if a.reversal {
		if a.amount == "" {
			return nil
		}
		return minor("ReversedAmount", a.amount, to.Currency, &to.Authorised)
	}
	if a.result == nil || a.result.Amounts == nil {
		to.ReasonText = "the terminal did not tell the amount: taken as asked"
		to.Cashback = r.Cashback
		return nil
	}
	told := a.result.Amounts
	to.Currency = or(strings.TrimSpace(told.Currency), to.Currency)
	return errors.Join(
		minor("AuthorizedAmount", told.Authorised, to.Currency, &to.Authorised),
		minor("CashBackAmount", or(told.Cashback, "0"), to.Currency, &to.Cashback),
		minor("TipAmount", or(told.Tip, "0"), to.Currency, &to.Tip))
}

var wireAmount = regexp.MustCompile(`^\d{1,8}(\.\d{1,6})?$`)

// minor reads an amount of the wire (nexo-retailer.md 4.4): a point is always the
// decimal sign, and zeros behind it mean nothing.
func minor(name, text, currency string, to *int64) error {
	text = strings.TrimSpace(text)
	if !wireAmount.MatchString(text) {
		return fmt.Errorf("%s is %q", name, short(text))
	}
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	amount, err := money.Parse(text, currency)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	*to = amount.Minor
	return nil
}

func slipOf(slips []payment.Slip, c payment.Copy) *payment.Slip {
	for i := range slips {
		if slips[i].Copy == c {
			return &slips[i]
		}
	}
	return nil
}

func (a answer) slips(kind payment.Kind, result payment.Result, at time.Time) []payment.Slip {
	var slips []payment.Slip
	for _, r := range a.receipts {
		if len(slips) >= maxReceipts {
			break
		}
		s := slipFrom(r.Qualifier, r.Content, r.Signature, kind, at)
		s.Outcome, s.TipMinor, s.CashbackMinor = result.Outcome, result.Tip, result.Cashback
		s.Brand = or(s.Brand, result.Card.Brand)
		if result.Card.Entry != "" {
			s.Entry = result.Card.Entry
		}
		a.fillGaps(&s, result)
		if result.Outcome != payment.Success {
			s.Text = redact.Text(shorten(strings.TrimSpace(a.response.Additional), maxReason))
		}
		slips = append(slips, s)
	}
	return slips
}

// fillGaps puts the answer's own fields where the receipt has none (C-60).
func (a answer) fillGaps(s *payment.Slip, result payment.Result) {
	s.Merchant.MID = or(s.Merchant.MID, result.References.MID)
	s.Merchant.TID = or(s.Merchant.TID, result.References.TID)
	s.Receipt = or(s.Receipt, result.References.Terminal)
	s.Masked = or(s.Masked, result.Card.Masked)
	if a.sale != nil {
		s.Till = or(s.Till, a.sale.Transaction.TransactionID)
	}
	if result.Outcome == payment.Success {
		s.AuthCode = or(s.AuthCode, result.References.AuthCode)
		s.Currency = or(s.Currency, result.Currency)
		s.Total = or(s.Total, money.Amount{Minor: result.Authorised, Currency: result.Currency}.Decimal())
	}
}
