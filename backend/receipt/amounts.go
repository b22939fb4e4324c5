package receipt

import (
	"strings"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// noBreak ties an amount to its currency (C-15): a line is never broken there.
const noBreak = "\u00a0"

// amounts gives the block of amounts. What the provider wrote is printed as it is;
// parts that do not add up are reported, never corrected.
func (l *layout) amounts() []Line {
	s := l.slip
	tip, cashback := l.money(s.TipMinor), l.money(s.CashbackMinor)
	total := l.delivered(s.Total)
	if total == "" {
		total = l.number(l.op.Shown())
	}
	var lines []Line
	if s.TipMinor != 0 || s.CashbackMinor != 0 || l.parts() {
		base := l.delivered(s.Amount)
		if base == "" {
			base = l.number(l.money(l.minor(s.Total, l.op.Shown().Minor) - s.TipMinor - s.CashbackMinor))
		}
		lines = append(lines, l.sum(Amount, l.words.Amount, base))
	}
	// A part of zero has no line (R-82, C-43).
	if s.TipMinor != 0 {
		lines = append(lines, l.sum(Amount, l.words.Tip, l.number(tip)))
	}
	if s.CashbackMinor != 0 {
		lines = append(lines, l.sum(Amount, l.words.Cashback, l.number(cashback)))
	}
	l.check()
	lines = append(lines, l.sum(Total, l.words.Total, total))
	return lines
}

func (l *layout) sum(k Kind, left, number string) Line {
	style := Style(0)
	if k == Total {
		style = Strong
	}
	return Line{Kind: k, Left: left, Right: number + noBreak + clean(l.slip.Currency), Style: style}
}

func (l *layout) money(minor int64) money.Amount {
	return money.Amount{Minor: minor, Currency: l.slip.Currency}
}

// parts tells whether the delivered base differs from the delivered total.
func (l *layout) parts() bool {
	base, total := l.minor(l.slip.Amount, -1), l.minor(l.slip.Total, -1)
	return base >= 0 && total >= 0 && base != total
}

// minor reads a delivered amount; otherwise is for one that cannot be read.
func (l *layout) minor(text string, otherwise int64) int64 {
	a, err := money.Parse(text, l.slip.Currency)
	if err != nil {
		return otherwise
	}
	return a.Minor
}

// check compares the parts with the total, and the slip with the operation.
func (l *layout) check() {
	s := l.slip
	base, total := l.minor(s.Amount, -1), l.minor(s.Total, -1)
	if s.Total != "" && total < 0 {
		l.warn("the total %q cannot be read as an amount", clean(s.Total))
		return
	}
	if base >= 0 && total >= 0 && base+s.TipMinor+s.CashbackMinor != total {
		l.warn("the amounts do not add up: %d + tip %d + cash back %d is not %d (minor units)", base, s.TipMinor, s.CashbackMinor, total)
	}
	if total >= 0 && l.op.State == payment.Approved && total != l.op.Authorised {
		l.warn("the slip's total is %d, but %d were authorised (minor units)", total, l.op.Authorised)
	}
	if l.op.Currency != "" && s.Currency != l.op.Currency {
		l.warn("the slip is in %q, the operation in %q", clean(s.Currency), l.op.Currency)
	}
}

// delivered gives a delivered amount as it was written.
func (l *layout) delivered(text string) string {
	return strings.ReplaceAll(clean(text), " ", noBreak)
}

// number writes an amount like the provider writes the total on the same slip
// ("56,00"), or as the language does.
func (l *layout) number(a money.Amount) string {
	if clean(l.slip.Total) == "" {
		return strings.ReplaceAll(a.Number(l.tag), " ", noBreak)
	}
	if strings.Contains(l.slip.Total, ",") {
		return strings.Replace(a.Decimal(), ".", ",", 1)
	}
	return a.Decimal()
}

// piece writes an item's price.
func piece(o payment.Operation, minor int64, tag language.Tag) string {
	return strings.ReplaceAll(o.Money(minor).Number(tag), " ", noBreak)
}
