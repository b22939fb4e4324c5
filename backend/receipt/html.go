package receipt

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/paydesk-till/paydesk/backend/payment"
)

//go:embed receipt.tmpl
var templates string

//go:embed receipt.css
var stylesheet string

var pages = template.Must(template.New("").Parse(templates))

// CSS is the style sheet of HTML and Page. It uses class names only, so that a
// page's strict content security policy has nothing to allow.
func CSS() string { return stylesheet }

// HTML writes the document as a fragment to stand in a page: an article in its own
// language, with a table where a line has two sides. It asks for nothing from outside.
func (d Document) HTML(w io.Writer) error {
	if err := pages.ExecuteTemplate(w, "receipt", d.view("")); err != nil {
		return fmt.Errorf("write receipt as HTML: %w", err)
	}
	return nil
}

// Page writes a whole page to print, which takes its style sheet (CSS) from the
// given address.
func (d Document) Page(w io.Writer, stylesheet string) error {
	if err := pages.ExecuteTemplate(w, "page", d.view(stylesheet)); err != nil {
		return fmt.Errorf("write receipt page: %w", err)
	}
	return nil
}

// pageView is the document as the template takes it.
type pageView struct {
	Lang, Name, Stylesheet string
	Copy                   payment.Copy
	Blocks                 [][]htmlPart
}

// htmlPart is a paragraph, a line to sign on, a code to scan, or the rows of one table.
type htmlPart struct {
	Rows  []htmlRow
	Rule  bool
	Code  string // the path of the code that says Left
	Size  int    // of the code, in modules
	Class string
	Left  string
}

type htmlRow struct{ Class, Left, Right string }

func (d Document) view(stylesheet string) pageView {
	v := pageView{Lang: d.Lang, Name: d.Title, Stylesheet: stylesheet, Copy: d.Copy}
	var parts []htmlPart
	flush := func() {
		if len(parts) > 0 {
			v.Blocks = append(v.Blocks, parts)
		}
		parts = nil
	}
	for _, line := range d.Lines {
		switch {
		case line.Kind == Blank:
			flush()
		case line.Kind == Rule:
			parts = append(parts, htmlPart{Rule: true})
		case line.Kind == Code:
			if path, size, err := drawCode(line.Left); err == nil { // the number stands on the slip in any case
				parts = append(parts, htmlPart{Code: path, Size: size, Left: line.Left})
			}
		case line.Style.Has(Centred):
			parts = append(parts, htmlPart{Class: line.class(), Left: line.Left})
		default:
			if len(parts) == 0 || parts[len(parts)-1].Rows == nil {
				parts = append(parts, htmlPart{})
			}
			last := &parts[len(parts)-1]
			last.Rows = append(last.Rows, htmlRow{line.class(), line.Left, line.Right})
		}
		if line.Kind == CopyName {
			v.Name = d.Title + ", " + line.Left
		}
	}
	flush()
	return v
}

func (l Line) class() string {
	class := "receipt-" + string(l.Kind)
	for _, s := range []struct {
		style Style
		name  string
	}{{Centred, "centred"}, {Strong, "strong"}, {Large, "large"}} {
		if l.Style.Has(s.style) {
			class += " receipt-" + s.name
		}
	}
	return class
}
