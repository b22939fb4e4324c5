package receipt_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// bare is a text without what wrapping may add or take.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

func TestC61_NothingIsLostAndNoLineIsLonger(t *testing.T) {
	field := rapid.StringMatching(`[ -~åäöÅÄÖæøé]{0,60}`)
	kinds := []receipt.Kind{receipt.Merchant, receipt.ID, receipt.Total, receipt.Outcome}
	rapid.Check(t, func(t *rapid.T) {
		var d receipt.Document
		want := ""
		for range rapid.IntRange(1, 12).Draw(t, "lines") {
			line := receipt.Line{
				Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Left: field.Draw(t, "left"),
				Style: rapid.SampledFrom([]receipt.Style{0, receipt.Centred, receipt.Centred | receipt.Large}).Draw(t, "style"),
			}
			if line.Style == 0 {
				line.Right = field.Draw(t, "right")
			}
			d.Lines = append(d.Lines, line)
			want += line.Left + line.Right
		}
		for _, columns := range []int{24, 32, 34, 42, 48, 64} {
			got := d.Text(columns)
			for row := range strings.Lines(got) {
				if row = strings.TrimSuffix(row, "\n"); utf8.RuneCountInString(row) > columns {
					t.Fatalf("%d columns: %q", columns, row)
				}
			}
			if bare(got) != bare(want) {
				t.Fatalf("%d columns: %q lost something of %q", columns, got, want)
			}
		}
		for _, line := range d.Lines {
			if !line.Style.Has(receipt.Large) {
				continue
			}
			for row := range strings.Lines(receipt.Document{Lines: []receipt.Line{line}}.Text(32)) {
				if n := utf8.RuneCountInString(strings.TrimSpace(row)); n > 16 {
					t.Fatalf("a large row of %d letters: %q", n, row)
				}
			}
		}
	})
}

// content collects the text of an HTML tree and checks its tags on the way.
func content(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		switch n.Type {
		case html.TextNode:
			b.WriteString(n.Data)
		case html.ElementNode:
			for _, a := range n.Attr {
				if a.Key == "style" || a.Key == "src" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
			if n.Data == "script" || n.Data == "style" || n.Data == "img" {
				t.Errorf("<%s> in %s", n.Data, page)
			}
		}
	}
	return b.String()
}

func TestC73_HTMLSaysWhatTheTextSays(t *testing.T) {
	for name, op := range every {
		for _, lang := range languages {
			for _, c := range copies {
				d := render(t, op(), c, receipt.Options{Language: lang, Merchant: shop})
				var b bytes.Buffer
				if err := d.HTML(&b); err != nil {
					t.Fatal(err)
				}
				need(t, b.String(), `lang="`+lang+`"`, `<th scope="row">`)
				want := strings.ReplaceAll(d.Text(48), "_", "")
				if got := content(t, b.String()); bare(got) != bare(want) {
					t.Errorf("%s, %s, %s:\n%s\n%s", name, lang, c, got, want)
				}
			}
		}
	}
}

func TestPageStandsAlone(t *testing.T) {
	var b bytes.Buffer
	if err := render(t, sale(), payment.CustomerCopy, swedish).Page(&b, "/receipt.css"); err != nil {
		t.Fatal(err)
	}
	need(t, b.String(), "<!DOCTYPE html>", `<html lang="sv">`, "<title>KORTKVITTO, KUNDENS EX.</title>", `href="/receipt.css"`, "<main>", "GODKÄNT")
	content(t, b.String())
	for _, class := range []string{".receipt-mark", ".receipt-rule", "@page"} {
		need(t, receipt.CSS(), class)
	}
}

func TestC08_HTMLIsEscaped(t *testing.T) {
	op := each(sale(), func(s *payment.Slip) {
		s.Merchant.Name, s.Brand, s.CodeBlock = `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "</td><script>"
	})
	var b bytes.Buffer
	if err := render(t, op, payment.CustomerCopy, swedish).Page(&b, "/receipt.css"); err != nil {
		t.Fatal(err)
	}
	need(t, content(t, b.String()), "<script>alert(1)</script>")
}

// FuzzRender: no delivered text makes a slip fail, grow a command or show too much.
func FuzzRender(f *testing.F) {
	f.Add("Test shop", "516815******9659", "56,00", "K/1 3 00 SWE", uint8(0), uint8(42))
	f.Add("\x1b@\xff", "4111111111111111", "x", "\u202e", uint8(3), uint8(0))
	states := []payment.State{payment.Approved, payment.Declined, payment.Cancelled, payment.Failed}
	f.Fuzz(func(t *testing.T, name, number, amount, code string, state, columns uint8) {
		op := each(sale(), func(s *payment.Slip) {
			s.Merchant.Name, s.Text, s.Masked, s.Total, s.Amount, s.CodeBlock, s.Currency = name, name, number, amount, amount, code, code
			s.Outcome = payment.Unknown
		})
		op.State = states[int(state)%len(states)]
		for _, c := range copies {
			d, err := receipt.Render(op, c, swedish)
			if err != nil {
				t.Fatal(err)
			}
			width := min(max(int(columns), receipt.MinColumns), receipt.MaxColumns)
			for row := range strings.Lines(d.Text(int(columns))) {
				row = strings.TrimSuffix(row, "\n")
				if utf8.RuneCountInString(row) > width || strings.ContainsFunc(row, unicode.IsControl) {
					t.Fatalf("%q", row)
				}
			}
			for _, line := range d.Lines {
				if c == payment.CustomerCopy && line.Kind == receipt.Card && line.Left == "Mastercard" &&
					strings.ContainsFunc(strings.TrimSuffix(line.Right, lastRunes(line.Right, 4)), unicode.IsDigit) {
					t.Fatalf("%q of %q", line.Right, number)
				}
			}
			if err := d.HTML(&bytes.Buffer{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func lastRunes(text string, n int) string {
	runes := []rune(text)
	return string(runes[max(0, len(runes)-n):])
}
