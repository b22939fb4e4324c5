package redact

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxInput is how many bytes of a text are looked at and kept; what is longer is
// cut, with a note.
const MaxInput = 256 << 10

// maxDepth bounds text inside text (Base64, JSON inside JSON) and the nesting of
// elements that are followed.
const maxDepth = 64

// leastTrack is how many digits track 2 begins with, at the least.
const leastTrack = 12

// leastEncoded is the length from which on a text may be Base64 of something.
const leastEncoded = 16

// Removed stands where something was taken out.
const Removed = "[redacted]"

// XML gives a message as text without card data and secrets. Receipts that stand
// in it as Base64 of JSON are written in clear, so that they can be read. Input
// that cannot be parsed is treated as Text from there on. It never fails.
func XML(body []byte) string { return keep(body, xmlText) }

// JSON gives a message as text without card data and secrets. Broken JSON is taken
// as far as it goes. It never fails.
func JSON(body []byte) string { return keep(body, jsonText) }

// Text removes card numbers, tracks and secrets from any text: by their shape, and
// by a name that stands before them ("password=..."). It never fails.
func Text(s string) string { return keep([]byte(s), freeText) }

// keep brings the input into a form that can be looked at: UTF-8 (what is not, is
// taken as ISO 8859-1), without NUL, so that UTF-16 does not hide digits, and not
// longer than MaxInput.
func keep(body []byte, redact func(text string, depth int) string) string {
	size, note := len(body), ""
	if size > MaxInput {
		// A number must not lose the end by which it is known: go back to a sign
		// that no number or Base64 text has inside.
		end := max(0, strings.LastIndexAny(string(body[:MaxInput]), "<>\"{}[],;\n"))
		body, note = body[:end], fmt.Sprintf("\n[cut: %d of %d bytes are kept]", end, size)
	}
	text := string(body)
	if !utf8.ValidString(text) {
		text = latin(body)
	}
	return redact(strings.ReplaceAll(text, "\x00", ""), 0) + note
}

// The shapes that are known without a name.
var (
	// Track 1: format code B, number, name, expiry and the rest.
	track1 = regexp.MustCompile(`%?[Bb]\d{1,19}(?: ?\d{1,8}){0,4}\^[^\^\n]{0,40}\^[^?\s"<]*\??`)
	// Track 2, also as in chip data with D for the separator.
	track2 = regexp.MustCompile(`;?\d{12,19}[=Dd]\d{4,}[0-9A-Fa-f=]*\??`)
	// Credentials in a header or a log line.
	bearer = regexp.MustCompile(`(?i)\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{8,}`)
	// A name with its value, in the manner of XML, JSON, forms and logs.
	pair = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.-]{1,40})(\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?|>)([^\s"'<>,;&{}\\]+)`)
	// What JSON begins with, so that mere bytes do not pass for it.
	object = regexp.MustCompile(`^(?:\{\s*["}]|\[\s*["\[\]{0-9tfn-])`)
	// A run that may be Base64 of something readable.
	encoded = regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}={0,2}`)
	// A number masked by another, with too much left of it.
	partly = regexp.MustCompile(`\d+[*xX•]{2,}\d+`)
)

// freeText asks cheap questions before the expensive expressions: most fields of
// a message are short and plain.
func freeText(text string, depth int) string {
	if len(text) < shortest && !strings.ContainsAny(text, ":=>") {
		return text
	}
	if strings.ContainsAny(text, " \t") && scheme(text) {
		text = bearer.ReplaceAllString(text, "$1$2"+Removed)
	}
	if strings.ContainsAny(text, ":=>") {
		text = named(text)
	}
	if depth < maxDepth && runs(text, leastEncoded, encodable) {
		text = encoded.ReplaceAllStringFunc(text, func(run string) string {
			if clear, ok := decode(run); ok {
				if safe := freeText(clear, depth+1); safe != clear {
					return safe
				}
			}
			return run
		})
	}
	return numbers(masked(tracks(text)))
}

// scheme tells whether a word of credentials may stand in text, in any case.
func scheme(text string) bool {
	for i := 0; i+len("basic") <= len(text); i++ {
		if c := text[i] | 0x20; c == 'b' && (strings.EqualFold(text[i:i+5], "basic") || i+6 <= len(text) && strings.EqualFold(text[i:i+6], "bearer")) {
			return true
		}
	}
	return false
}

// runs tells whether size signs of a kind stand in a row: a cheap question before
// an expensive expression.
func runs(text string, size int, kind func(byte) bool) bool {
	n := 0
	for i := range len(text) {
		if !kind(text[i]) {
			n = 0
		} else if n++; n == size {
			return true
		}
	}
	return false
}

// encodable are the signs of Base64, in both alphabets.
func encodable(c byte) bool {
	return digit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '/' || c == '_' || c == '-'
}

// tracks removes track data.
func tracks(text string) string {
	if strings.Contains(text, "^") {
		text = track1.ReplaceAllString(text, Removed)
	}
	if strings.ContainsAny(text, "=Dd") && runs(text, leastTrack, digit) {
		text = track2.ReplaceAllString(text, Removed)
	}
	return text
}

// masked takes from numbers that are masked already what is beyond first six and
// last four (receipts.md R-02).
func masked(text string) string {
	if len(text) < shortest || !strings.ContainsAny(text, "*xX•") {
		return text
	}
	return partly.ReplaceAllStringFunc(text, func(run string) string {
		first := strings.IndexAny(run, "*xX•")
		last := len(run) - 1 - strings.LastIndexFunc(run, func(r rune) bool { return r < '0' || r > '9' })
		if size := utf8.RuneCountInString(run); size < shortest || size > longest || first <= 6 && last <= shown {
			return run
		}
		out := []byte(run)
		mask(out, group{0, len(out)})
		return string(out)
	})
}

// field gives the value of a named field without card data and secrets.
func field(name, value string, depth int) string {
	switch treat(name) {
	case secret:
		if strings.TrimSpace(value) == "" {
			return value
		}
		return Removed
	case number:
		return declared(numbers(tracks(value)))
	case exempt:
		if strings.Contains(strings.TrimSpace(value), " ") {
			return freeText(value, depth) // ids have no blanks: a person wrote this
		}
		return tracks(value)
	}
	bare := strings.TrimSpace(value)
	if depth >= maxDepth || bare == "" {
		return freeText(value, depth)
	}
	switch bare[0] {
	case '{', '[':
		return jsonText(value, depth+1)
	case '<':
		return xmlText(value, depth+1)
	}
	if clear, ok := decode(bare); ok && (clear[0] == '{' || clear[0] == '[' || clear[0] == '<') {
		return field("", clear, depth+1)
	}
	return freeText(value, depth)
}

// decode reads Base64, with line breaks, padding or neither, if something readable
// comes out.
func decode(text string) (string, bool) {
	bare := strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	if len(bare) < leastEncoded || len(bare) == sizeUUID && isUUID(bare) {
		return "", false
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(bare, "-_") {
		encoding = base64.RawURLEncoding
	}
	if len(bare)%4 == 1 { // cut off: take what is whole
		bare = bare[:len(bare)-1]
	}
	raw, err := encoding.DecodeString(bare)
	if err != nil || len(raw) == 0 {
		return "", false
	}
	for _, c := range raw {
		if c < ' ' && !unicode.IsSpace(rune(c)) || c == 0x7f {
			return "", false
		}
	}
	clear := strings.TrimSpace(string(raw))
	if !utf8.Valid(raw) {
		// A receipt may come as ISO 8859-1 (nexo-retailer.md 8.1); else mere bytes.
		if !object.Match(raw) {
			return "", false
		}
		clear = strings.TrimSpace(latin(raw))
	}
	return clear, clear != ""
}

// latin takes bytes as ISO 8859-1.
func latin(raw []byte) string {
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// named takes the values of names that stand before them. A name that says nothing
// is passed alone, because its value may hold the next name: in an address, say.
func named(text string) string {
	var b strings.Builder
	for {
		m := pair.FindStringSubmatchIndex(text)
		if m == nil {
			return b.String() + text
		}
		value, end := text[m[6]:m[7]], m[7]
		switch treat(text[m[2]:m[3]]) {
		case secret:
			if !sentence(text[m[2]:m[3]], text[m[4]:m[5]], value) {
				value = Removed
			}
		case number:
			value = declared(value)
		default:
			value, end = "", m[5]
		}
		b.WriteString(text[:m[6]] + value)
		text = text[end:]
	}
}

// sentence tells whether what stands behind a secret's name is prose: "PIN: wrong" is,
// whatever the name, and "Wrong PIN: response code 55" is, because a PIN or a card's
// code holds digits, and prose has a blank behind its colon.
func sentence(name, between, value string) bool {
	if strings.ContainsAny(value, "0123456789") {
		return false
	}
	if len(value) < leastSecret {
		return true
	}
	letters := strings.IndexFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && r != '.' }) < 0
	return letters && between == ": " && digital[plain(name)]
}

// leastSecret is the length from which on letters alone may be a password.
const leastSecret = 8
