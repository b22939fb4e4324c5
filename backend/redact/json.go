package redact

import (
	"encoding/json"
	"strings"
)

// jsonText copies JSON value by value and leaves the rest as it stands. It reads
// leniently, because broken JSON holds card numbers as well as whole JSON.
func jsonText(text string, depth int) string {
	if bare := strings.TrimLeft(text, "\ufeff \t\r\n"); bare == "" || !strings.ContainsRune(`{["`, rune(bare[0])) {
		return freeText(text, depth)
	}
	s := &jsonScanner{text: text, depth: depth}
	for s.at < len(s.text) {
		s.step()
	}
	return s.out.String()
}

// jsonScanner goes through JSON text. names holds, for every open object or array,
// the name under which it stands; name is that of the next value.
type jsonScanner struct {
	text  string
	at    int
	out   strings.Builder
	names []string
	name  string
	depth int
}

func (s *jsonScanner) step() {
	switch c := s.text[s.at]; {
	case c == '"':
		s.quoted()
	case c == '{' || c == '[':
		if treat(s.name) == secret {
			s.skip()
			return
		}
		s.names = append(s.names, s.name)
		if c == '{' {
			s.name = ""
		}
		s.copy(1)
	case c == '}' || c == ']':
		if n := len(s.names); n > 0 {
			s.name = s.names[n-1]
			s.names = s.names[:n-1]
		}
		s.copy(1)
	case strings.IndexByte(" \t\r\n:,", c) >= 0:
		s.copy(1)
	default:
		s.bare()
	}
}

func (s *jsonScanner) copy(n int) {
	s.out.WriteString(s.text[s.at : s.at+n])
	s.at += n
}

// quoted takes a string: a name if a colon follows, else a value.
func (s *jsonScanner) quoted() {
	end := closing(s.text, s.at)
	raw := s.text[s.at:end]
	value := unquoted(raw)
	s.at = end
	if rest := strings.TrimLeft(s.text[end:], " \t\r\n"); strings.HasPrefix(rest, ":") {
		s.name = value
		s.write(freeText(value, s.depth), value, raw)
		return
	}
	s.write(field(s.trusted(end, raw[len(raw)-1] == '"' && len(raw) > 1), value, s.depth), value, raw)
}

// trusted is the name of a value that ends at end. What is left of an id that was cut
// off may look like a card's number and is no id any more: its name counts for nothing.
func (s *jsonScanner) trusted(end int, closed bool) string {
	if end == len(s.text) && !closed && treat(s.name) == exempt {
		return ""
	}
	return s.name
}

// unquoted reads a string. Most hold no escape, and are what stands between the quotes.
func unquoted(raw string) string {
	if n := len(raw); n >= 2 && raw[n-1] == '"' && plainJSON(raw[1:n-1]) {
		return raw[1 : n-1]
	}
	var value string
	if err := json.Unmarshal([]byte(raw), &value); err != nil {
		// Cut off or badly escaped: taken by its letters.
		return strings.Trim(raw, `"`)
	}
	return value
}

// plainJSON tells whether the inside of a string means itself.
func plainJSON(inside string) bool {
	for i := range len(inside) {
		if c := inside[i]; c < ' ' || c == '\\' || c == '"' || c >= 0x80 {
			return false
		}
	}
	return true
}

// write puts the safe value down, or the original letters if it is the same.
func (s *jsonScanner) write(safe, value, raw string) {
	if safe == value {
		s.out.WriteString(raw)
		return
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(safe); err != nil {
		s.out.WriteString(`"` + Removed + `"`)
		return
	}
	s.out.WriteString(strings.TrimSuffix(b.String(), "\n"))
}

// bare takes a number, true, false, null, or whatever else stands without quotes.
func (s *jsonScanner) bare() {
	end := s.at
	for end < len(s.text) && strings.IndexByte("\"{}[],:\t\r\n", s.text[end]) < 0 {
		end++
	}
	raw := s.text[s.at:end]
	s.at = end
	value := strings.TrimRight(raw, " ")
	if value == "null" || value == "true" || value == "false" {
		s.out.WriteString(raw)
		return
	}
	s.write(field(s.trusted(end, false), value, s.depth), value, raw)
}

// skip removes a whole object or array.
func (s *jsonScanner) skip() {
	open := 0
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"':
			s.at = closing(s.text, s.at)
			continue
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
		s.at++
		if open == 0 {
			break
		}
	}
	s.out.WriteString(`"` + Removed + `"`)
}

// closing finds the end of the string that begins at text[at].
func closing(text string, at int) int {
	for i := at + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
