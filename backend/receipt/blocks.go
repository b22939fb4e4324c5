package receipt

import (
	"fmt"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// build puts the blocks in the order of receipts.md 6, parted by blank lines.
func (l *layout) build() {
	for _, block := range [][]Line{
		l.marks(), l.header(), l.merchant(), l.ids(), l.transaction(), l.card(), l.verification(),
		l.policy(), l.signature(), l.closing(), l.reprint(),
	} {
		if len(block) == 0 {
			continue
		}
		if len(l.lines) > 0 {
			l.lines = append(l.lines, Line{Kind: Blank})
		}
		l.lines = append(l.lines, block...)
	}
}

// block collects lines, leaving out those without a value.
type block []Line

func (b *block) centred(k Kind, text string, style Style) {
	if text != "" {
		*b = append(*b, Line{Kind: k, Left: text, Style: style | Centred})
	}
}

func (b *block) pair(k Kind, left, right string) {
	if right != "" {
		*b = append(*b, Line{Kind: k, Left: left, Right: right})
	}
}

// marks stand first, large, so that no one takes the slip for an original receipt
//
func (l *layout) marks() (b block) {
	if l.options.Test || l.slip.Test {
		b.centred(Mark, l.words.Test, Strong|Large)
	}
	if l.corrects() {
		b.centred(Mark, l.words.Corrected, Strong|Large)
	}
	if l.options.Reprint > 0 {
		b.centred(Mark, l.words.Reprint, Strong|Large)
	}
	return b
}

// corrects tells whether a slip with another amount had been handed out before: the
// customer's books must not show both (poynt.md 10.2).
func (l *layout) corrects() bool {
	return l.state == payment.Approved && l.op.Adjusted != nil && l.op.Adjusted.Prints > 0
}

// header names the slip where the market wants it.
func (l *layout) header() (b block) {
	if l.slip.Titled {
		b.centred(Header, l.words.Title, Strong)
	}
	return b
}

func (l *layout) merchant() (b block) {
	m := l.slip.Merchant
	b.centred(Merchant, clean(m.Name), 0)
	b.centred(Merchant, clean(m.Address), 0)
	b.centred(Merchant, clean(m.Postal+" "+m.City), 0)
	if org := clean(m.OrgNo); org != "" {
		b.centred(Merchant, l.words.OrgNo+" "+org, 0)
	}
	if phone := clean(m.Phone); phone != "" {
		if !strings.HasPrefix(phone, "Tel.") { // it may have come with its own sign
			phone = l.words.Phone + " " + phone
		}
		b.centred(Merchant, phone, 0)
	}
	return b
}

func (l *layout) ids() (b block) {
	m := l.slip.Merchant
	b.pair(ID, l.words.MerchantNo, clean(m.MID))
	b.pair(ID, l.words.Terminal, clean(m.TID))
	b.pair(ID, l.words.Bank, clean(m.Bank))
	if date, at := clean(l.slip.LocalDate), clean(l.slip.LocalTime); date+at != "" {
		b = append(b, Line{Kind: Time, Left: date, Right: at})
	}
	return b
}

// transaction is what was done, for how much, and what came of it.
func (l *layout) transaction() (b block) {
	b.centred(Type, l.kindWord(), Strong)
	if l.kind == payment.Sale {
		for _, item := range l.op.Lines {
			left := prose(item.Text, l.copy)
			if item.Quantity != 1 {
				left = fmt.Sprintf("%d x %s", item.Quantity, left)
			}
			b.pair(Item, left, piece(l.op, item.Quantity*item.Price, l.tag))
		}
	}
	b = append(b, l.amounts()...)
	b.centred(Outcome, l.outcomeWord(), Strong|Large)
	for _, line := range l.reasons() {
		b.centred(Reason, line, 0)
	}
	return b
}

func (l *layout) kindWord() string {
	switch l.kind {
	case payment.Refund:
		return l.words.Refund
	case payment.Void:
		return l.words.Void
	case payment.Capture:
		return l.words.Completion
	}
	if l.op.AuthOnly {
		return l.words.Preauth
	}
	return l.words.Sale
}

// outcomeWord is empty in mid payment: the slip to sign says no outcome.
func (l *layout) outcomeWord() string {
	switch l.state {
	case payment.Approved:
		if l.kind == payment.Void {
			return l.words.Voided // not the word of a purchase (C-41)
		}
		return l.words.Approved
	case payment.Declined:
		if l.byHand() {
			return l.words.NotCompleted
		}
		return l.words.Declined
	case payment.Cancelled:
		return l.words.Cancelled
	case payment.Failed:
		return l.words.NotCompleted
	}
	return ""
}

// byHand: a manager settled what no terminal could tell.
func (l *layout) byHand() bool { return l.op.Reason == payment.ReasonSettled }

// reasons are the lines below the outcome.
func (l *layout) reasons() []string {
	var lines []string
	if l.corrects() {
		lines = append(lines, l.words.Replaces)
	}
	if l.state != payment.Approved && l.state != "" {
		text := prose(l.slip.Text, l.copy)
		if text == "" && !l.byHand() {
			text = prose(l.op.ReasonText, l.copy)
		}
		if text != "" {
			lines = append(lines, text)
		}
		if code := clean(l.slip.Response); code != "" {
			lines = append(lines, l.words.ResponseCode+" "+code)
		}
	}
	if l.byHand() {
		lines = append(lines, l.words.SettledByHand)
	}
	if !l.synthetic {
		return lines
	}
	if l.state == payment.Approved {
		return append(lines, l.words.NoTerminalReceipt)
	}
	if l.byHand() {
		return lines // a person's word is no proof that nothing was charged
	}
	switch l.kind {
	case payment.Refund:
		return append(lines, l.words.NothingRefunded)
	case payment.Void:
		return append(lines, l.words.OriginalStands)
	}
	return append(lines, l.words.NothingCharged)
}

func (l *layout) policy() (b block) {
	b.centred(Policy, clean(l.options.Policy), 0)
	return b
}

// signature gives the lines to sign on: the cardholder's on the merchant copy where
// the provider's flag asks for it, the merchant's on the customer's copy of
// a refund. Nothing is signed unless it is approved or still open.
func (l *layout) signature() (b block) {
	approved := l.state == payment.Approved
	switch {
	case l.copy == payment.MerchantCopy && l.slip.Signature && (approved || l.state == ""):
		b.centred(Policy, clean(l.options.Agreement), 0)
		b = append(b, Line{Kind: Rule})
		b.centred(Signature, l.words.Signature, 0)
		// The cashier also looks at an identity document (R-49, nexo-retailer.md 8.4).
		b = append(b, Line{Kind: Rule})
		b.centred(Signature, l.words.Identity, 0)
	case l.copy == payment.CustomerCopy && l.kind == payment.Refund && approved:
		b = append(b, Line{Kind: Rule})
		b.centred(Signature, l.words.CashierSignature, 0)
	}
	return b
}

func (l *layout) closing() (b block) {
	if l.copy == payment.CustomerCopy {
		b.centred(Notice, l.words.Retain, 0)
		b.centred(CopyName, l.words.CustomerCopy, 0)
	} else {
		b.centred(CopyName, l.words.MerchantCopy, 0)
	}
	// Only what was paid can be found by it again.
	if code := clean(l.slip.Scan); l.state == payment.Approved && scannable(code) {
		b.centred(Code, code, 0)
	}
	return b
}

// reprint says which copy it is and when it was made; the rest of the slip keeps the
// original's date and time.
func (l *layout) reprint() (b block) {
	if l.options.Reprint < 1 {
		return nil
	}
	at := ""
	if t := l.options.PrintedAt; !t.IsZero() {
		at = t.In(l.options.Location).Format(time.DateOnly + " 15:04")
	}
	return block{{Kind: Reprint, Left: fmt.Sprintf("%s %d", l.words.ReprintNo, l.options.Reprint), Right: at}}
}
