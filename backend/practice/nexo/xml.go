package nexo

import "strings"

// node is one XML element of a message. Messages are kept as trees because the
// terminal checks the order of elements (nexo-retailer.md 4.1), repeats stored
// answers literally (12.2) and falsifies single values on request.
type node struct {
	name  string
	attrs []attr
	text  string
	kids  []*node
}

type attr struct{ name, value string }

// el makes an element. Each part is an attr, a *node (nil is left out), or a
// string with the element's text.
func el(name string, parts ...any) *node {
	n := &node{name: name}
	for _, part := range parts {
		switch p := part.(type) {
		case attr:
			n.attrs = append(n.attrs, p)
		case *node:
			if p != nil {
				n.kids = append(n.kids, p)
			}
		case []*node:
			n.kids = append(n.kids, p...)
		case string:
			n.text = p
		}
	}
	return n
}

// get returns an attribute's value, or "" when it is absent.
func (n *node) get(name string) string {
	v, _ := n.lookup(name)
	return v
}

// lookup returns an attribute's value and whether it is present. A nil node has none.
func (n *node) lookup(name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for _, a := range n.attrs {
		if a.name == name {
			return a.value, true
		}
	}
	return "", false
}

// set replaces an attribute or adds it.
func (n *node) set(name, value string) {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			n.attrs[i].value = value
			return
		}
	}
	n.attrs = append(n.attrs, attr{name, value})
}

// unset takes an attribute away.
func (n *node) unset(name string) {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			n.attrs = append(n.attrs[:i], n.attrs[i+1:]...)
			return
		}
	}
}

// at follows a path of element names ("SaleData/SaleTransactionID") and returns
// the first such element, or nil. It may be called on nil.
func (n *node) at(path string) *node {
	for name := range strings.SplitSeq(path, "/") {
		n = n.child(name)
	}
	return n
}

func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// value is the element's text without surrounding blanks; "" for nil.
func (n *node) value() string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.text)
}

// clone copies the whole tree, so that a falsified answer leaves the stored one alone.
func (n *node) clone() *node {
	if n == nil {
		return nil
	}
	c := &node{name: n.name, text: n.text, attrs: append([]attr(nil), n.attrs...)}
	for _, k := range n.kids {
		c.kids = append(c.kids, k.clone())
	}
	return c
}

// write renders the element and its children with the terminal's one-space
// indentation (nexo-retailer.md 21.3).
func (n *node) write(b *strings.Builder, depth int) {
	indent := strings.Repeat(" ", depth)
	b.WriteString(indent + "<" + n.name)
	for _, a := range n.attrs {
		b.WriteString(" " + a.name + `="` + escape(a.value) + `"`)
	}
	switch {
	case len(n.kids) > 0:
		b.WriteString(">\n")
		for _, k := range n.kids {
			k.write(b, depth+1)
		}
		b.WriteString(indent + "</" + n.name + ">\n")
	case n.text != "":
		b.WriteString(">" + escape(n.text) + "</" + n.name + ">\n")
	default:
		b.WriteString("/>\n")
	}
}

// document renders a whole message. The terminal declares its XML now with double
// and now with single quotes (nexo-retailer.md 21.3).
func (n *node) document(singleQuotes bool) []byte {
	var b strings.Builder
	declaration := `<?xml version="1.0" encoding="UTF-8"?>`
	if singleQuotes {
		declaration = strings.ReplaceAll(declaration, `"`, `'`)
	}
	b.WriteString(declaration + "\n")
	n.write(&b, 0)
	return []byte(b.String())
}

func (n *node) String() string {
	var b strings.Builder
	n.write(&b, 0)
	return b.String()
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;",
	"\n", "&#10;", "\r", "&#13;", "\t", "&#9;")

func escape(s string) string { return escaper.Replace(s) }
