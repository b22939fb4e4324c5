package pinpad

import (
	"slices"
	"strings"
	"testing"
)

// modules writes a drawn code as ones (bars) and zeros, without the quiet zones.
func modules(values []int) string {
	var b strings.Builder
	for _, v := range values {
		for i, width := range symbols128[v] {
			b.WriteString(strings.Repeat(string("10"[i%2]), int(width-'0')))
		}
	}
	return b.String()
}

// The expected bars were made by another encoder of Code 128.
func TestBarcode(t *testing.T) {
	for text, want := range map[string]string{
		"286498530672949108": "11010011100111001101001010000110011110100010110111011101001100100010011000010100010111101111011011010001100100110010010001100011101011",
		"1234567890123456":   "110100111001011001110010001011000111000101101100001010011011110110101100111001000101100011100010110110010111001100011101011",
	} {
		if got := modules(values128(text)); got != want {
			t.Errorf("%s:\n%s, want\n%s", text, got, want)
		}
		code := drawBarcode(text)
		if code.Width != len(modules(values128(text)))+2*quiet || strings.Count(code.Bars, "M") != 3*(len(values128(text))-1)+4 {
			t.Errorf("%s is drawn as %+v", text, code)
		}
	}
	if got := values128("123"); !slices.Equal(got, []int{105, 12, 100, 19, (105 + 12 + 200 + 57) % 103, 106}) {
		t.Errorf("an odd number of digits: %v", got)
	}
	for _, text := range []string{"", "12a4", " 12", strings.Repeat("1", maxCode+1)} {
		if code := drawBarcode(text); code.Bars != "" {
			t.Errorf("%q is drawn", text)
		}
	}
}

// Every symbol is eleven modules wide, and no two are alike.
func TestSymbols(t *testing.T) {
	if len(symbols128) != 107 {
		t.Fatalf("%d symbols", len(symbols128))
	}
	seen := map[string]bool{}
	for i, s := range symbols128 {
		width := 0
		for _, w := range s {
			width += int(w - '0')
		}
		if want := map[bool]int{false: 11, true: 13}[i == code128Stop]; width != want || seen[s] {
			t.Errorf("symbol %d, %s, is %d wide or there twice", i, s, width)
		}
		seen[s] = true
	}
}

// called is a phone that is asked to confirm, with a code and a QR in sight.
func called() View {
	v := rich()
	v.Name, v.Model, v.Slot, v.Field, v.Slip, v.Cards = "Customer's phone", "Wallets", "", "", nil, nil
	v.Screen = Screen{State: "confirm", Icon: "pin", Lines: []string{"Pay Practice Corner Shop?"}, Amount: "12.56 USD", PIN: -1}
	v.Phone = &Phone{Online: true, Apps: []App{{"alipay", "Alipay", true}, {"wechatpay", "WeChat Pay", false}, {"unionpay", "UnionPay", false}, {"cashapppay", "Cash App Pay", false}},
		Code: "286498530672949108", Offers: []Offer{{"1", "Scan 12.56 USD"}}, Asks: true}
	return v
}

func TestPhonePage(t *testing.T) {
	html, err := render("page", page{live: draw(0, called())})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, string(html), `id="handset"`, `aria-label="Bar code of the digits below"`, `<span>2864</span>`, `value="green"`, `value="red"`, `value="no-money"`, `value="wechatpay"`, "Scan 12.56 USD", "Pay Practice Corner Shop?")
	for _, part := range []string{`id="slot"`, `id="wallet"`, `id="reader"`, `value="insert"`, `value="reboot"`} {
		if strings.Contains(string(html), part) {
			t.Errorf("a phone has %s", part)
		}
	}
	live, err := render("live", draw(0, called()))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, string(live), `id="handset"`, `id="ledger"`)
	v := called()
	v.Phone.Asks, v.Phone.Online = false, false
	if live, err = render("live", draw(0, v)); err != nil {
		t.Fatal(err)
	}
	wants(t, string(live), "No connection", "New code")
}
