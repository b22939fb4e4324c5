package receipt_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
	"pgregory.net/rapid"
)

// The tests bear the ids of the checks in receipts.md 11.

var (
	copies    = []payment.Copy{payment.MerchantCopy, payment.CustomerCopy}
	languages = []string{"en", "sv", "nb", "da", "fi"}
	every     = map[string]func() payment.Operation{
		"sale": sale, "signed": signed, "declined": declined, "cancelled": cancelled,
		"void": void, "refund": refund, "tipped": tipped,
	}
)

func text(t fataler, op payment.Operation, c payment.Copy, o receipt.Options) string {
	t.Helper()
	return render(t, op, c, o).Text(42)
}

func need(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in\n%s", part, got)
		}
	}
}

func never(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(got, part) {
			t.Errorf("%q must not be in\n%s", part, got)
		}
	}
}

func TestC01_TheCustomersCopyShowsFourDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Letters part the digits so that they stand out from all others on the slip.
		pan := rapid.StringMatching(`[1-9][0-9]{12,18}`).Draw(t, "pan")
		first := rapid.IntRange(0, 6).Draw(t, "first")
		last := rapid.IntRange(0, 6).Draw(t, "last")
		arrives := pan[:first] + strings.Repeat("*", len(pan)-first-last) + pan[len(pan)-last:]
		if rapid.Bool().Draw(t, "clear") {
			arrives = pan
		}
		op := each(sale(), func(s *payment.Slip) { s.Masked = arrives })
		d := render(t, op, payment.CustomerCopy, swedish)
		for _, line := range d.Lines {
			if line.Kind != receipt.Card || line.Left != "Mastercard" {
				continue
			}
			digits := strings.TrimLeft(line.Right, "*")
			if len(digits) > 4 || !strings.HasSuffix(arrives, digits) {
				t.Fatalf("%s became %s", arrives, line.Right)
			}
			return
		}
		t.Fatal("no line for the card")
	})
}

func TestC02_EachCopyHasItsOwnNumber(t *testing.T) {
	c, m := text(t, sale(), payment.CustomerCopy, swedish), text(t, sale(), payment.MerchantCopy, swedish)
	need(t, c, "************9659")
	never(t, c, "516815")
	need(t, m, "516815******9659")
	// Also where the merchant's number gets into the customer's slip.
	wrong := each(sale(), func(s *payment.Slip) { s.Masked, s.Label = "516815******9659", "Debit 516815******9659" })
	never(t, text(t, wrong, payment.CustomerCopy, swedish), "516815")
	clear := each(sale(), func(s *payment.Slip) { s.Masked = "5168151234569659" })
	never(t, text(t, clear, payment.MerchantCopy, swedish), "516815")
}

func TestC07_ControlCharactersAreRemoved(t *testing.T) {
	op := each(declined(), func(s *payment.Slip) {
		s.Merchant.Name, s.Text, s.CodeBlock = "Test\x1bp\x00shop\x7f", "a\x1dV\x01b\nc\u202ed\u0085e", "K\x1b/1"
	})
	got := text(t, op, payment.CustomerCopy, swedish)
	for _, r := range got {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e {
			t.Errorf("%q is in %q", r, got)
		}
	}
	need(t, got, "Testpshop", "aVb cd e", "K/1")
}

func TestC10_C11_MerchantAndNumbers(t *testing.T) {
	for _, c := range copies {
		need(t, text(t, sale(), c, swedish), "Test shop", "Hälleskåran 29", "5050 merchant-Base24-City", "10020001", "877888")
	}
}

func TestC12_LocalTime(t *testing.T) {
	got := text(t, sale(), payment.CustomerCopy, swedish)
	need(t, got, "2023-08-24", "17:06")
	never(t, got, "15:06")
	need(t, text(t, cancelled(), payment.CustomerCopy, swedish), "2023-08-24", "17:06")
}

func TestC15_TotalAndCurrencyStayTogether(t *testing.T) {
	for columns := 16; columns <= 48; columns++ {
		need(t, render(t, sale(), payment.CustomerCopy, swedish).Text(columns), "56,00 SEK")
	}
}

func TestC17_C30_WordsOfEveryLanguage(t *testing.T) {
	words := map[string][]string{ // sale, refund, void, approved, customer, merchant
		"en": {"PURCHASE", "REFUND", "VOID", "APPROVED", "CUSTOMER COPY", "MERCHANT COPY"},
		"sv": {"KÖP", "RETUR", "MAKULERING", "GODKÄNT", "KUNDENS EX.", "BUTIKENS EX."},
		"nb": {"KJØP", "TILBAKEBETALING", "MAKULERING", "GODKJENT", "KUNDENS KOPI", "BUTIKKENS KOPI"},
		"da": {"KØB", "TILBAGEBETALING", "ANNULLERING", "GODKENDT", "KUNDENS KOPI", "BUTIKKENS KOPI"},
		"fi": {"OSTO", "HYVITYS", "PERUUTUS", "HYVÄKSYTTY", "ASIAKKAAN KAPPALE", "LIIKKEEN KAPPALE"},
	}
	for lang, w := range words {
		o := receipt.Options{Language: lang}
		need(t, text(t, sale(), payment.CustomerCopy, o), w[0], w[3], w[4])
		need(t, text(t, refund(), payment.MerchantCopy, o), w[1], w[3], w[5])
		need(t, text(t, void(), payment.MerchantCopy, o), w[2], w[5])
	}
}

func TestC18_TheOutcomeStandsOnceAndLarge(t *testing.T) {
	for name, op := range every {
		for _, c := range copies {
			n := 0
			for _, line := range render(t, op(), c, swedish).Lines {
				if line.Kind == receipt.Outcome {
					n++
					if !line.Style.Has(receipt.Large | receipt.Strong) {
						t.Errorf("%s, %s: %+v", name, c, line)
					}
				}
			}
			if n != 1 {
				t.Errorf("%s, %s: %d outcomes", name, c, n)
			}
		}
	}
}

func TestC19_ApprovalCodeOnApprovalsOnly(t *testing.T) {
	need(t, text(t, sale(), payment.CustomerCopy, swedish), "611506")
	never(t, text(t, declined(), payment.CustomerCopy, swedish), "611506", "Kontrollnr")
}

func TestC21_C22_C23_C24_CardAndApplication(t *testing.T) {
	need(t, text(t, sale(), payment.MerchantCopy, swedish), "Kontaktlös", "A0000000041010", "0000008001", "TSI", "Mastercard")
	op := each(sale(), func(s *payment.Slip) {
		s.Label, s.AID, s.TVR, s.TSI, s.Response, s.Brand = "Debit Test", "a0000000031010", "", "", "", "Visa"
	})
	got := text(t, op, payment.MerchantCopy, swedish)
	need(t, got, "Visa", "Debit Test", "A0000000031010")
	never(t, got, "TVR", "TSI", "ARC")
}

func TestC26_Verification(t *testing.T) {
	all := []string{"VERIFIED BY PIN", "NO SIGNATURE REQUIRED", "VERIFIED ON DEVICE"}
	for cvm, want := range map[payment.CVM]string{
		payment.CVMPin: all[0], payment.CVMNone: all[1], payment.CVMDevice: all[2], payment.CVMSignature: "", "": "",
	} {
		op := each(sale(), func(s *payment.Slip) { s.CVM = cvm })
		got := text(t, op, payment.CustomerCopy, receipt.Options{})
		for _, line := range all {
			if strings.Contains(got, line) != (line == want) {
				t.Errorf("%q: %q in\n%s", cvm, line, got)
			}
		}
		op = each(declined(), func(s *payment.Slip) { s.CVM = cvm })
		never(t, text(t, op, payment.CustomerCopy, receipt.Options{}), all...)
	}
}

func TestC28_C29_C31_ReferenceControlLineAndNotice(t *testing.T) {
	got := text(t, sale(), payment.CustomerCopy, swedish)
	need(t, got, "8778880185", "K/1 3 00 SWE", "SPARA KVITTOT")
	never(t, text(t, sale(), payment.MerchantCopy, swedish), "SPARA KVITTOT")
	op := each(sale(), func(s *payment.Slip) { s.CodeBlock = "K 1  3 00 SWE" })
	need(t, text(t, op, payment.CustomerCopy, swedish), "K 1  3 00 SWE")
	bare := cancelled()
	need(t, text(t, bare, payment.CustomerCopy, swedish), "20230824000001001")
}

func TestC32_PolicyAboveTheSignature(t *testing.T) {
	o := receipt.Options{Policy: "Exchange only", Agreement: "I agree to pay."}
	got := text(t, signed(), payment.MerchantCopy, o)
	need(t, got, "Exchange only", "I agree to pay.")
	if strings.Index(got, "Exchange only") > strings.Index(got, "X___") {
		t.Errorf("below the signature:\n%s", got)
	}
	never(t, text(t, signed(), payment.MerchantCopy, receipt.Options{}), "Exchange")
	never(t, text(t, sale(), payment.MerchantCopy, o), "I agree")
}

func TestC33_SignatureOnTheMerchantCopyOnly(t *testing.T) {
	for name, op := range every {
		for _, c := range copies {
			got := text(t, each(op(), func(s *payment.Slip) { s.Signature = true }), c, receipt.Options{})
			want := c == payment.MerchantCopy && name != "declined" && name != "cancelled"
			if strings.Contains(got, "\n                SIGNATURE\n") != want {
				t.Errorf("%s, %s:\n%s", name, c, got)
			}
		}
	}
	never(t, text(t, sale(), payment.MerchantCopy, receipt.Options{}), "X__")
}

func TestC43_Parts(t *testing.T) {
	for _, c := range []struct {
		tip, cashback int64
		amount, total string
		want, absent  []string
		warned        bool
	}{
		{0, 0, "56,00", "56,00", []string{"56,00"}, []string{"AMOUNT", "TIP", "CASH BACK"}, false},
		{600, 0, "50,00", "56,00", []string{"AMOUNT", "50,00 SEK", "6,00 SEK"}, []string{"CASH BACK"}, false},
		{0, 600, "50.00", "56.00", []string{"CASH BACK", "6.00 SEK"}, []string{"TIP"}, false},
		{600, 1000, "", "56,00", []string{"40,00 SEK", "10,00 SEK"}, nil, false},
		{600, 1000, "", "", []string{"40.00 SEK", "56.00 SEK"}, nil, false},
		{600, 0, "56,00", "56,00", []string{"56,00 SEK", "6,00 SEK"}, nil, true},
		{0, 0, "55,00", "55,00", []string{"55,00 SEK"}, []string{"56"}, true},
		{0, 0, "", "fifty", []string{"fifty SEK"}, []string{"56"}, true},
	} {
		op := each(sale(), func(s *payment.Slip) {
			s.TipMinor, s.CashbackMinor, s.Amount, s.Total, s.Masked = c.tip, c.cashback, c.amount, c.total, ""
			s.Merchant.OrgNo = ""
		})
		op.Card.Masked = ""
		d := render(t, op, payment.CustomerCopy, receipt.Options{})
		need(t, d.Text(42), c.want...)
		never(t, d.Text(42), c.absent...)
		if (len(d.Warnings) > 0) != c.warned {
			t.Errorf("%+v: warnings %q", c, d.Warnings)
		}
	}
}

func TestC48_C49_AReprintDiffersByItsMarkOnly(t *testing.T) {
	original := render(t, sale(), payment.CustomerCopy, swedish)
	o := swedish
	o.PrintedAt = time.Date(2026, 11, 21, 13, 3, 0, 0, time.UTC)
	for n := 1; n <= 2; n++ {
		o.Reprint = n
		again := render(t, sale(), payment.CustomerCopy, o)
		last := len(again.Lines) - 1
		if mark := again.Lines[0]; mark.Kind != receipt.Mark || mark.Left != "KOPIA" || !mark.Style.Has(receipt.Large) {
			t.Errorf("mark %+v", mark)
		}
		if line := again.Lines[last]; line.Left != fmt.Sprintf("Kopia nr %d", n) || line.Right != "2026-11-21 15:03" {
			t.Errorf("reprint line %+v", line)
		}
		if body := again.Lines[2 : last-1]; !reflect.DeepEqual(body, original.Lines) {
			t.Errorf("the body changed: %+v", body)
		}
	}
	for _, line := range original.Lines {
		if (line.Kind == receipt.Amount || line.Kind == receipt.Total) && line.Style.Has(receipt.Large) {
			t.Errorf("the mark is not twice as large as %+v", line)
		}
	}
}

func TestC51_TestMark(t *testing.T) {
	for name, op := range every {
		for _, c := range copies {
			by := op()
			o := receipt.Options{Language: "sv", Test: len(by.Slips) == 0}
			d := render(t, each(by, func(s *payment.Slip) { s.Test = true }), c, o)
			if mark := d.Lines[0]; mark.Kind != receipt.Mark || !mark.Style.Has(receipt.Large) || !strings.Contains(mark.Left, "ÖVNING") {
				t.Errorf("%s, %s: %+v", name, c, mark)
			}
		}
	}
}

func TestC59_TheOrderOfSlipsDoesNotMatter(t *testing.T) {
	op := sale()
	want := text(t, op, payment.CustomerCopy, swedish)
	op.Slips[0], op.Slips[1] = op.Slips[1], op.Slips[0]
	if got := text(t, op, payment.CustomerCopy, swedish); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestC60_ABrokenPayloadGivesASlipAndAWarning(t *testing.T) {
	op := sale()
	op.Slips = []payment.Slip{{Copy: payment.CustomerCopy, Kind: payment.Sale, Outcome: payment.Success, Flawed: "not Base64"}}
	d := render(t, op, payment.CustomerCopy, swedish)
	need(t, d.Text(42), "GODKÄNT", "56,00 SEK", "************9659", "8778880185", "611506")
	if len(d.Warnings) != 1 || d.Synthetic {
		t.Errorf("warnings %q, synthetic %v", d.Warnings, d.Synthetic)
	}
}

func TestC74_SameInputSameOutput(t *testing.T) {
	for _, op := range every {
		if a, b := text(t, op(), payment.MerchantCopy, swedish), text(t, op(), payment.MerchantCopy, swedish); a != b {
			t.Errorf("%s\n%s", a, b)
		}
	}
}

func TestLanguages(t *testing.T) {
	for asked, want := range map[string]string{"": "en", "sv-SE": "sv", "no": "nb", "nn_NO": "nb", "EN": "en"} {
		if d := render(t, sale(), payment.CustomerCopy, receipt.Options{Language: asked}); d.Lang != want {
			t.Errorf("%q gives %q", asked, d.Lang)
		}
	}
	for spoken, want := range map[string]string{"sv": "sv", "no": "nb", "de": "en", "": "en"} {
		op := sale()
		op.Language = spoken
		if d, err := receipt.Render(op, payment.CustomerCopy, receipt.Options{}); err != nil || d.Lang != want {
			t.Errorf("an operation in %q: slip in %q, %v", spoken, d.Lang, err)
		}
	}
	// The cardholder's language stands on the customer's copy alone.
	both := sale()
	both.Language, both.Slips[1].Language = "sv", "fr"
	both.Slips[1].More = []string{"DÉFAUT FLASH", " ", "TS: 20210120194020"}
	for copy, want := range map[payment.Copy]string{payment.MerchantCopy: "sv", payment.CustomerCopy: "fr"} {
		d := render(t, both, copy, receipt.Options{})
		said := d.Text(32)
		if d.Lang != want || strings.Contains(said, "DÉFAUT FLASH") != (copy == payment.CustomerCopy) || strings.Contains(said, "TS: 20210120194020") != (copy == payment.CustomerCopy) {
			t.Errorf("%s copy in %s: %s", copy, d.Lang, said)
		}
	}
	if _, err := receipt.Render(sale(), payment.CustomerCopy, receipt.Options{Language: "xx"}); !errors.Is(err, receipt.ErrLanguage) {
		t.Errorf("xx: %v", err)
	}
	if _, err := receipt.Render(sale(), "both", receipt.Options{}); !errors.Is(err, receipt.ErrNoSlip) {
		t.Errorf("both copies: %v", err)
	}
}
