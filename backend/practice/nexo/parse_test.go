package nexo

import (
	"testing"
)

func FuzzParse(f *testing.F) {
	f.Add(request("1", "Login", loginBody(fullCapabilities)))
	f.Add(request("2", "Payment", paymentBody("1", "10.00", "0", "Normal")))
	f.Add(request("3", "Abort", abortBody("2")))
	f.Add(request("4", "TransactionStatus", statusBody("2")))
	f.Add(request("5", "Reversal", reversalBody("9000010042", "2026-04-12T08:15:31.204Z")))
	f.Add("\xef\xbb\xbf<?xml version='1.0'?><!-- c --><SaleToPOIRequest xmlns:a='b' a:c='d'><MessageHeader/><![CDATA[x]]></SaleToPOIRequest>")
	f.Add(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`)
	f.Fuzz(func(t *testing.T, text string) {
		root, err := parse([]byte(text))
		if err != nil {
			return
		}
		e, err := open(root, "SaleToPOIRequest")
		if err != nil {
			return
		}
		if checkHere(e) != nil {
			return
		}
		// What was accepted can be written and read again as the same.
		again, err := parse(e.root.document(true))
		if err != nil {
			t.Fatalf("written anew it cannot be read: %v\n%s", err, e.root)
		}
		if again.String() != e.root.String() {
			t.Errorf("got\n%s\nwant\n%s", again, e.root)
		}
		if amounts := e.body.at("PaymentTransaction/AmountsReq"); amounts != nil {
			if minor, err := parseAmount(amounts.get("RequestedAmount")); err == nil && minor < 0 {
				t.Errorf("negative amount %d", minor)
			}
		}
	})
}

func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"0", "38", "514.90", "60.", ".5", "1e3", "-1", "99999999.999999", "10.001", "10.1000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		minor, err := parseAmount(text)
		if err != nil {
			return
		}
		again, err := parseAmount(formatAmount(minor, "."))
		if err != nil || again != minor {
			t.Errorf("%q is %d, then %d %v", text, minor, again, err)
		}
		trimmed, err := parseAmount(trimmedAmount(minor))
		if err != nil || trimmed != minor {
			t.Errorf("%q is %d, trimmed %d %v", text, minor, trimmed, err)
		}
	})
}

func TestAmounts(t *testing.T) {
	for text, minor := range map[string]int64{"38": 3800, "514.90": 51490, "0.1": 10, "10.1000": 1010, "0": 0} {
		if got, err := parseAmount(text); err != nil || got != minor {
			t.Errorf("%q: %d %v", text, got, err)
		}
	}
	for minor, text := range map[int64]string{5600: "56", 4150: "41.5", 4105: "41.05", 0: "0", 100000: "1000"} {
		if got := trimmedAmount(minor); got != text {
			t.Errorf("%d: %q", minor, got)
		}
	}
}
