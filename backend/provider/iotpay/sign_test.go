package iotpay

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// vector is a signature that was computed with a made-up key.
type vector struct {
	ID             string                     `json:"id"`
	Inputs         map[string]json.RawMessage `json:"inputs"`
	Key            string                     `json:"key"`
	Exclude        []string                   `json:"exclude"`
	PayOrder       string                     `json:"payOrder_text"`
	Canonical      string                     `json:"canonical_string"`
	CanonicalASCII string                     `json:"canonical_ascii"`
	Expected       string                     `json:"expected"`
	ExpectedASCII  string                     `json:"expected_ascii"`
	JSON           string                     `json:"json_text"`
	Form           string                     `json:"form_body"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// 31: io-20 to io-28, and the bodies of io-21 and io-22 byte for byte.
func TestSeq31Vectors(t *testing.T) {
	seen := 0
	for _, v := range vectors(t) {
		seen++
		t.Run(v.ID, func(t *testing.T) {
			if v.ExpectedASCII != "" {
				v.Expected, v.Canonical = v.ExpectedASCII, v.CanonicalASCII
			}
			var nested func([]byte) string
			if v.PayOrder != "" {
				nested = func([]byte) string { return v.PayOrder }
			}
			fields := plainFields(v.Inputs, nested)
			if got := canonical(fields) + "&key=" + v.Key; got != v.Canonical {
				t.Errorf("canonical:\n%s\nwant\n%s", got, v.Canonical)
			}
			if got := sign(fields, v.Key); got != v.Expected {
				t.Errorf("signature %s, want %s", got, v.Expected)
			}
			if v.Form == "" {
				return
			}
			ordered := inOrder(t, v.JSON)
			raw, err := signed(ordered, v.Key)
			if err != nil || string(raw) != v.JSON {
				t.Errorf("%v\n%s\nwant\n%s", err, raw, v.JSON)
			}
			if body, err := form(ordered, v.Key); err != nil || string(body) != v.Form {
				t.Errorf("%v\n%s\nwant\n%s", err, body, v.Form)
			}
		})
	}
	if seen != 9 {
		t.Errorf("%d vectors", seen)
	}
}

// inOrder reads the fields of a request's JSON in their order, without the signature.
func inOrder(t *testing.T, raw string) (list []field) {
	t.Helper()
	tokens := json.NewDecoder(strings.NewReader(raw))
	var parts []string
	for {
		token, err := tokens.Token()
		if err != nil {
			break
		}
		if s, ok := token.(string); ok {
			parts = append(parts, s)
		}
	}
	for i := 0; i+1 < len(parts); i += 2 {
		if parts[i] != signKey {
			list = append(list, field{parts[i], parts[i+1]})
		}
	}
	return list
}

// 30: both readings of the nested order, by setting; wrong and absent ones are told apart.
func TestSeq30ResponseSignature(t *testing.T) {
	const key = "TEST-KEY-0001-not-a-real-merchant-key"
	var a, b vector
	for _, v := range vectors(t) {
		switch {
		case strings.HasPrefix(v.ID, "io-23"):
			a = v
		case strings.HasPrefix(v.ID, "io-24"):
			b = v
		}
	}
	body := func(signature string) map[string]json.RawMessage {
		keys := map[string]json.RawMessage{}
		for name, raw := range b.Inputs {
			keys[name] = raw
		}
		keys["payOrder"] = json.RawMessage(b.PayOrder)
		keys[signKey] = json.RawMessage(`"` + signature + `"`)
		return keys
	}
	for _, c := range []struct {
		signature, reading string
		want               proof
	}{
		{a.Expected, readingAuto, proofA}, {b.Expected, readingAuto, proofB}, {a.Expected, readingA, proofA}, {b.Expected, readingA, proofNone},
		{a.Expected, readingB, proofNone}, {b.Expected, readingB, proofB}, {strings.ToLower(b.Expected), readingB, proofB},
		{strings.Repeat("0", 32), readingAuto, proofNone}, {"", readingAuto, proofAbsent},
	} {
		if got := verify(body(c.signature), key, c.reading); got != c.want {
			t.Errorf("%s by %s: %s, want %s", c.signature, c.reading, got, c.want)
		}
	}
	spaced := body(b.Expected)
	spaced["payOrder"] = json.RawMessage(strings.ReplaceAll(b.PayOrder, `,"`, `, "`)) // printed with blanks, signed without
	if got := verify(spaced, key, readingAuto); got != proofB {
		t.Errorf("with blanks: %s", got)
	}
	fields := body(b.Expected)
	fields["unknown"] = json.RawMessage(`"1"`)
	if got := verify(fields, key, readingAuto); got != proofNone {
		t.Errorf("a field that was not signed: %s", got)
	}
	fields["unknown"] = json.RawMessage(`null`)
	if got := verify(fields, key, readingAuto); got != proofB {
		t.Errorf("an empty field: %s", got)
	}
}

// Members of an answer in another order, and empty ones that were not signed, change
// nothing: the same approval, rightly signed.
func TestReorderedAnswer(t *testing.T) {
	for _, reading := range []string{"a", "b"} {
		var keys map[string]json.RawMessage
		if err := json.Unmarshal([]byte(envelope(orderOf(2, 2800, tapped(nil), nil), reading)), &keys); err != nil {
			t.Fatal(err)
		}
		keys["errCode"], keys["errCodeDes"], keys["retMsg"] = json.RawMessage(`""`), json.RawMessage(`null`), json.RawMessage(`""`)
		names := slices.Sorted(maps.Keys(keys))
		slices.Reverse(names)
		var parts []string
		for _, name := range names {
			parts = append(parts, `"`+name+`":`+string(keys[name]))
		}
		got, err := read([]byte("{"+strings.Join(parts, ",")+"}"), testKey, readingAuto)
		if err != nil || !got.proof.good() {
			t.Errorf("%s: %s, %v", reading, got.proof, err)
		}
		if out := shop.verdict(request1(2800), got); out.Outcome != payment.Success || out.Authorised != 2800 {
			t.Errorf("%s: %+v", reading, out)
		}
	}
}
