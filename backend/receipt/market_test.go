package receipt_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

// canadian is a sale at a store in Canada.
func canadian(language, also string) payment.Operation {
	return each(sale(), func(s *payment.Slip) {
		s.Titled, s.Language, s.Also = true, language, also
		s.Brand, s.Label, s.CVM, s.CodeBlock, s.Response = "INTERAC", "Interac", payment.CVMPin, "", ""
		s.LocalDate, s.LocalTime, s.Currency, s.Amount, s.Total = "2021/09/22", "15:23:14", "CAD", "56.00", "56.00"
		s.More = []string{"CHEQUING"}
		s.Signature = s.Copy == payment.MerchantCopy
	})
}

// C-52: a slip of Canada begins with its name, in its language; others do not.
func TestC52_Header(t *testing.T) {
	for language, want := range map[string]string{"en": "TRANSACTION RECORD", "fr": "RELEVÉ DE TRANSACTION"} {
		d := render(t, canadian(language, ""), payment.CustomerCopy, receipt.Options{Location: stockholm})
		if first := d.Lines[0]; first.Kind != receipt.Header || first.Left != want || !strings.Contains(d.Text(32), "CHEQUING") {
			t.Errorf("%s: %+v", language, first)
		}
	}
	for _, line := range render(t, sale(), payment.CustomerCopy, swedish).Lines {
		if line.Kind == receipt.Header {
			t.Errorf("a Swedish slip is headed %q", line.Left)
		}
	}
}

// C-53: in Quebec every word of the slip stands in French and in English, with its
// accents; what both languages write alike stands there once.
func TestC53_BothLanguages(t *testing.T) {
	both := canadian("fr", "en")
	for _, c := range []payment.Copy{payment.MerchantCopy, payment.CustomerCopy} {
		got := render(t, both, c, receipt.Options{Location: stockholm}).Text(48)
		for language, alone := range map[string]payment.Operation{"fr": canadian("fr", ""), "en": canadian("en", "")} {
			for word := range strings.FieldsSeq(render(t, alone, c, receipt.Options{Location: stockholm}).Text(48)) {
				if !strings.Contains(got, word) {
					t.Errorf("%s copy: %q of %s is missing in\n%s", c, word, language, got)
				}
			}
		}
		for _, want := range []string{"ACHAT / PURCHASE", "NIP VÉRIFIÉ / VERIFIED BY PIN", "RELEVÉ DE TRANSACTION / TRANSACTION RECORD"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s copy: no %q in\n%s", c, want, got)
			}
		}
		if strings.Contains(got, "TOTAL / TOTAL") {
			t.Errorf("a word stands twice in\n%s", got)
		}
	}
	for name, op := range map[string]payment.Operation{"one that nobody has words for": canadian("fr", "tlh"), "none": canadian("fr", "")} {
		if got := render(t, op, payment.CustomerCopy, receipt.Options{}).Text(48); strings.Contains(got, " / ") || !strings.Contains(got, "ACHAT") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// wallet is a sale at a wallet.
func wallet(scan string) payment.Operation {
	return each(sale(), func(s *payment.Slip) {
		s.Brand, s.Label, s.Masked, s.Entry, s.AID, s.TVR, s.TSI, s.AuthCode, s.CodeBlock, s.Response = "Alipay", "", "", payment.EntryMobile, "", "", "", "", "", ""
		s.More, s.Scan = []string{"Transaction " + scan}, scan
	})
}

// path finds the code's picture in the HTML.
var (
	path = regexp.MustCompile(`<svg class="receipt-code" viewBox="0 0 (\d+) \d+" role="img" aria-label="QR ([^"]*)"><path d="([^"]*)">`)
	run  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)
)

// C-57: the number of a wallet's transaction stands on the slip as text, and as a
// code that says the same; it has its white border.
func TestC57_TransactionToScan(t *testing.T) {
	const number = "297553638241892410"
	for _, c := range []payment.Copy{payment.MerchantCopy, payment.CustomerCopy} {
		d := render(t, wallet(number), c, receipt.Options{})
		var html strings.Builder
		if err := d.HTML(&html); err != nil {
			t.Fatal(err)
		}
		found := path.FindStringSubmatch(html.String())
		if found == nil || found[2] != number || !strings.Contains(d.Text(42), number) {
			t.Fatalf("%s copy: %v in\n%s", c, found, html.String())
		}
		want, err := qr.Encode(number, qr.M, qr.Auto)
		if err != nil {
			t.Fatal(err)
		}
		size := want.Bounds().Dx()
		if found[1] != fmt.Sprint(size+8) {
			t.Errorf("%s modules for %d", found[1], size)
		}
		dark := map[[2]int]bool{}
		for _, r := range run.FindAllStringSubmatch(found[3], -1) {
			var x, y, n int
			if _, err := fmt.Sscan(r[1], &x); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Sscan(r[2], &y); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Sscan(r[3], &n); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				dark[[2]int{x + i, y}] = true
			}
		}
		for y := range size + 8 {
			for x := range size + 8 {
				is := false
				if mx, my := x-4, y-4; mx >= 0 && my >= 0 && mx < size && my < size {
					r, _, _, _ := want.At(mx, my).RGBA()
					is = r == 0
				}
				if dark[[2]int{x, y}] != is {
					t.Fatalf("module %d, %d is wrong", x, y)
				}
			}
		}
	}
}

// What was not paid has no code, nor has what a scanner might act upon.
func TestNoCodeToScan(t *testing.T) {
	declined := each(declined(), func(s *payment.Slip) { s.Scan = "297553638241892410" })
	for name, op := range map[string]payment.Operation{"not paid": declined, "an address": wallet("https://example.com/x"),
		"too long": wallet(strings.Repeat("1", 65)), "none": wallet("")} {
		for _, line := range render(t, op, payment.CustomerCopy, receipt.Options{}).Lines {
			if line.Kind == receipt.Code {
				t.Errorf("%s: %q is drawn", name, line.Left)
			}
		}
	}
}
