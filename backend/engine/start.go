package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// The limits of what a person may give.
const (
	MaxText  = 200 // runes of a reference, reason or line
	MaxLines = 100
)

// serialName is the journal's counter that all attempts and messages draw from:
// one for all terminals, so that a reference is unique everywhere.
const serialName = "serial"

// Start checks what is wanted, commits it with its first attempt, and has the
// worker send it. It returns as soon as it is committed. The same form key again
// returns the same operation.
func (e *Engine) Start(ctx context.Context, s Start) (payment.Operation, error) {
	if s.Kind == "" {
		s.Kind = payment.Sale
	}
	if s.FormKey != "" {
		defer e.keys.lock(s.FormKey)()
		if op, found, err := e.journal.ByFormKey(ctx, s.FormKey); err != nil || found {
			if live, ok := e.live(op.ID); ok {
				op = live
			}
			return op, err
		}
	}
	if s.Kind != payment.Sale {
		defer e.reserve.lock("")()
	}
	original, err := e.original(ctx, &s)
	if err != nil {
		return payment.Operation{}, err
	}
	w, err := e.worker(s.Terminal)
	if err != nil {
		return payment.Operation{}, err
	}
	op, err := e.draft(w, s, original)
	if err != nil {
		return payment.Operation{}, err
	}
	if op.Kind == payment.Sale {
		defer e.carts.lock(op.Cart)()
		if op.Reference != "" {
			defer e.references.lock(strings.ToLower(op.Reference))()
		}
		if err := e.unpaid(ctx, &op); err != nil {
			return payment.Operation{}, err
		}
	}
	return w.begin(ctx, op, shown{s.Code, s.ShowQR, s.Vendor})
}

// original reads the operation that is to be captured, voided or refunded and completes s
// from it.
func (e *Engine) original(ctx context.Context, s *Start) (payment.Operation, error) {
	if s.Unlinked {
		return payment.Operation{}, unlinked(*s)
	}
	if s.Kind == payment.Sale {
		return payment.Operation{}, nil
	}
	op, err := e.journal.Operation(ctx, s.Original)
	if err != nil {
		return op, err
	}
	if s.Terminal == "" {
		s.Terminal = op.Terminal
	}
	switch {
	case s.Kind != payment.Capture && !s.vouched():
		return op, input("A void or refund needs the name of who does it and a reason. Nothing was sent.")
	case op.State != payment.Approved:
		return op, conflict(fmt.Sprintf("Operation %d is %s, not approved: there is nothing to give back.", op.Number, op.State))
	case op.Unlinked():
		return op, conflict(fmt.Sprintf("Operation %d gave money back without a sale: that cannot be taken back from here. Nothing was sent. If it was a mistake, take a payment.", op.Number))
	case s.Kind == payment.Capture:
		return e.capturable(ctx, s, op)
	case op.Kind == payment.Void, op.Kind == payment.Capture, op.Kind == payment.Refund && s.Kind == payment.Refund:
		return op, conflict(fmt.Sprintf("Operation %d is a %s: that cannot be given back.", op.Number, op.Kind))
	}
	back, open, err := e.journal.Refunded(ctx, op.ID)
	if err != nil {
		return op, err
	}
	paid := op.Authorised
	if op.AuthOnly {
		got, err := e.captured(ctx, op.ID)
		if err != nil {
			return op, err
		}
		if paid = got.taken; paid == 0 && s.Kind == payment.Refund {
			return op, conflict(fmt.Sprintf("Operation %d has only reserved the money: there is nothing to refund. Void it.", op.Number))
		}
		if got.taken+got.open != 0 && s.Kind == payment.Void {
			return op, conflict(fmt.Sprintf("The money of operation %d was captured, or is being captured: it cannot be voided any more. Use a refund.", op.Number))
		}
		if s.Kind == payment.Refund {
			op.References = got.latest
		}
	}
	if s.Kind == payment.Void {
		return op, e.voidable(ctx, *s, op, back+open)
	}
	left := paid - back - open
	if s.Amount == 0 {
		s.Amount = left
	}
	if left <= 0 {
		return op, conflict(fmt.Sprintf("Of operation %d nothing is left to refund.", op.Number))
	}
	if s.Amount > left {
		return op, conflict(fmt.Sprintf("Of operation %d only %s is left to refund.", op.Number, op.Money(left).Text(language.English)))
	}
	s.Currency = op.Currency
	return op, nil
}

// voidable checks that the whole of the operation can still be reversed: nothing
// given back, on its own terminal, and the last one there where that is the rule
// (nexo-retailer.md 13).
func (e *Engine) voidable(ctx context.Context, s Start, op payment.Operation, given int64) error {
	if s.Terminal != op.Terminal {
		return conflict(fmt.Sprintf("Operation %d was made on terminal %s and can only be voided there. Use a refund here.", op.Number, op.Terminal))
	}
	if given != 0 {
		return conflict(fmt.Sprintf("Of operation %d something was given back already. Use a refund for the rest.", op.Number))
	}
	w, err := e.worker(s.Terminal)
	if err != nil {
		return err
	}
	if !w.limits().VoidLastOnly {
		return nil
	}
	last, found, err := e.journal.Last(ctx, op.Terminal)
	if err != nil {
		return err
	}
	if !found || last.ID != op.ID {
		return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: fmt.Sprintf("Operation %d is not the terminal's last one any more, so it cannot be voided. Use a refund.", op.Number)}
	}
	return nil
}

// draft turns a checked wish into an operation.
func (e *Engine) draft(w *worker, s Start, original payment.Operation) (payment.Operation, error) {
	if s.Currency == "" {
		s.Currency = w.currency()
	}
	if s.Kind == payment.Void {
		s.Amount, s.Tip, s.Cashback, s.Currency = original.Authorised, 0, 0, original.Currency
	}
	if s.Kind != payment.Sale {
		s.Account, s.AuthOnly = original.Account, false
	}
	if s.Account == "" && len(w.accounts) > 0 {
		s.Account = w.accounts[0].ID
	}
	if err := w.accepts(s); err != nil {
		return payment.Operation{}, err
	}
	// What a person typed may hold a card number: it is taken out before the journal.
	s.Reference, s.Operator, s.Why = redact.Text(s.Reference), redact.Text(s.Operator), redact.Text(s.Why)
	lines := make([]payment.Line, len(s.Lines))
	for i, line := range s.Lines {
		line.Text = redact.Text(line.Text)
		lines[i] = line
	}
	now, id := e.now(), e.newID()
	if s.Cart == "" {
		s.Cart = s.FormKey
	}
	if s.Cart == "" {
		s.Cart = id
	}
	if s.Kind != payment.Sale {
		s.Cart = ""
	}
	return payment.Operation{
		ID: id, FormKey: s.FormKey, Cart: s.Cart, Replaces: s.replaces, Kind: s.Kind, State: payment.Created,
		Provider: w.provider.Info().Name, Terminal: w.name, Account: s.Account, AuthOnly: s.AuthOnly, Language: w.settings["language"],
		Currency: s.Currency, Requested: s.Amount, TipAsked: s.Tip, CashbackAsked: s.Cashback,
		Lines: lines, Reference: s.Reference, Operator: s.Operator, Why: s.Why,
		Original: original.ID, OriginalReferences: original.References, Card: original.Card,
		CreatedAt: now, UpdatedAt: now,
	}, nil
}

// accepts checks a wish against what this terminal can do.
func (w *worker) accepts(s Start) error {
	limits := w.limits()
	switch {
	case s.Amount <= 0:
		return input("The amount must be more than zero. Nothing was sent.")
	case s.Tip < 0 || s.Cashback < 0:
		return input("A tip or cash back cannot be negative. Nothing was sent.")
	case s.Amount > money.Limit || s.Tip > money.Limit || s.Cashback > money.Limit || s.Amount+s.Tip+s.Cashback > money.Limit:
		return input("The amount is beyond the limit. Nothing was sent.")
	case !slices.Contains(w.provider.Info().Currencies, s.Currency):
		return input(fmt.Sprintf("Terminal %s does not take %s. Nothing was sent.", w.name, s.Currency))
	case s.Tip > 0 && !limits.TipAsked:
		return input(fmt.Sprintf("Terminal %s asks for the tip itself; it cannot be sent along. Nothing was sent.", w.name))
	case s.Cashback > 0 && (!limits.Cashback || s.Kind != payment.Sale):
		return input(fmt.Sprintf("Terminal %s cannot pay out cash here. Nothing was sent.", w.name))
	case s.AuthOnly && (!limits.Authorise || w.capturer == nil):
		return input(fmt.Sprintf("Terminal %s cannot reserve money for later. Nothing was sent.", w.name))
	case s.Kind == payment.Sale && s.Account != "" && !w.hasAccount(s.Account):
		return input(fmt.Sprintf("Terminal %s has no account %q. Nothing was sent. It knows: %s.", w.name, s.Account, w.accountIDs()))
	case s.Unlinked && (w.refunder == nil || !limits.UnlinkedRefund):
		return &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Text: fmt.Sprintf("Terminal %s cannot give money back without a sale, or is not set up to. Nothing was sent. Refund the sale itself.", w.name)}
	case s.Unlinked && s.Currency != w.currency():
		return input(fmt.Sprintf("Terminal %s gives back %s only, without a sale. Nothing was sent.", w.name, w.currency()))
	case s.Kind == payment.Refund && w.refunder == nil, s.Kind == payment.Void && w.voider == nil, s.Kind == payment.Capture && w.capturer == nil:
		instead := limits.RefundElsewhere
		if instead == "" && s.Kind == payment.Void && w.refunder != nil {
			instead = "Use a refund instead."
		}
		return &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Text: strings.TrimSpace(fmt.Sprintf("Terminal %s cannot do a %s. %s", w.name, s.Kind, instead))}
	}
	if err := w.takesCode(s); err != nil {
		return err
	}
	return checkTexts(s)
}

func checkTexts(s Start) error {
	for _, text := range []string{s.Cart, s.Reference, s.Operator, s.Why} {
		if len([]rune(text)) > MaxText {
			return input(fmt.Sprintf("A text has more than %d characters. Nothing was sent.", MaxText))
		}
	}
	if len(s.Lines) > MaxLines {
		return input(fmt.Sprintf("There are more than %d lines. Nothing was sent.", MaxLines))
	}
	var sum int64
	for _, line := range s.Lines {
		if line.Quantity <= 0 || line.Quantity > money.Limit || line.Price < 0 || line.Price > money.Limit || len([]rune(line.Text)) > MaxText {
			return input(fmt.Sprintf("The line %q is not right: look at its quantity and price. Nothing was sent.", line.Text))
		}
		if line.Price > 0 && line.Quantity > money.Limit/line.Price {
			return input("The amount is beyond the limit. Nothing was sent.")
		}
		if sum += line.Quantity * line.Price; sum > money.Limit {
			return input("The amount is beyond the limit. Nothing was sent.")
		}
	}
	if len(s.Lines) > 0 && sum != s.Amount {
		return input("The lines do not add up to the amount. Nothing was sent.")
	}
	return nil
}

// attempt draws the ids of a new attempt. The reference is the day, the till's
// installation and the serial, digits only (nexo-retailer.md 4.3), and never passes
// the Luhn check, so that redaction cannot take it for a card number (design 10.14).
// Two tills of one merchant may draw the same serial: providers that know merchants
// only, not tills, tell them apart by the installation.
func (e *Engine) attempt(ctx context.Context, number int) (payment.Attempt, error) {
	installation, err := e.journal.Installation(ctx)
	if err != nil {
		return payment.Attempt{}, err
	}
	for range maxDraws {
		serial, err := e.journal.Serial(ctx, serialName)
		if err != nil {
			return payment.Attempt{}, err
		}
		at := e.now()
		reference := fmt.Sprintf("%s%04d%010d", at.Format("060102"), installation, serial)
		if !luhn(reference) {
			return payment.Attempt{Number: number, Reference: reference, Serial: serial, At: at.Truncate(time.Millisecond)}, nil
		}
	}
	return payment.Attempt{}, fmt.Errorf("no reference after %d draws", maxDraws)
}

// maxDraws bounds the search for a reference: nine of ten serials will do.
const maxDraws = 50

// luhn tells whether the digits pass the check of card numbers (ISO/IEC 7812).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
