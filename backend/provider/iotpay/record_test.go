package iotpay

import (
	"strings"
	"testing"
)

// 41: neither expiry nor more than four digits of a card stay in the timeline, in
// whichever shape the answer comes; what is evidence does.
func TestSeq41Record(t *testing.T) {
	extra := asText(tapped(map[string]string{"expireDate": "1097", "cardNum": "4929000000001164"}))
	whole := envelope(orderOf(2, 2800, extra, nil), "a")
	flat := sealed(orderOf(2, 2800, extra, map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS"}), "a")
	v3 := `{"retCode":"SUCCESS","retData":{"cardNum":"492900******1166","expiryDate":"1097","status":2}}`
	for name, body := range map[string]string{"whole": whole, "flat": flat, "v3": v3, "cut": whole[:len(whole)-120], "half": whole[:len(whole)/2]} {
		kept := record([]byte(body))
		for _, bad := range []string{"1097", "49290000"} {
			if strings.Contains(kept, bad) {
				t.Errorf("%s keeps %s: %s", name, bad, kept)
			}
		}
		if name == "whole" && (!strings.Contains(kept, "CP20261122193314685200722249") || !strings.Contains(kept, "000 Approved") || !strings.Contains(kept, ref)) {
			t.Errorf("evidence is lost: %s", kept)
		}
	}
	body, err := form((&Terminal{settings: settings{mch: "10000701", job: "cashier1", clientIP: "192.168.1.20"}}).orderFields(request1(2800)), testKey)
	if err != nil {
		t.Fatal(err)
	}
	kept := record(body)
	if !strings.HasPrefix(kept, `{"`) || !strings.Contains(kept, ref) || strings.Contains(kept, testKey) {
		t.Errorf("request: %s", kept)
	}
	for _, odd := range []string{"", "params=", "params=%zz", "params=%7B", "<html>4929000000001164</html>", `{"extra":5}`, `{"extra":"x"`} {
		if kept := record([]byte(odd)); strings.Contains(kept, "4929000000001164") {
			t.Errorf("%q: %s", odd, kept)
		}
	}
}

func TestIDs(t *testing.T) {
	if got := text(" CP20261122193314685200722249 ").id(); got != "CP20261122193314685200722249" {
		t.Error(got)
	}
	if got := text("4929000000001164 <b>").id(); strings.Contains(got, "49290000") {
		t.Error(got)
	}
	if got := text(strings.Repeat("x", 1000)).id(); len(got) > maxText+3 {
		t.Error(len(got))
	}
}
