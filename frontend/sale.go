package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// Limits of a sale's form.
const (
	maxLines    = 50
	maxText     = 100 // of a line, a reference, a name, in characters
	maxWhy      = 200
	maxQuantity = 9999
)

// sale charges. The one-time key makes a second click the same sale.
func (p *Pages) sale(w http.ResponseWriter, r *http.Request) {
	t, start, err := p.readSale(r)
	if err == nil {
		err = p.alike(r, start)
	}
	if err == nil {
		var op payment.Operation
		if op, err = p.engine.Start(context.WithoutCancel(r.Context()), start); err == nil {
			p.memory.show(op)
			err = sameSale(op, start)
		}
	}
	if err != nil && part(r) {
		p.page(w, r, statusOf(err), templ.Join(view.Notice(""), view.SaleError(p.saleProblem(r, start, err))))
		return
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.choice(w, t.Name)
	p.chose(windowOf(r), t.Name, start.Account)
	p.done(w, r, "/")
}

// sameSale tells when the key belonged to a sale of another amount or for another
// account: two windows charged at once, and a payment is bound to its amount (F-30).
func sameSale(op payment.Operation, start engine.Start) error {
	if op.Requested == start.Amount && op.TipAsked == start.Tip && op.CashbackAsked == start.Cashback &&
		op.AuthOnly == start.AuthOnly && (start.Account == "" || op.Account == start.Account) {
		return nil
	}
	return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
		Text: "Another window has just begun a sale on this terminal. Yours was not sent and nothing is charged for it. Finish the other one first."}
}

func (p *Pages) readSale(r *http.Request) (engine.TerminalStatus, engine.Start, error) {
	var s engine.Start
	if err := r.ParseForm(); err != nil {
		return engine.TerminalStatus{}, s, input("The form could not be read. Nothing was sent to a terminal. Load the page again.")
	}
	t, found := p.terminal(r.PostForm.Get("terminal"))
	if !found || t.Name != r.PostForm.Get("terminal") {
		return t, s, input("The chosen terminal is not there any more. Nothing was sent. Choose another terminal.")
	}
	if uuid.Validate(r.PostForm.Get("key")) != nil {
		return t, s, input("This form has lost its one-time key. Nothing was sent. Load the page again.")
	}
	amount, err := readAmount(r.PostForm.Get("amount"), t.Currency, "amount")
	if err != nil {
		return t, s, err
	}
	cart := r.PostForm.Get("cart")
	if cart != "" && uuid.Validate(cart) != nil {
		return t, s, input("This form is not whole. Nothing was sent. Load the page again.")
	}
	s = engine.Start{FormKey: r.PostForm.Get("key"), Cart: cart, Kind: payment.Sale, Terminal: t.Name, Currency: t.Currency, Amount: amount.Minor}
	if s.Tip, err = readExtra(r.PostForm.Get("tip"), t.Currency, "tip", t.Limits.TipAsked); err != nil {
		return t, s, err
	}
	if s.Cashback, err = readExtra(r.PostForm.Get("cashback"), t.Currency, "cash back", t.Limits.Cashback); err != nil {
		return t, s, err
	}
	if s.Amount+s.Tip+s.Cashback > money.Limit {
		return t, s, input("The amounts together are beyond what a terminal takes. Nothing was sent. Check them.")
	}
	if s.Reference, err = readText(r.PostForm.Get("reference"), "reference", maxText); err != nil {
		return t, s, err
	}
	if s.Account, err = readAccount(t, r.PostForm.Get("account")); err != nil {
		return t, s, err
	}
	if s.AuthOnly = r.PostForm.Get("authorise") == "yes"; s.AuthOnly && !view.Reserves(t) {
		return t, s, input("This terminal cannot reserve money for later. Nothing was sent. Charge it, or choose another terminal.")
	}
	if len(t.Vendors) > 0 {
		s.Vendor, s.Code = r.PostForm.Get("vendor"), payment.Scanned(strings.TrimSpace(r.PostForm.Get("code")))
		s.ShowQR = s.Code == ""
	}
	s.Lines, err = p.readLines(r, t.Currency, amount)
	return t, s, err
}

// readAmount reads an amount above zero, with a sentence for everything else.
func readAmount(text, currency, what string) (money.Amount, error) {
	a, err := money.Parse(text, currency)
	exponent, _ := money.Exponent(currency)
	switch {
	case err == nil && a.Minor > 0:
		return a, nil
	case err == nil:
		return a, input(fmt.Sprintf("The %s is zero. Nothing was sent. Type an %s above zero.", what, what))
	case errors.Is(err, money.ErrEmpty):
		return a, input(fmt.Sprintf("There is no %s yet. Nothing was sent. Type the %s.", what, what))
	case errors.Is(err, money.ErrNegative):
		return a, input(fmt.Sprintf("The %s is negative. Nothing was sent. To give money back, open the sale in the history and choose Refund.", what))
	case errors.Is(err, money.ErrDecimals) && exponent == 0:
		return a, input(fmt.Sprintf("%s has no decimals. Nothing was sent. Type the %s without them.", currency, what))
	case errors.Is(err, money.ErrDecimals):
		return a, input(fmt.Sprintf("The %s has more decimals than %s has (%d). Nothing was sent. Type it again.", what, currency, exponent))
	case errors.Is(err, money.ErrLimit):
		return a, input(fmt.Sprintf("The %s is beyond the limit of %s. Nothing was sent. Check it, or split the payment.", what, money.Amount{Minor: money.Limit, Currency: currency}.Decimal()))
	case errors.Is(err, money.ErrCurrency):
		return a, input(fmt.Sprintf("The terminal's currency %q is not known. Nothing was sent. Check the terminal's settings.", currency))
	}
	return a, input(fmt.Sprintf("The %s can only be digits with one comma or point, such as 125.00. Nothing was sent. Type it again.", what))
}

func readExtra(text, currency, what string, allowed bool) (int64, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	if !allowed {
		return 0, input(fmt.Sprintf("This terminal takes no %s from the till. Nothing was sent. Leave it out.", what))
	}
	a, err := readAmount(text, currency, what)
	return a.Minor, err
}

func readText(text, what string, limit int) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	if len([]rune(text)) > limit {
		return "", input(fmt.Sprintf("The %s is longer than %d characters. Nothing was sent. Make it shorter.", what, limit))
	}
	return text, nil
}

// readLines reads what was sold. Empty rows are left out; the rest must add up to
// the amount.
func (p *Pages) readLines(r *http.Request, currency string, amount money.Amount) ([]payment.Line, error) {
	texts, quantities, prices := r.PostForm["line-text"], r.PostForm["line-quantity"], r.PostForm["line-price"]
	if len(texts) > maxLines || len(quantities) != len(texts) || len(prices) != len(texts) {
		return nil, input(fmt.Sprintf("A sale takes %d lines at most. Nothing was sent. Put some together.", maxLines))
	}
	var list []payment.Line
	var sum int64
	for i := range texts {
		if strings.TrimSpace(texts[i]) == "" && strings.TrimSpace(prices[i]) == "" {
			continue
		}
		text, err := readText(texts[i], fmt.Sprintf("text of line %d", i+1), maxText)
		if err != nil {
			return nil, err
		}
		price, err := readAmount(prices[i], currency, fmt.Sprintf("price of line %d", i+1))
		if err != nil {
			return nil, err
		}
		quantity, err := strconv.ParseInt(strings.TrimSpace(quantities[i]), 10, 64)
		if err != nil || quantity < 1 || quantity > maxQuantity {
			return nil, input(fmt.Sprintf("The quantity of line %d must be a whole number from 1 to %d. Nothing was sent.", i+1, maxQuantity))
		}
		if price.Minor > money.Limit/quantity {
			return nil, input(fmt.Sprintf("Line %d is beyond the limit. Nothing was sent. Check its price and quantity.", i+1))
		}
		sum += price.Minor * quantity
		list = append(list, payment.Line{Text: text, Quantity: quantity, Price: price.Minor})
	}
	if len(list) > 0 && sum != amount.Minor {
		return nil, input(fmt.Sprintf("The lines add up to %s, but the amount is %s. Nothing was sent. Correct one of them.",
			view.Money(p.lang, money.Amount{Minor: sum, Currency: currency}), view.Money(p.lang, amount)))
	}
	return list, nil
}

// newSale takes the result off the screen. With "again" the next sale begins with
// the amount of that operation.
func (p *Pages) newSale(w http.ResponseWriter, r *http.Request) {
	t, found := p.terminal(r.PostFormValue("terminal"))
	if !found {
		p.done(w, r, "/")
		return
	}
	now, err := p.current(r.Context(), t)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if now.op.ID != "" && !now.op.State.Final() {
		p.fail(w, r, &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
			Text: "The outcome of this payment is not known yet. A new sale on this terminal can start when it is."})
		return
	}
	var again payment.Operation
	if id := r.PostFormValue("again"); id != "" {
		if again, err = p.journal.Operation(r.Context(), id); err != nil {
			p.fail(w, r, err)
			return
		}
	}
	p.memory.clear(t.Name, now.op.ID, again)
	p.done(w, r, "/")
}
