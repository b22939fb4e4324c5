package receipt

import (
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// card is the card, its application and what finds the transaction again.
func (l *layout) card() (b block) {
	s := l.slip
	brand, label := prose(s.Brand, l.copy), prose(s.Label, l.copy)
	if brand == "" {
		brand, label = label, ""
	}
	if number := cardNumber(s.Masked, l.copy); brand != "" || number != "" {
		b = append(b, Line{Kind: Card, Left: brand, Right: number})
	}
	// The application's name stands beside the brand unless the brand says it already
	//
	if label != "" && !strings.Contains(strings.ToLower(brand), strings.ToLower(label)) {
		b = append(b, Line{Kind: Card, Left: label})
	}
	// The control line is certified as it is: not a letter of it is read.
	if entry, code := l.entryWord(), verbatim(s.CodeBlock); entry != "" || strings.TrimSpace(code) != "" {
		b = append(b, Line{Kind: Card, Left: entry, Right: code})
	}
	b.pair(Chip, "AID", strings.ToUpper(clean(s.AID)))
	b.pair(Chip, "TVR", strings.ToUpper(clean(s.TVR)))
	b.pair(Chip, "TSI", strings.ToUpper(clean(s.TSI)))
	b.pair(Chip, "ARC", clean(s.Response))
	for _, line := range s.More {
		if line = verbatim(line); strings.TrimSpace(line) != "" {
			b = append(b, Line{Kind: Chip, Left: line})
		}
	}
	return append(b, l.references()...)
}

func (l *layout) entryWord() string {
	switch l.slip.Entry {
	case payment.EntryChip:
		return l.words.Chip
	case payment.EntryContactless:
		return l.words.Contactless
	case payment.EntrySwipe:
		return l.words.Swipe
	case payment.EntryManual:
		return l.words.Manual
	case payment.EntryMobile:
		return l.words.Mobile
	}
	return ""
}

// references: at least one finds the transaction again.
func (l *layout) references() (b block) {
	receipt, original := clean(l.slip.Receipt), l.op.OriginalReferences
	if receipt != clean(l.slip.Scan) || l.slip.Scan == "" { // the transaction itself is named already
		b.pair(Reference, l.words.Reference, receipt)
	}
	if rrn := clean(l.op.References.RRN); rrn != receipt {
		b.pair(Reference, l.words.RRN, rrn)
	}
	if receipt == "" || l.synthetic {
		b.pair(Reference, l.words.TillReference, clean(l.op.References.Ours))
	}
	if l.synthetic && l.op.Number > 0 {
		b.pair(Reference, l.words.ReceiptNo, fmt.Sprint(l.op.Number))
	}
	auth := clean(l.slip.AuthCode)
	b.pair(Reference, l.words.AuthCode, auth)
	if l.kind == l.op.Kind && l.kind != payment.Sale {
		if from := clean(original.Terminal); from != receipt {
			b.pair(Reference, l.words.OriginalReference, from)
		}
		if code := clean(original.AuthCode); l.kind == payment.Void && l.state == payment.Approved && code != auth {
			b.pair(Reference, l.words.OriginalAuthCode, code)
		}
	}
	return b
}

// verification says how the cardholder was verified, if it is known and the payment
// went through; no claim otherwise.
func (l *layout) verification() (b block) {
	if l.state != payment.Approved || l.kind == payment.Void {
		return nil
	}
	switch l.slip.CVM {
	case payment.CVMPin:
		b.centred(Verification, l.words.PinVerified, 0)
	case payment.CVMNone:
		if !l.slip.Signature {
			b.centred(Verification, l.words.NoSignature, 0)
		}
	case payment.CVMDevice:
		b.centred(Verification, l.words.DeviceVerified, 0)
	}
	return b
}
