package poynt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// class is what one transaction says about the sale that it belongs to.
type class int

// The classes; strange is the zero value on purpose.
const (
	strange class = iota // a word that nobody here knows: doubt
	running              // not decided yet
	approved
	declined
	undone // approved first, then voided
)

// statuses are those of poynt.md 10.1. A sale that was refunded later was approved:
// the refund is an operation of its own.
var statuses = map[text]class{
	"CREATED": running, "SAVED": running,
	"AUTHORIZED": approved, "CAPTURED": approved, "PARTIALLY_CAPTURED": approved,
	"PARTIALLY_REFUNDED": approved, "REFUNDED": approved, "PARTIALLY_CAPTURED_AND_PARTIALLY_REFUNDED": approved,
	"DECLINED": declined, "VOIDED": undone,
}

// paying are the actions that take or reserve money.
var paying = map[text]bool{"SALE": true, "AUTHORIZE": true, "OFFLINE_AUTHORIZE": true}

// class reads action, status and the processor's word (poynt.md 11 rule 1).
func (t transaction) class() class {
	c, ok := statuses[t.Status]
	switch {
	case !ok || !paying[t.Action]:
		return strange
	case c == approved && bool(t.Voided):
		return undone
	case c == approved && strings.EqualFold(string(t.Processor.Status), "Failure"):
		return declined
	}
	return c
}

// base is what was charged for goods (poynt.md 11 rule 2). A processor that approved
// less may have left the amounts as they were asked for.
func (t transaction) base() int64 {
	order, ok := t.Amounts.Order.value, t.Processor.Approved
	if ok.told && ok.value > 0 && (bool(t.Partial) || ok.value < t.Amounts.Total.value) {
		return min(order, ok.value)
	}
	return order
}

// tip is the tip of a transaction; with tip adjustment only the terminal's own
// message knows it at first (poynt.md 10.2).
func (t transaction) tip(adjusted map[string]int64) int64 {
	if t.Amounts.Tip.value > 0 {
		return t.Amounts.Tip.value
	}
	return adjusted[string(t.ID)]
}

// tippable tells whether the terminal may still change the tip of a transaction: not
// once it is captured by a transaction of its own, refunded or settled, nor where the
// customer wants none.
func (t transaction) tippable() bool {
	stands := t.Status == "AUTHORIZED" || t.Status == "CAPTURED" && t.Action == "SALE"
	return stands && !bool(t.Settled) && !bool(t.Amounts.NoTip)
}

// verdict is what the transactions of an attempt add up to. The zero value: there is
// none.
type verdict struct {
	payment.Result
	found bool // there is at least one
	// open: more may follow, because no session of the terminal is known to be over:
	// it may offer another card after a decline, and another tender after a part.
	open bool
	// stale: a tip stands only in the terminal's own message yet (poynt.md 10.2).
	stale bool
	// latest is when the newest of them was made, by Poynt's clock; zero: not told.
	latest time.Time
}

// uncertain marks what may not be the last word, unless that is sure: a decline that
// another card may follow, and a part that another part may. It is asked about later.
func (v verdict) uncertain(sure bool) payment.Result {
	v.Reopens = !sure && v.Outcome == payment.Refused
	v.TipOpen = v.TipOpen || !sure && v.Outcome == payment.Success
	return v.Result
}

// judge adds up the transactions of a sale (poynt.md 11). adjusted are the tips that
// the terminal told by itself.
func (s settings) judge(r payment.Request, list []transaction, adjusted map[string]int64) verdict {
	v := verdict{found: len(list) > 0}
	by := map[class][]transaction{}
	for _, t := range list {
		c := t.class()
		if why := s.foreign(r, t, c); why != "" {
			v.Result = payment.Result{Reason: payment.ReasonForeign, ReasonText: why}
			return v
		}
		by[c] = append(by[c], t)
		if made := t.created(); made.After(v.latest) {
			v.latest = made
		}
	}
	goods := r.Total.Minor - r.Tip - r.Cashback
	switch {
	case len(by[approved]) > 0:
		v.Result = s.paid(r, by[approved], adjusted)
		v.open = v.Authorised-v.Tip-v.Cashback < goods
		for _, t := range by[approved] {
			v.stale = v.stale || t.Amounts.Tip.value == 0 && adjusted[string(t.ID)] > 0
		}
	case len(by[strange]) > 0:
		t := by[strange][0]
		v.Result = payment.Result{Reason: payment.ReasonUnknownCode,
			ReasonText: redact.Text(cut(fmt.Sprintf("Poynt tells of action %q with status %q", t.Action, t.Status)))}
	case len(by[running]) > 0:
		v.Result = payment.Result{Outcome: payment.Pending}
	case len(by[undone]) > 0:
		t := by[undone][len(by[undone])-1]
		v.Result = s.unpaid(r, t, payment.ReasonReversed, "it was approved and then voided")
		v.Tip, v.Cashback = t.tip(adjusted), t.Amounts.Cashback.value
		v.Authorised = t.base() + v.Tip + v.Cashback
		v.open = true
	case len(by[declined]) > 0:
		t := by[declined][len(by[declined])-1]
		v.Result = s.unpaid(r, t, payment.ReasonIssuer, reasonText(t))
		v.open = true
	}
	return v
}

// foreign says what speaks against a transaction that carries our reference (poynt.md
// 11, last paragraphs). What it does not tell speaks for nothing.
func (s settings) foreign(r payment.Request, t transaction, c class) string {
	for _, one := range []struct{ what, told, asked string }{
		{"currency", string(t.Amounts.Currency), r.Total.Currency},
		{"business", string(t.Context.Business), s.business},
		{"store", string(t.Context.Store), s.store},
		{"terminal", string(t.Context.Device), s.device},
	} {
		if one.told != "" && !strings.EqualFold(one.told, one.asked) {
			return redact.Text(cut(fmt.Sprintf("transaction %s carries our reference, but its %s is %s and not %s", t.ID, one.what, one.told, one.asked)))
		}
	}
	if !t.Amounts.Order.told && c == approved {
		return redact.Text(cut(fmt.Sprintf("transaction %s carries our reference, but no amount", t.ID)))
	}
	return ""
}

// paid sums what was approved. A tip that was sent along skips the tip screen (poynt.md
// 7.4); otherwise, where the terminal asks for one, it may come later than the approval
// shows (poynt.md 8, 10.2).
func (s settings) paid(r payment.Request, list []transaction, adjusted map[string]int64) payment.Result {
	got := payment.Result{Outcome: payment.Success, Currency: r.Total.Currency}
	for _, t := range list {
		got.Tip += t.tip(adjusted)
		got.Cashback += t.Amounts.Cashback.value
		got.Authorised += t.base() + t.tip(adjusted) + t.Amounts.Cashback.value
	}
	got.TipOpen = s.tips && r.Tip == 0 && slices.ContainsFunc(list, transaction.tippable)
	first := list[0]
	got.Card, got.References = first.card(), first.references()
	for i := range min(len(list), payment.MaxSlips/2) {
		got.Slips = append(got.Slips, s.slips(r, list[i], payment.Success, adjusted)...)
	}
	var remarks []string
	if t := first.Funding.Type; t != "" && t != "CREDIT_DEBIT" {
		remarks = append(remarks, fmt.Sprintf("paid as %s on the terminal, not by card", t))
	}
	if bool(first.AuthOnly) != r.AuthOnly && first.Action == "AUTHORIZE" {
		remarks = append(remarks, "the terminal only reserved the money, or reserved it differently than asked")
	}
	if strings.Contains(string(first.Status), "REFUNDED") {
		remarks = append(remarks, "refunded meanwhile: "+string(first.Status))
	}
	got.ReasonText = redact.Text(cut(strings.Join(remarks, "; ")))
	return got
}

// unpaid is a sale that took nothing.
func (s settings) unpaid(r payment.Request, t transaction, why payment.Reason, text string) payment.Result {
	return payment.Result{Outcome: payment.Refused, Reason: why, ReasonText: text, Card: t.card(), References: t.references(),
		Slips: s.slips(r, t, payment.Refused, nil)}
}

// reasonText gives the processor's own words and code.
func reasonText(t transaction) string {
	words := or(string(t.Processor.Message), string(t.Status))
	if t.Processor.Code != "" {
		words += " (code " + string(t.Processor.Code) + ")"
	}
	return redact.Text(cut(words))
}

// references find the transaction again.
func (t transaction) references() payment.References {
	return payment.References{Terminal: string(t.ID), TerminalTime: string(t.CreatedAt), RRN: cut(string(t.Processor.RetrievalRef)),
		AuthCode: cut(or(string(t.Processor.Approval), string(t.Approval))), MID: cut(string(t.Context.MID)), TID: cut(string(t.Context.TID))}
}

// tipsOf reads the tips that the terminal told by itself, by transaction id.
func tipsOf(p posted) map[string]int64 {
	tips := map[string]int64{}
	for id, told := range p.Tips {
		if v, err := strconv.ParseInt(string(told), 10, 64); err == nil && v > 0 && v < maxTip {
			tips[id] = v
		}
	}
	return tips
}

// maxTip bounds a tip that only the terminal tells, in minor units.
const maxTip = 100_000_00
