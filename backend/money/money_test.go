package money_test

import (
	"errors"
	"testing"

	"github.com/paydesk-till/paydesk/backend/money"
	"golang.org/x/text/language"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text, code string
		want       int64
		err        error
	}{
		{"12.50", "SEK", 1250, nil},
		{"12,50", "SEK", 1250, nil},
		{" 1 234,5 ", "SEK", 123450, nil},
		{"1\u00a0234,50", "SEK", 123450, nil},
		{"56", "SEK", 5600, nil},
		{"0.00", "SEK", 0, nil},
		{"0", "SEK", 0, nil},
		{"56.0000", "SEK", 5600, nil},
		{"125", "JPY", 125, nil},
		{"125.5", "JPY", 0, money.ErrDecimals},
		{"1.234", "KWD", 1234, nil},
		{"1,234", "SEK", 0, money.ErrDecimals},
		{"1,000", "SEK", 0, money.ErrDecimals},
		{"12.505", "SEK", 0, money.ErrDecimals},
		{"", "SEK", 0, money.ErrEmpty},
		{"   ", "SEK", 0, money.ErrEmpty},
		{"-1", "SEK", 0, money.ErrNegative},
		{"1e3", "SEK", 0, money.ErrFormat},
		{"12.", "SEK", 0, money.ErrFormat},
		{".5", "SEK", 0, money.ErrFormat},
		{"1,234.50", "SEK", 0, money.ErrFormat},
		{"abc", "SEK", 0, money.ErrFormat},
		{"99999999.99", "SEK", money.Limit, nil},
		{"100000000", "SEK", 0, money.ErrLimit},
		{"99999999999999999999", "SEK", 0, money.ErrLimit},
		{"1", "XXY", 0, money.ErrCurrency},
		{"1", "sek", 0, money.ErrCurrency},
	} {
		got, err := money.Parse(c.text, c.code)
		if !errors.Is(err, c.err) || got.Minor != c.want {
			t.Errorf("Parse(%q, %s) = %d, %v; want %d, %v", c.text, c.code, got.Minor, err, c.want, c.err)
		}
	}
}

func TestDecimalAndTextAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := money.Amount{Minor: rapid.Int64Range(0, money.Limit).Draw(t, "minor"), Currency: rapid.SampledFrom([]string{"SEK", "EUR", "JPY", "KWD"}).Draw(t, "currency")}
		if back, err := money.Parse(a.Decimal(), a.Currency); err != nil || back != a {
			t.Fatalf("Parse(%q) = %v, %v; want %v", a.Decimal(), back, err, a)
		}
		if back, err := money.Parse(a.Number(language.Swedish), a.Currency); err != nil || back != a {
			t.Fatalf("Parse(%q) = %v, %v; want %v", a.Number(language.Swedish), back, err, a)
		}
	})
}

func TestText(t *testing.T) {
	a := money.Amount{Minor: 123450, Currency: "SEK"}
	if got := a.Number(language.English); got != "1,234.50" {
		t.Error(got)
	}
	if got := a.Number(language.Swedish); got != "1 234,50" {
		t.Error(got)
	}
	if got := (money.Amount{Minor: -5, Currency: "SEK"}).Decimal(); got != "-0.05" {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("12.50")
	f.Add("1\u20092 34,5")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := money.Parse(text, "SEK"); err == nil && (a.Minor < 0 || a.Minor > money.Limit) {
			t.Fatalf("%q gave %d", text, a.Minor)
		}
	})
}
