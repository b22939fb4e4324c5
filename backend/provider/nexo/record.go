package nexo

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// maxRecord bounds what the timeline keeps of one message.
const maxRecord = 32 << 10

var (
	tokenElement = regexp.MustCompile(`(?s)<((?:\w+:)?(?:PaymentToken|SensitiveCardData|ProtectedCardData|LoyaltyAccountID|CapturedSignature))\b[^>]*?(?:/>|>.*?</(?:\w+:)?(?:PaymentToken|SensitiveCardData|ProtectedCardData|LoyaltyAccountID|CapturedSignature)\s*>)`)
	tokenAttr    = regexp.MustCompile(`\s(?:PaymentAccountRef|TokenValue)\s*=\s*(?:"[^"]*"|'[^']*')`)
)

// One of these words stands in everything that the expressions find.
var (
	tokenElements = [][]byte{[]byte("PaymentToken"), []byte("SensitiveCardData"), []byte("ProtectedCardData"), []byte("LoyaltyAccountID"), []byte("CapturedSignature")}
	tokenAttrs    = [][]byte{[]byte("PaymentAccountRef"), []byte("TokenValue")}
)

// record makes a message fit for the timeline: tokens are dropped, and the rest
// goes through redaction, which also makes the receipts inside readable
// (nexo-retailer.md 7.5).
func record(body []byte) string {
	if plain, err := toUTF8(body); err == nil {
		body = plain
	}
	// The expressions are slow and their subjects rare: ask for the words first.
	if holds(body, tokenElements) {
		body = tokenElement.ReplaceAll(body, nil)
	}
	if holds(body, tokenAttrs) {
		body = tokenAttr.ReplaceAll(body, nil)
	}
	text := redact.XML(body)
	if len(text) > maxRecord {
		return strings.ToValidUTF8(text[:maxRecord], "") + "..."
	}
	return text
}

func holds(body []byte, words [][]byte) bool {
	return slices.ContainsFunc(words, func(word []byte) bool { return bytes.Contains(body, word) })
}

// told reports a message to the timeline.
func (t *Terminal) told(to payment.Reporter, m payment.Message, body []byte) {
	m.Terminal, m.Body = t.name, record(body)
	if m.At.IsZero() {
		m.At = t.now().UTC()
	}
	to.Message(m)
}

// note keeps a remark.
func (t *Terminal) note(to payment.Reporter, reason payment.Reason, text string) {
	to.Note(payment.Note{Terminal: t.name, Reason: reason, Text: redact.Text(shorten(clean(text), maxNote))})
}

// now is the wall clock; synctest fakes it.
func (t *Terminal) now() time.Time { return time.Now() }
