package iotpay

import (
	"encoding/json"
	"os"
	"testing"
)

// vector is one of vectors/iotpay.json that can be computed (made with a made-up
// key: regression values, no independent proof; iotpay.md 5.4).
type vector struct {
	ID        string                     `json:"id"`
	Inputs    map[string]json.RawMessage `json:"inputs"`
	Key       string                     `json:"key"`
	Text      string                     `json:"canonical_string"`
	ASCII     string                     `json:"canonical_ascii"`
	Nested    string                     `json:"payOrder_text"`
	Expected  string                     `json:"expected"`
	WantASCII string                     `json:"expected_ascii"`
	Other     string                     `json:"expected_case_insensitive"`
	JSON      string                     `json:"json_text"`
	Form      string                     `json:"form_body"`
}

func vectors(t *testing.T) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 9 {
		t.Fatalf("%d vectors", len(list))
	}
	return list
}

// flat are the top-level members, read by hand; the nested one by the reading.
func (v vector) flat(t *testing.T) map[string]string {
	members := map[string]string{}
	for name, raw := range v.Inputs {
		var text string
		switch {
		case json.Unmarshal(raw, &text) == nil:
			members[name] = text
		case name != "payOrder":
			t.Fatalf("%s: %s is no text", v.ID, name)
		case v.Nested != "":
			members[name] = v.Nested
		}
	}
	return members
}

// Vectors io-20 to io-28 (sequence 31).
func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		text, want := v.Text+v.ASCII, v.Expected+v.WantASCII
		members := v.flat(t)
		if got := signed(members) + "key=" + v.Key; got != text {
			t.Errorf("%s: signed %q, want %q", v.ID, got, text)
		}
		if got := signature(members, v.Key); got != want || got == v.Other {
			t.Errorf("%s: %s, want %s", v.ID, got, want)
		}
		if v.Form == "" {
			continue
		}
		raw, err := unwrap([]byte(v.Form))
		if err != nil || string(raw) != v.JSON {
			t.Errorf("%s: unwrapped %s, %v", v.ID, raw, err)
		}
		read, err := parse(raw)
		if err != nil || !genuine(read, v.Key) || read["sign"] != want {
			t.Errorf("%s: read %v, %v", v.ID, read, err)
		}
	}
}

// The answer's own writer gives the nested text of io-24 byte by byte, and both
// signatures of it.
func TestBothReadings(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Inputs["payOrder"] == nil {
			continue
		}
		body := object{}
		for name, text := range v.flat(t) {
			if name != "payOrder" {
				body = body.with(name, text)
			}
		}
		reading := readingA
		if v.Nested != "" {
			reading = readingB
		}
		nested := ordered(t, v.Inputs["payOrder"])
		if v.Nested != "" && string(nested.text()) != v.Nested {
			t.Errorf("%s: nested\n%s, want\n%s", v.ID, nested.text(), v.Nested)
		}
		if got := signature(body.with("payOrder", nested).members(reading), v.Key); got != v.Expected {
			t.Errorf("%s: %s, want %s", v.ID, got, v.Expected)
		}
	}
}

// The answer of a sale has the members of the sample, in its order.
func TestMembersOfAnAnswer(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Nested == "" {
			continue
		}
		inBubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
			_, r := c.pay("100", nil)
			var got struct {
				PayOrder json.RawMessage `json:"payOrder"`
			}
			if err := json.Unmarshal(r.raw, &got); err != nil {
				t.Fatal(err)
			}
			sameNames(t, ordered(t, got.PayOrder), ordered(t, json.RawMessage(v.Nested)))
			extra := func(o object) object {
				for _, m := range o {
					if text, ok := m.value.(string); ok && m.name == "extra" {
						return ordered(t, json.RawMessage(text))
					}
				}
				return nil
			}
			sameNames(t, extra(ordered(t, got.PayOrder)), extra(ordered(t, json.RawMessage(v.Nested))))
		})
	}
}

func sameNames(t *testing.T, got, want object) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d members, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].name != want[i].name {
			t.Errorf("member %d is %s, want %s", i, got[i].name, want[i].name)
		}
	}
}
