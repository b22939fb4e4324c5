package iotpay

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

var shop = settings{mch: "10000701", key: testKey, reading: readingAuto, language: english, asks: true}

// result reads an approved order with this extra.
func result(t *testing.T, s settings, extra map[string]string, change map[string]any) payment.Result {
	t.Helper()
	got, err := read([]byte(envelope(orderOf(2, 2800, extra, change), "a")), s.key, s.reading)
	if err != nil {
		t.Fatal(err)
	}
	out := s.verdict(request1(2800), got)
	if out.Outcome != payment.Success || len(out.Slips) != 2 {
		t.Fatalf("%+v", out)
	}
	return out
}

// 1: the slip of the documented tap: TS line, cryptogram, sequence, batch, order.
func TestSeq01Slip(t *testing.T) {
	out := result(t, shop, tapped(nil), nil)
	for _, s := range out.Slips {
		if s.LocalDate != "2021/01/20" || s.LocalTime != "16:40:33" || !s.Titled || s.AID != "A0000000041010" || s.TVR != "0000008000" || s.TSI != "0000" || s.Masked != "************1166" ||
			s.AuthCode != "01046Z" || s.Receipt != "724172" || s.Total != "28.00" || s.Merchant.TID != "40880013" || s.Till != ref || s.Signature {
			t.Errorf("%+v", s)
		}
		want := []string{"ARQC: 3D36ACBD44BE512B", "SEQ 000001000061", "BATCH 0008", "TS: 20210120194020", "ORDER CP20261122193314685200722249", "000 Approved 00 Thank You"}
		if !slices.Equal(s.More, want) {
			t.Errorf("lines %q", s.More)
		}
	}
}

// 3 and 4, and receipts.md 1.5: who signs, and that the cashier is asked. Only the
// merchant's copy has a line.
func TestSeq03Seq04CVM(t *testing.T) {
	for name, c := range map[string]struct {
		change    map[string]string
		cvm       payment.CVM
		signature bool
	}{
		"chip and PIN":     {map[string]string{"cvmResults": "420300", "trxMethod": "C"}, payment.CVMPin, false},
		"offline PIN":      {map[string]string{"cvmResults": "440302", "trxMethod": "C"}, payment.CVMPin, false},
		"PIN failed":       {map[string]string{"cvmResults": "410301", "trxMethod": "C"}, "", false},
		"swipe, signature": {map[string]string{"cvmResults": "1E0300", "trxMethod": "S"}, payment.CVMSignature, true},
		"PIN, signature":   {map[string]string{"cvmResults": "430302", "trxMethod": "C"}, payment.CVMPin, true},
		"none":             {map[string]string{"cvmResults": "1F0302"}, payment.CVMNone, false},
		"swiped credit":    {map[string]string{"cvmResults": "", "trxMethod": "S"}, "", true},
		"not performed":    {map[string]string{"cvmResults": "3F0000", "trxMethod": "S"}, "", true},
		"swiped debit":     {map[string]string{"cvmResults": "3F0000", "trxMethod": "S", "cardType": "D"}, "", false},
		"UnionPay":         {map[string]string{"cvmResults": "420300", "trxMethod": "C", "emvAID": "A000000333010102"}, payment.CVMPin, true},
		"no sense":         {map[string]string{"cvmResults": "zz"}, "", false},
	} {
		out := result(t, shop, tapped(c.change), nil)
		silent := shop
		silent.asks = false
		if asked := result(t, silent, tapped(c.change), nil); out.Signature != c.signature || asked.Signature || asked.Slips[0].Signature != c.signature {
			t.Errorf("%s: asked %t, with signature=print %t", name, out.Signature, asked.Signature)
		}
		if out.Card.CVM != c.cvm || out.Slips[0].Signature != c.signature || out.Slips[1].Signature || out.Slips[0].Copy != payment.MerchantCopy {
			t.Errorf("%s: %q, %t", name, out.Card.CVM, out.Slips[0].Signature)
		}
	}
}

// 5, 6 and 7: Interac's account, and the language of each copy.
func TestSeq05Seq06Seq07Words(t *testing.T) {
	francais, quebec := shop, shop
	francais.language, quebec.bilingual = french, true
	for name, c := range map[string]struct {
		shop               settings
		change             map[string]string
		merchant, customer string // languages
		first, then        string // account lines of merchant and customer
	}{
		"5 chequing":      {shop, map[string]string{"cardType": "D", "trxMethod": "C", "accountType": "C"}, "en", "en", "CHEQUING", "CHEQUING"},
		"5 savings":       {shop, map[string]string{"cardType": "D", "trxMethod": "C", "accountType": "S"}, "en", "en", "SAVINGS", "SAVINGS"},
		"5 credit":        {shop, nil, "en", "en", "", ""},
		"6 tap":           {shop, map[string]string{"cardType": "D", "accountType": "C"}, "en", "en", "FLASH DEFAULT", "FLASH DEFAULT"},
		"7 French":        {shop, map[string]string{"cardType": "D", "langCode": "F"}, "en", "fr", "FLASH DEFAULT", "DÉFAUT FLASH"},
		"7 French store":  {francais, map[string]string{"cardType": "D"}, "fr", "en", "DÉFAUT FLASH", "FLASH DEFAULT"},
		"unknown letter":  {francais, map[string]string{"cardType": "D", "langCode": "X"}, "fr", "fr", "DÉFAUT FLASH", "DÉFAUT FLASH"},
		"Quebec":          {quebec, map[string]string{"cardType": "D", "langCode": "E", "trxMethod": "C", "accountType": "S"}, "fr", "fr", "ÉPARGNE / SAVINGS", "ÉPARGNE / SAVINGS"},
		"Quebec, French":  {quebec, map[string]string{"cardType": "D", "langCode": "F"}, "fr", "fr", "DÉFAUT FLASH / FLASH DEFAULT", "DÉFAUT FLASH"},
		"Quebec, unknown": {quebec, map[string]string{"cardType": "D", "langCode": ""}, "fr", "fr", "DÉFAUT FLASH / FLASH DEFAULT", "DÉFAUT FLASH / FLASH DEFAULT"},
		"debit, no words": {shop, map[string]string{"cardType": "D", "trxMethod": "C"}, "en", "en", "", ""},
	} {
		out := result(t, c.shop, tapped(c.change), nil)
		for i, want := range []struct{ language, account string }{{c.merchant, c.first}, {c.customer, c.then}} {
			s := out.Slips[i]
			known := []string{"CHEQUING", "SAVINGS", "FLASH DEFAULT", "CHÈQUES", "ÉPARGNE", "DÉFAUT FLASH"}
			first, also, both := strings.Cut(s.More[0], " / ")
			if s.Language != want.language || (want.account == "") != !slices.Contains(known, first) || want.account != "" && s.More[0] != want.account {
				t.Errorf("%s: %s %q", name, s.Language, s.More)
			}
			if both != (s.Also == "en") || both && !slices.Contains(known, also) {
				t.Errorf("%s: also %q, %q", name, s.Also, s.More)
			}
		}
		if strings.HasPrefix(name, "6") && out.Card.Brand != "INTERAC" {
			t.Errorf("%s: %s", name, out.Card.Brand)
		}
	}
}

// 8 and 9: additions, and a surcharge where none is allowed.
func TestSeq08Seq09Sums(t *testing.T) {
	for name, c := range map[string]struct {
		extra                           map[string]string
		order                           map[string]any
		total, tip, cashback, surcharge int64
	}{
		"none":             {nil, nil, 2800, 0, 0, 0},
		"tip on top":       {nil, map[string]any{"tip": 429}, 3229, 429, 0, 0},
		"tip inside":       {nil, map[string]any{"amount": 3229, "tip": 429}, 3229, 429, 0, 0},
		"told to be whole": {nil, map[string]any{"tip": 429, "trxAmount": 2800}, 2800, 429, 0, 0},
		"told to be more":  {nil, map[string]any{"tip": "429", "trxAmount": "3229"}, 3229, 429, 0, 0},
		"tip inside, told": {map[string]string{"cashbackAmount": "2000"}, map[string]any{"amount": 3229, "tip": 429, "trxAmount": 5229}, 5229, 429, 2000, 0},
		"cash back":        {map[string]string{"cashbackAmount": "00000002000"}, nil, 4800, 0, 2000, 0},
		"surcharge":        {map[string]string{"surchargeAmount": "0.67"}, nil, 2867, 0, 0, 67},
		"all":              {map[string]string{"cashbackAmount": "2000", "surchargeAmount": "00000000067"}, map[string]any{"tip": 429}, 5296, 429, 2000, 67},
		"unreadable":       {map[string]string{"cashbackAmount": "x", "surchargeAmount": "-1"}, map[string]any{"tip": "1e3", "trxAmount": "?"}, 2800, 0, 0, 0},
	} {
		out := result(t, shop, tapped(c.extra), c.order)
		if out.Authorised != c.total || out.Tip != c.tip || out.Cashback != c.cashback || len(out.Alarms) > 0 {
			t.Errorf("%s: %d, tip %d, cash %d, %v", name, out.Authorised, out.Tip, out.Cashback, out.Alarms)
		}
		if s := out.Slips[1]; s.Total != decimal(c.total) || s.Amount != decimal(c.total-c.tip-c.cashback-c.surcharge) || slices.Contains(s.More, "SURCHARGE "+decimal(c.surcharge)) != (c.surcharge > 0) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for name, c := range map[string]struct {
		order map[string]any
		want  string
	}{
		"less was taken":           {map[string]any{"trxAmount": 1500}, "28.00 CAD, which is taken for what was charged, and 15.00 CAD"},
		"more, without a tip":      {map[string]any{"trxAmount": 3000}, "30.00 CAD"},
		"neither with nor without": {map[string]any{"tip": 429, "trxAmount": 5000}, "32.29 CAD, which is taken for what was charged, and 50.00 CAD"},
		"of a part another part":   {map[string]any{"amount": 1500, "trxAmount": "1400"}, "15.00 CAD, which is taken for what was charged, and 14.00 CAD"},
	} {
		if out := result(t, shop, tapped(nil), c.order); len(out.Alarms) != 1 || out.Alarms[0].Code != payment.AlarmAmount || !strings.Contains(out.Alarms[0].Text, c.want) {
			t.Errorf("%s: %+v", name, out.Alarms)
		}
	}
	out := result(t, shop, tapped(map[string]string{"surchargeAmount": "00000000067", "cardType": "D"}), nil)
	if len(out.Alarms) != 1 || out.Alarms[0].Code != payment.AlarmSurcharge {
		t.Errorf("9: %+v", out.Alarms)
	}
}

func TestPaddedAmounts(t *testing.T) {
	for given, want := range map[text]int64{"00000000429": 429, "4.29": 429, "429": 429, "": 0, "  ": 0, "00000000000": 0, "0.05": 5} {
		if got, err := given.padded(currency); err != nil || got != want {
			t.Errorf("%q: %d, %v", given, got, err)
		}
	}
	for _, wrong := range []text{"4.299", "-1", "-4.29", "x", "1e2", "99999999999999999999", "1.2.3", "99999999999.99"} {
		if got, err := wrong.padded(currency); err == nil {
			t.Errorf("%q is taken for %d", wrong, got)
		}
	}
}

// 11: fields made of blanks are empty; and what is no card number shows nothing.
func TestSeq11Blanks(t *testing.T) {
	got, err := read([]byte(envelope(orderOf(9, 2800, failing(nil), nil), "a")), testKey, readingAuto)
	if err != nil {
		t.Fatal(err)
	}
	out := shop.verdict(request1(2800), got)
	if out.Card != (payment.Card{}) || out.Slips[0].LocalDate != out.Slips[0].At.In(time.Local).Format("2006/01/02") || out.Slips[0].Brand != "" {
		t.Errorf("%+v", out)
	}
	for given, want := range map[text]string{"XXXXXXXXXXXX1166": "************1166", "432567******2266": "************2266", "": "", "1": "", "XXXXXXXXXXXX": "", "4325670000002266": "************2266"} {
		if got := (card{Number: given}).masked(); got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
	for _, letter := range []text{"V", "M", "D", "A", "O", "I"} {
		if name := (card{Type: letter}).brand(); len(name) < 4 {
			t.Errorf("%s is %q", letter, name)
		}
	}
	if name := (card{Type: "J"}).brand(); name != "J" {
		t.Errorf("an unknown letter is %q", name)
	}
}

// Dates that cannot be read leave the till's own.
func TestTimes(t *testing.T) {
	for _, c := range []card{{}, {Date: "13402021", Time: "164033"}, {Date: "01202021"}, {Date: "01202021", Time: "996033"}, {Date: "20210120", Time: "164033"}} {
		if at, ok := c.local(); ok {
			t.Errorf("%q %q is taken for %s", c.Date, c.Time, at)
		}
	}
	for given, want := range map[text]string{"20210120-19402057": "20210120194020", "20210922-152314": "20210922152314", "": "", "00000000-00000000": "00000000000000", "2021012x-19402057": "", "2021": ""} {
		if got := (card{Stamp: given}).hostStamp(); got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
}
