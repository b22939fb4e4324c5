package netpay

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestAmounts(t *testing.T) {
	for given, want := range map[text]int64{"249.9": 24990, "249.90": 24990, "0.01": 1, "1.0": 100, "4500.5": 450050, "0.00": 0, "0": 0, "1.0E7": 1_000_000_000, "581.10000": 58110, " 5.5 ": 550} {
		if got, err := given.minor(); err != nil || got != want {
			t.Errorf("%q: %d, %v", given, got, err)
		}
	}
	for _, wrong := range []text{"", "null", "-1.0", "1,000.00", "0.001", "1e999999999", "1E99", "NaN", "0x10", "1.", ".5", "99999999999999999999", "1/3", "١٢"} {
		if got, err := wrong.minor(); err == nil {
			t.Errorf("%q is taken for %d", wrong, got)
		}
	}
	for minor, want := range map[int64]json.Number{30: "0.30", 1: "0.01", 24990: "249.90", 100: "1.00", 123456789: "1234567.89"} { // 15
		if got := pesos(minor); got != want {
			t.Errorf("%d: %s", minor, got)
		}
	}
}

// 62, 63 and 46: dates of several shapes; what cannot be read fails nothing.
func TestSeq62Seq63Dates(t *testing.T) {
	for given, want := range map[string]string{
		"DIC. 03, 19 10:40:46 ": "2019-12-03 10:40:46", "OCT. 08, 22 11:24:44 ": "2022-10-08 11:24:44", "JUN. 27, 25 13:49:38 ": "2025-06-27 13:49:38",
		"SEPT. 24, 26 18:40:07": "2026-09-24 18:40:07", "sep 24, 26 18:40:07": "2026-09-24 18:40:07", "SET. 24, 26 18:40:07": "2026-09-24 18:40:07",
		"ENE. 01, 26 24:00:07": "2026-01-01 00:00:07", "FEB. 29, 28 00:00:00": "2028-02-29 00:00:00",
	} {
		if got, ok := ticketTime(given); !ok || got.Format(time.DateTime) != want {
			t.Errorf("%q: %s, %t", given, got, ok)
		}
	}
	for month := range months {
		if _, ok := ticketTime(month + ". 05, 26 01:02:03 "); !ok {
			t.Errorf("%s is not read", month)
		}
	}
	for _, wrong := range []string{"", "DIC. 03, 19", "ZZZ. 03, 19 10:40:46", "FEB. 30, 26 10:40:46", "JUN. 31, 26 10:40:46", "DIC. 00, 19 10:40:46", "DIC. 03, 2019 10:40:46", "DIC. 03, 19 25:40:46"} {
		if got, ok := ticketTime(wrong); ok {
			t.Errorf("%q is taken for %s", wrong, got)
		}
	}
	for given, want := range map[string]string{"2019-12-03 10:38:25.CST": "10:38:25 -0600", "2022-10-08 11:24:47.CDT": "11:24:47 -0500", "2026-01-01 00:00:00.XYZ": "00:00:00 -0600", "2026-01-01 00:00:00": "00:00:00 -0600"} {
		if got, ok := hostTime(given); !ok || got.Format("15:04:05 -0700") != want {
			t.Errorf("%q: %s, %t", given, got, ok)
		}
	}
	if _, ok := hostTime(""); ok {
		t.Error("nothing is taken for a time")
	}
	if got, ok := orderTime("200624084826-0000012345"); !ok || got.Format(time.DateTime) != "2020-06-24 08:48:26" {
		t.Errorf("%s, %t", got, ok)
	}
	for _, wrong := range []string{"", "200624084826", "700101-0b7b6a1e-R", "209924084826-1"} {
		if _, ok := orderTime(wrong); ok {
			t.Errorf("%q is taken for an order with a time", wrong)
		}
	}
}

// 10, 11 and C-55, C-56: who signs what, and what a slip never holds.
func TestSlips(t *testing.T) {
	term := &Terminal{settings: settings{serial: "0000012345", store: "700101"}}
	for name, c := range map[string]struct {
		change    map[string]any
		cvm       payment.CVM
		signature bool
		line      string
	}{
		"PIN":                {nil, payment.CVMPin, false, "DÉBITO"},
		"11 QPS":             {map[string]any{"hasPin": false, "isQps": 1.0}, payment.CVMNone, false, "ARQC 0F1E2D3C4B5A6978"},
		"10 digital":         {map[string]any{"hasPin": false, "hexSign": "0102", "cardType": "C"}, payment.CVMSignature, false, "Firma digital capturada en la terminal"},
		"on paper":           {map[string]any{"hasPin": false}, payment.CVMSignature, true, "Lote 1"},
		"59 months":          {map[string]any{"promotion": "06"}, payment.CVMPin, false, "6 MESES SIN INTERESES"},
		"both PIN and QPS":   {map[string]any{"isQps": "1"}, payment.CVMPin, false, "RRN 092418400801"},
		"affiliation is one": {map[string]any{"bankName": "null"}, payment.CVMPin, false, "TC 89ABCDEF01234567"},
	} {
		raw, err := json.Marshal(sold(nil, c.change))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		out := term.sale(request(24990), got)
		merchant, customer := out.Slips[0], out.Slips[1]
		if merchant.CVM != c.cvm || merchant.Signature != c.signature || customer.Signature {
			t.Errorf("%s: %+v", name, merchant)
		}
		if !strings.Contains(strings.Join(merchant.More, "\n"), c.line) {
			t.Errorf("%s: lines %q", name, merchant.More)
		}
		if merchant.Merchant.Name != "TIENDA UNO" || merchant.LocalDate != "2026-11-22" || merchant.LocalTime != "12:40" || merchant.Total != "249.90" {
			t.Errorf("%s: %+v", name, merchant)
		}
		text := strings.Join([]string{merchant.Raw, strings.Join(merchant.More, " "), customer.Text}, " ")
		for _, never := range []string{"400000", "08/29", "PEREZ", "2.6.0.1", "0102"} {
			if strings.Contains(text, never) && (never != "2.6.0.1" || !strings.Contains(merchant.Raw, never)) {
				t.Errorf("%s: the slip holds %q: %s", name, never, text)
			}
		}
	}
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		names  string // the setting that is wrong; empty: none
	}{
		"as given":               {nil, ""},
		"no password":            {map[string]string{"password": ""}, "password"},
		"no serial number":       {map[string]string{"serial-number": ""}, "serial-number"},
		"odd serial number":      {map[string]string{"serial-number": "12 34"}, "serial-number"},
		"no address":             {map[string]string{"base-url": "netpay"}, "base-url"},
		"address with a user":    {map[string]string{"base-url": "https://a:b@x"}, "base-url"},
		"in the open":            {map[string]string{"base-url": "http://suite.netpay.com.mx/gateway"}, "base-url"},
		"an older sandbox":       {map[string]string{"base-url": "http://nubeqa.netpay.com.mx:3334"}, ""},
		"a practice cloud":       {map[string]string{"base-url": "http://192.168.1.20:8001"}, ""},
		"odd callback address":   {map[string]string{"callback-url": "till"}, "callback-url"},
		"odd flag":               {map[string]string{"smart-accounts": "yes"}, "smart-accounts"},
		"stores without flag":    {map[string]string{"smart-accounts": "off"}, "smart-accounts"},
		"a store twice":          {map[string]string{"stores": "1\n1"}, "stores"},
		"a store of four":        {map[string]string{"stores": "1,2,3,4"}, "stores"},
		"odd network":            {map[string]string{"allow": "192.0.2.0/99"}, "allow"},
		"networks":               {map[string]string{"allow": "192.0.2.7, 2001:db8::/32"}, ""},
		"other currency":         {map[string]string{"currency": "USD"}, "currency"},
		"Basic before the text":  {map[string]string{"auth-string": "Basic abc"}, ""},
		"default store unlisted": {map[string]string{"store-id": "700109"}, ""},
	} {
		given2 := payment.Settings{}
		for k, v := range given {
			given2[k] = v
		}
		for k, v := range c.change {
			given2[k] = v
		}
		got, err := check(given2)
		if c.names == "" {
			if err != nil || got.stores[0].ID != given2["store-id"] || strings.HasPrefix(got.auth, "Basic") {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			continue
		}
		if payment.CodeOf(err) != payment.CodeSettings || !strings.HasPrefix(payment.TextOf(err), "Setting "+c.names+":") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is kept of a body holds nothing that may not be kept, whatever became of it,
// and what finds a result again comes back from it as it was.
func TestWhatIsKept(t *testing.T) {
	whole, err := json.Marshal(sold(nil, map[string]any{"hexSign": "a1b2c3"}))
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{strings.ReplaceAll(string(whole), "cardExpDate", "CARDEXPDATE"), `{"bin": "400000", "cardExpDate":"08/29" , "customerName": "PEREZ/ANA   ", "hexSign": "a1b2c3`}
	for cut := range len(whole) {
		bodies = append(bodies, string(whole[:cut]))
	}
	for _, body := range append(bodies, string(whole)) {
		kept := record([]byte(body))
		for _, never := range []string{"400000", "08/29", "PEREZ", "a1b2c3"} {
			if strings.Contains(kept, never) {
				t.Fatalf("%q of %s is kept: %s", never, body, kept)
			}
		}
	}
	for n := range 2000 {
		sent := marked(strconv.Itoa(202611220000000000+n), opInquiry, strconv.Itoa(n))
		body, err := json.Marshal(sold(nil, map[string]any{"traceability": sent}))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode([]byte(record(body)))
		if err != nil || got.trace != (trace{sent["paydesk"].(string), opInquiry, strconv.Itoa(n), sent["paydesk_mark"].(string)}) {
			t.Fatalf("%+v, %v, from %s", got.trace, err, record(body))
		}
	}
}

func FuzzDecode(f *testing.F) {
	raw, err := json.Marshal(sold(nil, nil))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", string(raw), `{}`, `{"traceability":{}}`, `{"amount":1e400}`, `{"summary":{"sum":{}}}`, `{"isRePrint":"TRUE","hexSign`, "\xef\xbb\xbf{}", `{"a":` + strings.Repeat("[", 2000)} {
		f.Add([]byte(seed))
	}
	term := &Terminal{settings: settings{serial: "0000012345", store: "700101"}}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body)
		if err != nil {
			return
		}
		for _, kind := range []payment.Kind{payment.Sale, payment.Void} {
			r := request(24990)
			r.Kind = kind
			out := term.verdict(r, got)
			if out.Outcome == payment.Success && out.Authorised <= 0 {
				t.Errorf("approved with %d", out.Authorised)
			}
			if ok, _ := term.ours(r, got); ok && got.reference() != ref {
				t.Error("another attempt's result is ours")
			}
		}
		_ = got.key()
		if text := record(body); strings.Contains(text, `"cardExpDate":"08/29"`) {
			t.Error("an expiry date is kept")
		}
	})
}

// A reprint says of itself that it was found: no word of that stands beside a decline.
func TestWordsOfAReprint(t *testing.T) {
	for want, got := range map[string]result{
		"code 62":                 {Message: "Transaccion Valida", Code: "62"},
		"Transaccion Valida (00)": {Message: "Transaccion Valida", Code: "00"},
		"Fondos (51)":             {Message: "Fondos", Code: "51"},
		"Fondos":                  {Message: "Fondos"},
	} {
		if said := words(got); said != want {
			t.Errorf("%q, want %q", said, want)
		}
	}
}
