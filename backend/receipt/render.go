package receipt

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The errors of Render, besides ErrLanguage.
var (
	// ErrUnknown: the outcome is not known, so no slip may say one.
	ErrUnknown = errors.New("the outcome is not known yet: there is no slip to show")
	// ErrNoSlip: this copy does not exist for this operation (receipts.md 4).
	ErrNoSlip = errors.New("there is no such slip for this operation")
)

// Options is what a slip needs beside the operation. The zero value gives an
// English original without the shop's own texts.
type Options struct {
	Language  string // en, sv, nb, da, fi; empty: the slip's own, the operation's, else en
	Reprint   int    // 0: the original; n: the n-th reprint, marked as a copy
	PrintedAt time.Time
	Test      bool // mark the slip as a test, whatever the provider says
	// Location is the shop's clock, for times that the till itself took; nil: time.Local.
	Location *time.Location
	// Merchant is the shop as the till knows it, for what the provider did not deliver.
	Merchant payment.Merchant
	// Policy is the shop's return policy; Agreement the cardholder's agreement,
	// which stands above the signature. Both come from the settings, never from here.
	Policy, Agreement string
}

// Render lays out one copy of the operation's slip: the latest one delivered that
// agrees with the outcome, or one from the till's own data where the provider
// delivered none. The error is ErrUnknown, ErrNoSlip or ErrLanguage. It changes
// nothing and asks no clock: the same input gives the same document (C-74).
func Render(op payment.Operation, c payment.Copy, o Options) (Document, error) {
	slip, err := choose(op, c)
	if err != nil {
		return Document{}, fmt.Errorf("%s copy of operation %s (%s): %w", c, op.ID, op.State, err)
	}
	own := ""
	if slip != nil {
		own = slip.Language
	}
	w, tag, err := wordsOf(cmp.Or(o.Language, own, op.Language))
	if errors.Is(err, ErrLanguage) && o.Language == "" {
		// A terminal's language need not be one of ours; a slip there must be all the same.
		w, tag, err = wordsOf("")
	}
	if err != nil {
		return Document{}, err
	}
	if slip != nil && slip.Also != "" && o.Language == "" {
		if second, _, err := wordsOf(slip.Also); err == nil { // else the first language alone, as for a terminal's own
			w = w.beside(second)
		}
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	l := &layout{op: op, copy: c, options: o, words: w, tag: tag, synthetic: slip == nil}
	if slip != nil {
		l.slip = *slip
	}
	l.fill()
	l.build()
	return Document{
		Lang: tag.String(), Copy: c, Title: w.Title, Lines: l.lines,
		Synthetic: l.synthetic, Warnings: l.warnings,
	}, nil
}

// choose picks the slip. nil without an error: none was delivered, and the till's
// own data must do.
func choose(op payment.Operation, c payment.Copy) (*payment.Slip, error) {
	if c != payment.MerchantCopy && c != payment.CustomerCopy {
		return nil, ErrNoSlip
	}
	if !op.State.Final() {
		// In mid payment there is only the slip to sign, and it says no outcome.
		slip := op.Slip(c)
		if c == payment.MerchantCopy && slip != nil && slip.Signature && signing(op) {
			return slip, nil
		}
		return nil, ErrUnknown
	}
	for i := len(op.Slips) - 1; i >= 0; i-- {
		if s := &op.Slips[i]; s.Copy == c && agrees(op, *s) {
			return s, nil
		}
	}
	if op.Kind == payment.Void && op.State != payment.Approved && c == payment.CustomerCopy {
		return nil, ErrNoSlip // a failed void gives the customer nothing (receipts.md 4)
	}
	return nil, nil
}

// signing tells whether a signature may be asked for: in mid payment, and in a doubt
// that began while it was (SPI-05).
func signing(op payment.Operation) bool {
	switch op.State {
	case payment.Sending, payment.InProgress, payment.AwaitingAnswer, payment.Aborting:
		return true
	}
	return op.State == payment.InDoubt && op.Doubt.Signature
}

// agrees tells whether a delivered slip says what the operation came to. An approved
// slip of a sale whose signature was refused is no longer its receipt.
func agrees(op payment.Operation, s payment.Slip) bool {
	if reversal(op, s) {
		return true
	}
	if s.Kind != "" && s.Kind != op.Kind {
		return false
	}
	return s.Outcome == payment.Unknown || (s.Outcome == payment.Success) == (op.State == payment.Approved)
}

// reversal: the slip by which the terminal took back a sale of which the signature
// was refused (nexo-retailer.md 8.3, 9.2).
func reversal(op payment.Operation, s payment.Slip) bool {
	return op.Kind == payment.Sale && op.State == payment.Cancelled && s.Kind == payment.Void && s.Outcome == payment.Success
}

// layout builds one document. slip is the chosen one, filled up by what the
// operation and the settings know.
type layout struct {
	op      payment.Operation
	slip    payment.Slip
	copy    payment.Copy
	options Options
	words   words
	tag     language.Tag

	kind      payment.Kind
	state     payment.State // final, or empty in mid payment
	synthetic bool
	warnings  []string
	lines     []Line
}

// fill completes the slip: what the provider certified comes first (receipts.md 2).
func (l *layout) fill() {
	s, op := &l.slip, l.op
	l.kind = cmp.Or(s.Kind, op.Kind)
	if op.State.Final() {
		l.state = op.State
	}
	if !l.synthetic && reversal(op, *s) {
		l.state = payment.Approved // of the reversal
	}
	own := l.options.Merchant
	s.Merchant = payment.Merchant{
		Name:    cmp.Or(s.Merchant.Name, own.Name),
		Address: cmp.Or(s.Merchant.Address, own.Address),
		Postal:  cmp.Or(s.Merchant.Postal, own.Postal),
		City:    cmp.Or(s.Merchant.City, own.City),
		OrgNo:   cmp.Or(s.Merchant.OrgNo, own.OrgNo),
		Phone:   cmp.Or(s.Merchant.Phone, own.Phone),
		Bank:    s.Merchant.Bank,
		MID:     cmp.Or(s.Merchant.MID, op.References.MID, own.MID),
		TID:     cmp.Or(s.Merchant.TID, op.References.TID, own.TID),
	}
	if s.LocalDate == "" {
		at := cmp.Or(op.EndedAt, op.CreatedAt)
		if s.LocalTime == "" && !at.IsZero() {
			at = at.In(l.options.Location)
			s.LocalDate, s.LocalTime = at.Format(time.DateOnly), at.Format("15:04")
		}
	}
	s.Currency = cmp.Or(s.Currency, op.Currency)
	s.Receipt = cmp.Or(s.Receipt, op.References.Terminal)
	s.Masked = cmp.Or(s.Masked, op.Card.Masked)
	s.Entry = cmp.Or(s.Entry, op.Card.Entry)
	s.CVM = cmp.Or(s.CVM, op.Card.CVM)
	if s.Brand == "" && s.Label == "" {
		s.Brand = op.Card.Brand
	}
	if l.kind == op.Kind { // both are zero where nothing was charged
		s.TipMinor = cmp.Or(s.TipMinor, op.Tip)
		s.CashbackMinor = cmp.Or(s.CashbackMinor, op.Cashback)
	}
	switch l.state {
	case payment.Approved:
		s.AuthCode = cmp.Or(s.AuthCode, op.References.AuthCode)
	case payment.Declined, payment.Cancelled, payment.Failed:
		s.AuthCode = "" // never without an approval
	}
	if s.Flawed != "" {
		l.warn("the provider's receipt could be read in part only: %s", prose(s.Flawed, payment.CustomerCopy))
	}
}

func (l *layout) warn(format string, args ...any) {
	l.warnings = append(l.warnings, fmt.Sprintf(format, args...))
}
