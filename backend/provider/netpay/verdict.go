package netpay

import (
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// The codes and states that are known (netpay.md 5.4, 5.5). Everything else is doubt.
const (
	codeApproved = "00"
	codeCustomer = "02"

	moduleStands  = "C"
	moduleVoided  = "V"
	moduleUndone  = "RV"
	modulePending = "PRV"
	moduleRefused = "D"
)

// ours says whether a result is about this very attempt at this very terminal; why
// tells what is wrong.
func (t *Terminal) ours(r payment.Request, got result) (ok bool, why string) {
	folio := got.Folio.trimmed()
	switch {
	case got.reference() != r.Attempt.Reference:
		return false, "it names another attempt"
	case got.kind() == opSale && folio != "" && folio != r.Attempt.Reference:
		return false, "its folio is another one"
	case got.Terminal.trimmed() != "" && got.Terminal.trimmed() != t.settings.serial:
		return false, "it comes from another terminal"
	}
	return true, ""
}

// sale reads the result of a sale that the terminal posted by itself. One that brings
// back our mark and matches the request is believed; an approval that differs in
// anything, and every refusal but the customer's own, is confirmed by a reprint
// (netpay.md 7.3).
func (t *Terminal) sale(r payment.Request, got result) payment.Result {
	switch code := got.Code.trimmed(); {
	case code == codeApproved:
		return t.approved(r, got)
	case code == codeCustomer && got.Order.trimmed() == "" && !carriesMoney(got):
		return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCustomer, ReasonText: words(got)}
	case code == "":
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: "a result without a response code", Confirm: true}
	default:
		return t.refused(r, got, payment.ReasonIssuer)
	}
}

// carriesMoney tells an amount above zero: a cancelled sale has none (netpay.md 5.6).
func carriesMoney(got result) bool {
	n, err := got.Amount.minor()
	return err == nil && n != 0
}

// approved reads an approval of whatever kind.
func (t *Terminal) approved(r payment.Request, got result) payment.Result {
	if module := got.Module.trimmed(); module != "" && module != moduleStands {
		return contradiction(got)
	}
	total, err := got.total()
	if err != nil || total <= 0 {
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: redact.Text(shorten(fmt.Sprintf("approved, but %v", err))), Confirm: true}
	}
	out := payment.Result{Outcome: payment.Success, ReasonText: words(got), Currency: currency, Authorised: total, Tip: min(got.tip(), total),
		Card: card(got), References: references(got), Account: t.account(r, got)}
	out.Confirm = total-out.Tip != r.Total.Minor || out.Account != r.Account || t.settings.confirm == confirmReprint
	out.Slips = t.slips(r, got, out)
	return out
}

// refused reads a refusal.
func (t *Terminal) refused(r payment.Request, got result, why payment.Reason) payment.Result {
	out := payment.Result{Outcome: payment.Refused, Reason: why, ReasonText: words(got), Currency: currency, Card: card(got), References: references(got), Confirm: true}
	out.References.AuthCode = ""
	out.Slips = t.slips(r, got, out)
	return out
}

// inquiry reads the answer to a reprint: reprintModule tells how the sale stands
// (netpay.md 5.5).
func (t *Terminal) inquiry(r payment.Request, got result) payment.Result {
	if r.Kind == payment.Void {
		return t.voidStands(r, got)
	}
	module, code := got.Module.trimmed(), got.Code.trimmed()
	switch {
	case (module == moduleUndone || module == modulePending || module == moduleRefused) && code == codeApproved,
		module == moduleStands && (code != codeApproved || got.TransType.trimmed() == "V"),
		module == moduleVoided && got.TransType.trimmed() != "V":
		return settled(contradiction(got))
	}
	switch module {
	case moduleStands:
		return settled(t.approved(r, got)) // this is what confirms
	case moduleVoided:
		return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCashier, ReasonText: "the sale was cancelled afterwards: " + words(got), References: references(got)}
	case moduleUndone:
		return settled(t.refused(r, got, payment.ReasonReversed))
	case modulePending:
		return settled(t.refused(r, got, payment.ReasonPendingReversal))
	case moduleRefused:
		return settled(t.refused(r, got, payment.ReasonIssuer))
	case "":
		if got.Code.trimmed() == codeCustomer && !carriesMoney(got) {
			return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCustomer, ReasonText: words(got)}
		}
	}
	return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: redact.Text(shorten("the state " + got.Module.trimmed() + ", code " + got.Code.trimmed() + ": " + words(got)))}
}

// contradiction is a result of which one half denies the other.
func contradiction(got result) payment.Result {
	return payment.Result{Reason: payment.ReasonUnknownCode, Confirm: true,
		ReasonText: redact.Text(shorten("the answer contradicts itself: state " + got.Module.trimmed() + ", code " + got.Code.trimmed() + ": " + words(got)))}
}

func settled(r payment.Result) payment.Result {
	r.Confirm = false
	return r
}

// voidStands reads a reprint of the original as the answer to what became of its
// cancel (netpay.md 7.5).
func (t *Terminal) voidStands(r payment.Request, got result) payment.Result {
	switch got.Module.trimmed() {
	case moduleVoided:
		return t.voided(r, got)
	case moduleStands:
		return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonVoidRefused, ReasonText: "the sale still stands: " + words(got)}
	}
	return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: redact.Text(shorten("the original is in state " + got.Module.trimmed() + ": " + words(got)))}
}

// cancel reads the result of a cancel.
func (t *Terminal) cancel(r payment.Request, got result) payment.Result {
	if got.Code.trimmed() == codeApproved && got.TransType.trimmed() == "V" {
		return t.voided(r, got)
	}
	return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonVoidRefused, ReasonText: words(got), Confirm: true}
}

func (t *Terminal) voided(r payment.Request, got result) payment.Result {
	out := payment.Result{Outcome: payment.Success, ReasonText: words(got), Currency: currency, Authorised: r.Total.Minor, Card: card(got), References: references(got)}
	if n, err := got.Amount.minor(); err == nil && n > 0 {
		out.Authorised = n
	}
	out.Slips = t.slips(r, got, out)
	return out
}

// account is the store that got the money, as the answer tells it. A merchant
// number that is not the store's own stands beside it, so that it differs.
func (t *Terminal) account(r payment.Request, got result) string {
	store := got.Store.trimmed()
	if store == "" {
		store = t.storeOf(r)
	}
	known := t.settings.affiliation(store)
	told := got.Affiliation.trimmed()
	if known != "" && told != "" && told != known && told != store {
		store += " (affiliation " + redact.Text(shorten(told)) + ")"
	}
	if r.Account == "" && store == t.settings.store {
		return ""
	}
	return store
}

// storeOf is the store that an attempt is charged for.
func (t *Terminal) storeOf(r payment.Request) string {
	if r.Account != "" {
		return r.Account
	}
	return t.settings.store
}

// references find the sale again. A cancel or a reprint needs the order; its date is
// the sale's (netpay.md 5.3).
func references(got result) payment.References {
	return payment.References{Terminal: got.Order.trimmed(), TerminalTime: got.TicketDate.trimmed(), RRN: first(got.RRN, got.HostRef), AuthCode: got.AuthCode.trimmed(),
		MID: got.Affiliation.trimmed(), TID: got.Terminal.trimmed()}
}

func first(list ...text) string {
	for _, t := range list {
		if s := t.trimmed(); s != "" {
			return s
		}
	}
	return ""
}

// card is what may be known of the card: the last four digits. How it was read is
// not delivered.
func card(got result) payment.Card {
	c := payment.Card{Brand: first(got.Brand, got.Brand2)}
	if last := got.Last4.trimmed(); len(last) == 4 && strings.Trim(last, "0123456789") == "" {
		c.Masked = "************" + last
	}
	switch {
	case got.HasPIN.flag():
		c.CVM = payment.CVMPin
	case got.QPS.flag():
		c.CVM = payment.CVMNone
	case c.Masked != "":
		c.CVM = payment.CVMSignature
	}
	return c
}

// found is what a reprint says of itself, whatever became of the sale (netpay.md 5.4).
const found = "Transaccion Valida"

// words are NetPay's own, with the code.
func words(got result) string {
	said, code := got.Message.trimmed(), got.Code.trimmed()
	switch {
	case code == "":
	case said == "" || strings.EqualFold(said, found) && code != codeApproved:
		said = "code " + code
	default:
		said += " (" + code + ")"
	}
	return redact.Text(shorten(said))
}

// shorten bounds what others say.
func shorten(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
	if len(runes) > maxText {
		return string(runes[:maxText]) + "..."
	}
	return string(runes)
}
