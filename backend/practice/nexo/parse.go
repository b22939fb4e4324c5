package nexo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of one message. The largest honest one is a payment answer with two
// receipts, below 16 KiB.
const (
	maxBody  = 1 << 20
	maxNodes = 5000
	maxDepth = 20
)

// envelope is a message taken apart: header, the one body element, and the root.
type envelope struct {
	root, header, body *node
}

func (e *envelope) category() string { return e.header.get("MessageCategory") }
func (e *envelope) serviceID() string {
	return e.header.get("ServiceID")
}

// parse reads one XML document into a tree. It refuses what the terminal's parser
// refuses: document types, several roots, invalid UTF-8, absurd sizes.
func parse(raw []byte) (*node, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if len(raw) > maxBody {
		return nil, fmt.Errorf("message of %d bytes is above the limit of %d", len(raw), maxBody)
	}
	if !utf8.Valid(raw) {
		return nil, errors.New("message is not valid UTF-8")
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	var root *node
	var open []*node
	count := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading XML: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			count++
			if count > maxNodes || len(open) >= maxDepth {
				return nil, fmt.Errorf("message has more than %d elements or %d levels", maxNodes, maxDepth)
			}
			n := &node{name: t.Name.Local}
			if t.Name.Space != "" {
				n.name = t.Name.Space + ":" + t.Name.Local
			}
			for _, a := range t.Attr {
				name := a.Name.Local
				if a.Name.Space != "" {
					name = a.Name.Space + ":" + name
				}
				n.attrs = append(n.attrs, attr{name, a.Value})
			}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.kids = append(parent.kids, n)
			case root != nil:
				return nil, errors.New("message has a second root element")
			default:
				root = n
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			} else if strings.TrimSpace(string(t)) != "" {
				return nil, errors.New("message has text outside its root element")
			}
		case xml.Directive:
			return nil, errors.New("message has a document type")
		}
	}
	if root == nil {
		return nil, errors.New("message is empty")
	}
	clearBlankText(root)
	return root, nil
}

// clearBlankText drops the line breaks between child elements.
func clearBlankText(n *node) {
	if len(n.kids) > 0 && strings.TrimSpace(n.text) == "" {
		n.text = ""
	}
	for _, k := range n.kids {
		clearBlankText(k)
	}
}

// open takes the envelope apart (nexo-retailer.md 4.1). The header may be usable
// even when there is an error; it is returned then, so that a refusal can name
// the refused message.
func open(root *node, wantRoot string) (*envelope, error) {
	e := &envelope{root: root, header: root.child("MessageHeader")}
	if root.name != wantRoot {
		return e, fmt.Errorf("root element is %s, not %s", root.name, wantRoot)
	}
	if e.header == nil || len(root.kids) < 2 || root.kids[0] != e.header {
		return e, errors.New("a message is a MessageHeader followed by one body element")
	}
	e.body = root.kids[1]
	if len(root.kids) > 2 && (len(root.kids) > 3 || root.kids[2].name != "SecurityTrailer") {
		return e, fmt.Errorf("element %s after the body", root.kids[2].name)
	}
	if err := check(e.header, "MessageHeader"); err != nil {
		return e, err
	}
	want := e.category() + e.header.get("MessageType")
	if e.body.name != want {
		return e, fmt.Errorf("body is %s, the header says %s", e.body.name, want)
	}
	if _, known := schema[e.body.name]; known {
		return e, check(e.body, e.body.name)
	}
	return e, nil
}
