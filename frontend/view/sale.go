package view

import (
	"net/url"
	"strings"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// keys are the keypad's digits, as tills have them; backspace follows.
var keys = []string{"7", "8", "9", "4", "5", "6", "1", "2", "3", "00", "0"}

func exponent(currency string) int {
	e, err := money.Exponent(currency)
	if err != nil {
		return 2
	}
	return e
}

func zero(lang language.Tag, currency string) string {
	return money.Amount{Currency: currency}.Number(lang)
}

func decimalSign(lang language.Tag, currency string) string {
	if strings.Contains(zero(lang, currency), ",") {
		return ","
	}
	return "."
}

func groupSign(lang language.Tag) string {
	text := money.Amount{Minor: 123456700, Currency: "SEK"}.Number(lang)
	return strings.Trim(text[:2], "0123456789")
}

// typed writes an amount as it is typed into a field; zero leaves it empty.
func typed(lang language.Tag, a money.Amount) string {
	if a.Minor == 0 {
		return ""
	}
	return strings.ReplaceAll(a.Decimal(), ".", decimalSign(lang, a.Currency))
}

// again fills a field with an amount of the sale that is offered again.
func again(v Till, minor int64) string {
	return typed(v.Lang, money.Amount{Minor: minor, Currency: v.Terminal.Currency})
}

// cart is what the attempts at the form's sale share: a sale that is offered again is
// the same one, else the form's key begins a new one.
func cart(v Till) string {
	if v.Again.Cart != "" {
		return v.Again.Cart
	}
	return v.FormKey
}

// wayTo is where an operation that stands in the way can be gone on with.
func wayTo(op payment.Operation) string {
	if op.State.Final() {
		return "/operation/" + op.ID
	}
	return "/?terminal=" + url.QueryEscape(op.Terminal)
}

// linesOf gives the lines of the sale that is offered again, or one empty line.
func linesOf(op payment.Operation) []payment.Line {
	if len(op.Lines) > 0 {
		return op.Lines
	}
	return []payment.Line{{Quantity: 1}}
}

func price(v Till, line payment.Line) string { return again(v, line.Price) }
