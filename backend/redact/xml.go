package redact

import (
	"encoding/xml"
	"io"
	"strings"
)

// xmlText copies a document token by token. What holds nothing to hide is copied
// as it stands, sign by sign: the message is evidence.
func xmlText(text string, depth int) string {
	if !strings.HasPrefix(strings.TrimLeft(text, "\ufeff \t\r\n"), "<") {
		return freeText(text, depth)
	}
	source := strings.NewReader(text)
	d := xml.NewDecoder(source)
	// keep has made UTF-8 of it, whatever the declaration says.
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	w := &xmlWriter{depth: depth}
	for {
		from := d.InputOffset()
		token, err := d.RawToken()
		if err == io.EOF {
			return w.out.String()
		}
		if err != nil || len(w.open) > maxDepth {
			w.out.WriteString(freeText(text[from:], depth))
			return w.out.String()
		}
		w.token(token, text[from:d.InputOffset()])
	}
}

// xmlWriter knows the names of the open elements. Below hidden of them (counted
// from the outermost secret one) everything is removed.
type xmlWriter struct {
	out    strings.Builder
	open   []string
	hidden int
	depth  int
}

func (w *xmlWriter) token(token xml.Token, raw string) {
	switch t := token.(type) {
	case xml.StartElement:
		w.open = append(w.open, t.Name.Local)
		if w.hidden == 0 && treat(t.Name.Local) == secret {
			w.hidden = len(w.open)
		}
		w.start(t, raw)
	case xml.EndElement:
		w.out.WriteString(raw)
		if len(w.open) > 0 {
			if w.hidden == len(w.open) {
				w.hidden = 0
			}
			w.open = w.open[:len(w.open)-1]
		}
	case xml.CharData:
		w.text(string(t), raw)
	case xml.Comment:
		w.out.WriteString("<!--" + strings.ReplaceAll(w.value("", string(t)), "--", "- -") + "-->")
	default: // declarations and instructions
		w.out.WriteString(freeText(raw, w.depth))
	}
}

func (w *xmlWriter) start(t xml.StartElement, raw string) {
	changed := false
	for i, a := range t.Attr {
		if safe := w.value(a.Name.Local, a.Value); safe != a.Value {
			t.Attr[i].Value, changed = safe, true
		}
	}
	if !changed {
		w.out.WriteString(raw)
		return
	}
	w.out.WriteString("<" + qualified(t.Name))
	for _, a := range t.Attr {
		w.out.WriteString(" " + qualified(a.Name) + `="` + escapeAttr(a.Value) + `"`)
	}
	if strings.HasSuffix(raw, "/>") {
		w.out.WriteString("/")
	}
	w.out.WriteString(">")
}

func (w *xmlWriter) text(value, raw string) {
	name := ""
	if len(w.open) > 0 {
		name = w.open[len(w.open)-1]
	}
	if safe := w.value(name, value); safe != value {
		w.out.WriteString(escapeText(safe))
		return
	}
	w.out.WriteString(raw)
}

func (w *xmlWriter) value(name, value string) string {
	if w.hidden > 0 && strings.TrimSpace(value) != "" {
		return Removed
	}
	return field(name, value, w.depth)
}

func qualified(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// Quotes need no escape in text: a receipt's JSON stays readable.
var (
	escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;").Replace
)
