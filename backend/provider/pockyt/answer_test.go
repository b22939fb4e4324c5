package pockyt

import (
	"strings"
	"testing"
	"time"
)

// 32: amounts of all spellings that are seen, compared by their worth.
func TestSeq32Amounts(t *testing.T) {
	for s, want := range map[string]int64{"13": 1300, "13.0": 1300, "13.00": 1300, "13.000": 1300, "0.11": 11, " 10 ": 1000, "1000.00": 100000,
		"": -1, "-1": -1, "1,00": -1, "13.001": -1, "1e3": -1, "1 000": -1, "0x1": -1, ".5": -1, "5.": -1, "99999999999.00": -1, "NaN": -1} {
		got, err := text(s).minor("USD")
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
}

// 32, 33: numbers keep their digits, null is nothing, blanks end nowhere.
func TestSeq33Decode(t *testing.T) {
	o, err := decode([]byte(`{"ret_code":"000100","ret_msg":"query success ","result":{"transactionNo":297553638241892410,"amount":0.01,"originalTransactionNo":null,"status":"SUCCESS ",
		"refundInfo":{"refundTransactionId":1,"refundAmount":"0.01"},"vendor":["x"]}}`))
	if err != nil || o.Number.trimmed() != number || o.Amount.trimmed() != "0.01" || o.state() != stateSuccess || len(o.refunds) != 1 || o.refunds[0].number() != "1" || o.words() != "query success (000100) success" || o.Vendor != "" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, body := range []string{"", "null", "[]", "{}", `{"ret_code":null}`, `{"ret_code":"000100","result":{"status":`, `"x"`, "<html>"} {
		if _, err := decode([]byte(body)); err == nil {
			t.Errorf("%q is an answer", body)
		}
	}
}

// 39: Pockyt's clock is eight hours ahead of UTC, also over midnight.
func TestSeq39Times(t *testing.T) {
	for s, want := range map[string]string{"2026-11-22 18:00:00": "2026-11-22T10:00:00Z", "20261122140003": "2026-11-22T06:00:03Z", "2026-11-23 02:30:00": "2026-11-22T18:30:00Z", "soon": ""} {
		at, ok := moment(s)
		if ok != (want != "") || ok && at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %s", s, at)
		}
	}
	h := newHouse(t, nil)
	h.say = answers(map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess, m{"paymentTime": "2026-11-23 02:30:00", "vendor": "wechat", "vendorId": "42", "exchangeRate": "7.1", "rmbAmount": "92.30"})}})
	out, err := h.sell()
	if err != nil || len(out.Slips) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	local := time.Date(2026, 11, 22, 18, 30, 0, 0, time.UTC).In(time.Local)
	s := out.Slips[0]
	if s.LocalDate != local.Format(time.DateOnly) || s.LocalTime != local.Format("15:04") || s.Brand != "WeChat Pay" || s.Amount != "13.00" || s.Masked+s.AID+string(s.CVM)+s.AuthCode+s.Response != "" {
		t.Errorf("%+v", s)
	}
	for _, line := range []string{"Transaction " + number, "Reference " + ref, "Wallet's id 42", "Rate 7.1", "Paid in CNY 92.30"} {
		if !strings.Contains(strings.Join(s.More, "|"), line) {
			t.Errorf("%q is missing in %q", line, s.More)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(ok(stateSuccess)))
	f.Add([]byte(says("000022", "")))
	f.Add([]byte(listed(nil)))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := decode(body)
		_ = record(body)
		if err != nil {
			return
		}
		terminal := &Terminal{settings: settings{merchant: "200043", store: "300014", currency: "USD"}}
		out := terminal.verdict(request(), "", o)
		if out.Outcome == "approved" && (o.state() != stateSuccess || out.Authorised <= 0 || o.Reference.trimmed() != ref) {
			t.Errorf("%q is believed", body)
		}
	})
}

// A customer reads how the payment ended, not how the question about it was answered.
func TestOnASlip(t *testing.T) {
	for said, want := range map[string]string{
		`{"ret_code":"000100","ret_msg":"query success","result":{"status":"FAILED"}}`: "Pockyt says: failed",
		`{"ret_code":"000100","ret_msg":"query success","result":{}}`:                  "query success (000100)",
	} {
		o, err := decode([]byte(said))
		if got := onSlip(o); err != nil || got != want {
			t.Errorf("%s: %q, %v", said, got, err)
		}
	}
}
