package pinpad

import (
	"fmt"
	"reflect"
	"testing"
)

func TestTotals(t *testing.T) {
	ledger := []Booking{
		{Amount: "-125.00 SEK", Charged: true},
		{Amount: "-1 000.50 SEK", Charged: true},
		{Amount: "25.25 SEK", Charged: true},
		{Amount: "-99.00 SEK"},
		{Amount: "-700 JPY", Charged: true},
		{Amount: "\u22120.05 EUR", Charged: true},
		{Amount: "about 5 SEK", Charged: true},
	}
	want := []total{{"-1100.25 SEK", 3, 0}, {"-700 JPY", 1, 0}, {"-0.05 EUR", 1, 0}, {"not readable", 0, 1}}
	if got := totals(ledger); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, bad := range []string{"", "SEK", "1,25 SEK", "1.2.3 SEK", "--1 SEK", ".5 SEK", "1 Kronor", "1234567890123456 SEK", "- SEK"} {
		if minor, _, _, ok := parse(bad); ok {
			t.Errorf("parse(%q) gave %d", bad, minor)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"-125.00 SEK", "1 000 JPY", "+0.001 KWD", "x", "\u22125.00 EUR"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		minor, decimals, currency, ok := parse(s)
		if !ok {
			return
		}
		again, d, c, ok := parse(format(minor, decimals, currency))
		if !ok || again != minor || d != decimals || c != currency {
			t.Errorf("%q: %d %d %q became %d %d %q (%v)", s, minor, decimals, currency, again, d, c, ok)
		}
	})
}

func TestSwitches(t *testing.T) {
	groups, trials := sortSwitches([]Switch{
		{Name: "payment.request", Value: "ok", Choices: []string{"ok", "lose", "delay"}},
		{Name: "display", Label: "The next display text", Value: "always:lose", Choices: []string{"ok", "lose", "delay"}},
		{Name: "network", Value: "unplugged", Choices: []string{"plugged", "unplugged"}},
		{Name: "payment.answer", Value: "ok", Choices: []string{"ok", "lose"}},
		{Name: "odd"},
	})
	got := ""
	for _, g := range groups {
		got += g.Title + ":"
		for _, s := range g.Switches {
			got += fmt.Sprintf(" %s(trouble %v, two %v, big %v, flip %q, other %q)", s.Name, s.Trouble, s.Two, s.Big, s.Flip, s.Other)
		}
		got += "\n"
	}
	want := `Payment: payment.request(trouble false, two false, big false, flip "", other "") payment.answer(trouble false, two true, big false, flip "lose", other "")
Other messages: display(trouble true, two false, big false, flip "", other "always:lose")
The terminal itself: network(trouble true, two true, big true, flip "plugged", other "") odd(trouble false, two false, big false, flip "", other "")
`
	if got != want || trials != 2 {
		t.Errorf("%d in trouble, got\n%s", trials, got)
	}
}

func TestDraw(t *testing.T) {
	v := rich()
	v.Slot, v.Field = "chip-pin", "phone"
	v.Screen.PIN = 6
	for range MaxLog + 5 {
		v.Log = append(v.Log, Line{"15:00:00", "later"})
	}
	v.Log[len(v.Log)-1].Text = "last"
	l := draw(3, v)
	if l.Path != "/3/" || l.Wallet[0].Place != "slot" || l.Wallet[2].Place != "field" || l.Wallet[1].Place != "" {
		t.Errorf("path %q, places %q %q %q", l.Path, l.Wallet[0].Place, l.Wallet[1].Place, l.Wallet[2].Place)
	}
	if len(l.Dots) != 6 || len(l.Newest) != MaxLog || l.Newest[0].Text != "last" {
		t.Errorf("%d dots, %d lines, the first %q", len(l.Dots), len(l.Newest), l.Newest[0].Text)
	}
	v.Screen.PIN = -1
	if l := draw(0, v); l.Dots != nil {
		t.Errorf("dots without a PIN: %v", l.Dots)
	}
}

func BenchmarkLive(b *testing.B) {
	v := rich()
	for range MaxLog {
		v.Log = append(v.Log, Line{"15:00:00", "terminal -> till: display \"Present card\""})
	}
	for b.Loop() {
		if _, err := render("live", draw(0, v)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{"wrong-pin": "Wrong PIN", "always:lose": "Always: lose", "": "", "NotFound": "NotFound", "årlig_fee": "Årlig fee"} {
		if got := title(in); got != want {
			t.Errorf("title(%q) = %q, want %q", in, got, want)
		}
	}
}
