package iotpay

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The statuses of an order (iotpay.md 9, design 10.12). Everything else is doubt.
const (
	statusCreated   = "0"
	statusPaying    = "1"
	statusPaid      = "2"
	statusNotified  = "3" // paid, too
	statusCancelled = "4"
	statusDeclined  = "9"
)

// ours says whether an order is the attempt's; why tells what is wrong.
func (s settings) ours(r payment.Request, o order) (ok bool, why string) {
	switch {
	case o.MchOrderNo.trimmed() != r.Attempt.Reference:
		return false, "it names the order " + clean(o.MchOrderNo.trimmed())
	case o.MchID.trimmed() != "" && o.MchID.trimmed() != s.mch:
		return false, "it names another merchant"
	}
	return true, ""
}

// matches is what a query must show where its signature, or that of the answer before
// it, does not hold: order, merchant, amount and currency (design 10.12).
func (s settings) matches(r payment.Request, o order) bool {
	amount, err := o.Amount.cents()
	ok, _ := s.ours(r, o)
	return ok && o.MchID.trimmed() == s.mch && err == nil && amount == r.Total.Minor && o.Currency.trimmed() == r.Total.Currency
}

// verdict reads an order of ours by its status alone: neither the texts nor the flags
// beside it say what became of the money (iotpay.md 1.4 to 1.6).
func (s settings) verdict(r payment.Request, a answer) payment.Result {
	if !a.good() {
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: clean("neither success nor failure: " + a.words())}
	}
	if ok, why := s.ours(r, a.order); !ok {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: why}
	}
	switch status := a.order.Status.trimmed(); status {
	case statusPaid, statusNotified:
		return s.approved(r, a)
	case statusDeclined:
		return s.refused(r, a, payment.Refused, declineReason(a.card.Display.trimmed()))
	case statusCancelled:
		return s.refused(r, a, payment.Stopped, payment.ReasonNetwork)
	case statusCreated, statusPaying:
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonNoAnswer, ReasonText: "IOT Pay says that the order is not finished (status " + status + ")"}
	default:
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: clean("the status " + strconv.Quote(status))}
	}
}

// returnCode is the number at the end of receiptDisp (iotpay.md 8).
var returnCode = regexp.MustCompile(`(\d{2,3})$`)

// declineReason words a decline. It never decides: status 9 is declined whoever it was.
func declineReason(display string) payment.Reason {
	switch returnCode.FindString(display) {
	case "":
		return payment.ReasonNone
	case "266":
		return payment.ReasonCustomer
	case "350":
		return payment.ReasonHost
	}
	return payment.ReasonIssuer
}

func (s settings) approved(r payment.Request, a answer) payment.Result {
	sums, err := a.sums(r)
	if err != nil {
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: clean("paid, but " + err.Error())}
	}
	out := payment.Result{Outcome: payment.Success, ReasonText: clean(a.card.Display.trimmed()), Currency: clean(a.order.Currency.trimmed()),
		Authorised: sums.total, Tip: sums.tip, Cashback: sums.cashback, Card: a.card.known(), References: s.references(a)}
	if sums.surcharge > 0 && a.card.brand() == brands[interac] {
		out.Alarms = append(out.Alarms, payment.Alarm{Code: payment.AlarmSurcharge, Text: surchargeOnDebit})
	}
	if sums.told != 0 && sums.told != sums.total {
		out.Alarms = append(out.Alarms, payment.Alarm{Code: payment.AlarmAmount, Text: fmt.Sprintf(twoAmounts, decimal(sums.total), decimal(sums.told))})
	}
	out.Slips = s.slips(r, a, out, sums)
	out.Signature = s.asks && slices.ContainsFunc(out.Slips, func(slip payment.Slip) bool { return slip.Signature })
	return out
}

func (s settings) refused(r payment.Request, a answer, outcome payment.Outcome, why payment.Reason) payment.Result {
	out := payment.Result{Outcome: outcome, Reason: why, ReasonText: clean(a.card.Display.trimmed()), Currency: clean(a.order.Currency.trimmed()),
		Card: a.card.known(), References: s.references(a)}
	out.References.AuthCode = ""
	out.Slips = s.slips(r, a, out, sums{})
	return out
}

// sums are the amounts of an approved order, in cents.
type sums struct {
	total, tip, cashback, surcharge int64
	told                            int64 // trxAmount; 0: none
}

// sums finds what the card was charged in all. How amount, tip and trxAmount relate is
// not documented (iotpay.md, unknown 8): trxAmount counts where it fits, with the tip
// inside of amount or on top of it; an amount that is still the one asked for has the
// additions on top; any other amount is the whole. Where trxAmount fits nowhere, a person
// looks: it may be what was really taken (iotpay.md 7.2, 9).
func (a answer) sums(r payment.Request) (sums, error) {
	var got sums
	amount, err := a.order.Amount.cents()
	if err != nil || amount == 0 {
		return sums{}, fmt.Errorf("the amount %.20q cannot be read", a.order.Amount)
	}
	final, err := a.order.TrxAmount.cents()
	if err != nil {
		final = 0
	}
	got.told = final
	// What cannot be read of the additions is left to the alarm about the amount.
	if got.tip, err = a.order.Tip.cents(); err != nil {
		got.tip = 0
	}
	if got.cashback, err = a.card.Cashback.padded(currency); err != nil {
		got.cashback = 0
	}
	if got.surcharge, err = a.card.Surcharge.padded(currency); err != nil {
		got.surcharge = 0
	}
	added := got.tip + got.cashback + got.surcharge
	switch {
	case added == 0:
		got.total = amount
	case final == amount, final == amount+added, final == amount+added-got.tip:
		got.total = final
	case amount == r.Total.Minor:
		got.total = amount + added
	default:
		got.total = amount
	}
	return got, nil
}

// references find the order again: a refund needs IOT Pay's own id.
func (s settings) references(a answer) payment.References {
	stamp := a.card.Stamp.trimmed()
	if stamp == "" {
		stamp = a.order.PaySuccTime.trimmed()
	}
	mid := a.order.MchID.trimmed()
	if mid == "" {
		mid = s.mch
	}
	return payment.References{Terminal: a.order.PayOrderID.id(), TerminalTime: clean(stamp), RRN: a.card.sequence(),
		AuthCode: clean(a.card.Auth.trimmed()), MID: clean(mid), TID: text(a.card.terminal()).id()}
}

// sequence is the host's number; all zeros mean that the host gave none (iotpay.md 8).
func (c card) sequence() string {
	if s := c.Seq.id(); strings.Trim(s, "0") != "" {
		return s
	}
	return ""
}

// terminal is the number of the terminal at the acquirer, else at the merchant.
func (c card) terminal() string {
	if s := c.BankTerm.trimmed(); s != "" {
		return s
	}
	return c.TermNum.trimmed()
}
