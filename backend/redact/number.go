package redact

import "strings"

// The lengths of a card number (ISO/IEC 7812-1).
const (
	shortest = 13
	longest  = 19
	// beyond is the length of a bare run of digits from which on a card number is
	// also looked for inside it. Our own references have up to 20 digits and never
	// pass the check as a whole (design 10.14), so those are let alone.
	beyond = 21
	// shown is how many digits stay.
	shown = 4
)

// group is one run of digits without a gap: text[from:to].
type group struct{ from, to int }

// numbers masks every card number in text: a run of 13 to 19 digits that passes
// the Luhn check, also with single blanks or dashes inside. Overlapping findings
// are masked as one, so that never more than four digits stay.
func numbers(text string) string {
	var out []byte
	for at := 0; at < len(text); {
		groups, end := chain(text, at)
		for _, span := range cards(text, groups) {
			if out == nil {
				out = []byte(text)
			}
			mask(out, span)
		}
		at = end
	}
	if out == nil {
		return text
	}
	return string(out)
}

// chain reads the next groups of digits that only single blanks or dashes part.
// end is where to go on.
func chain(text string, at int) (groups []group, end int) {
	for at < len(text) && !digit(text[at]) {
		at++
	}
	for at < len(text) && digit(text[at]) {
		from := at
		for at < len(text) && digit(text[at]) {
			at++
		}
		groups = append(groups, group{from, at})
		if at+1 < len(text) && (text[at] == ' ' || text[at] == '-') && digit(text[at+1]) {
			at++
		}
	}
	return groups, at
}

// cards finds the spans that hold card numbers, in order and without overlap.
func cards(text string, groups []group) []group {
	var spans []group
	for i, first := range groups {
		if hidden(text[first.from:first.to]) {
			spans = join(spans, first)
			continue
		}
		var digits []byte
		for _, last := range groups[i:] {
			digits = append(digits, text[last.from:last.to]...)
			if len(digits) > longest {
				break
			}
			if card(digits) && !uuid(text, first.from, last.to) {
				spans = join(spans, group{first.from, last.to})
			}
		}
	}
	return spans
}

// join adds a span, into the one before where they overlap.
func join(spans []group, span group) []group {
	if n := len(spans); n > 0 && span.from < spans[n-1].to {
		spans[n-1].to = max(spans[n-1].to, span.to)
		return spans
	}
	return append(spans, span)
}

// hidden tells whether a long bare run of digits has a card number inside.
func hidden(run string) bool {
	if len(run) < beyond {
		return false
	}
	for from := 0; from+shortest <= len(run); from++ {
		for size := shortest; size <= longest && from+size <= len(run); size++ {
			if card([]byte(run[from : from+size])) {
				return true
			}
		}
	}
	return false
}

// card tells whether digits can be a card number. One that begins with five
// zeros is an application identifier or an empty counter: no issuer has it.
func card(digits []byte) bool {
	if len(digits) < shortest || len(digits) > longest || strings.HasPrefix(string(digits), "00000") {
		return false
	}
	sum := 0
	for i, d := range digits {
		n := int(d - '0')
		if (len(digits)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// mask stars out all digits of a span but the last four.
func mask(out []byte, span group) {
	left := shown
	for i := span.to - 1; i >= span.from; i-- {
		if !digit(out[i]) {
			continue
		}
		if left > 0 {
			left--
			continue
		}
		out[i] = '*'
	}
}

// sizeUUID is how many signs a UUID has.
const sizeUUID = 36

// uuid tells whether text[from:to] lies inside a UUID: 8-4-4-4-12 hexadecimal
// digits. Our operations have such ids, and some are mostly decimal.
func uuid(text string, from, to int) bool {
	for start := max(0, to-sizeUUID); start <= from && start+sizeUUID <= len(text); start++ {
		if isUUID(text[start : start+sizeUUID]) {
			return true
		}
	}
	return false
}

func isUUID(text string) bool {
	for i := range len(text) {
		switch i {
		case 8, 13, 18, 23:
			if text[i] != '-' {
				return false
			}
		default:
			if !hex(text[i]) {
				return false
			}
		}
	}
	return true
}

// declared masks what stands in a field for a card number: at most the first six
// and last four digits stay of one that is masked already (receipts.md R-02), the
// last four of one that is not.
func declared(text string) string {
	digits, masked := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case digit(c):
			digits++
		case c == '*' || c == 'x' || c == 'X' || c >= 0x80:
			masked = true
		}
	}
	if digits <= shown || masked && digits <= 10 {
		return text
	}
	out := []byte(text)
	mask(out, group{0, len(out)})
	return string(out)
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func hex(c byte) bool { return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
