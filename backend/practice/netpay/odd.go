package netpay

import (
	"encoding/json"
	"fmt"
	"strings"
)

// oddity is a way in which results of real terminals differ from the documents,
// or in which a till is told to expect them to (netpay.md 5.1, 5.2, 5.6).
type oddity struct {
	name  string
	apply func(result)
}

var oddities = []oddity{
	{"float-flags", func(r result) { r.floats() }},
	{"amount-number", func(r result) {
		for _, name := range []string{"amount", "authAmount", "tipAmount", "tipLessAmount"} {
			if text, is := r[name].(string); is && text != "" {
				r[name] = json.RawMessage(text)
			}
		}
	}},
	{"amount-padded", func(r result) {
		if text, is := r["amount"].(string); is && strings.Contains(text, ".") {
			whole, cents, _ := strings.Cut(text, ".")
			r["amount"] = whole + "." + (cents + "0")[:2]
		}
	}},
	{"text-flags", func(r result) {
		for _, name := range []string{"hasPin", "isRePrint", "isQps"} {
			if flag, present := r[name]; present {
				r[name] = fmt.Sprint(flag)
			}
		}
	}},
	{"number-flags", func(r result) { r["hasPin"], r["isRePrint"] = number(r["hasPin"]), number(r["isRePrint"]) }},
	{"number-texts", func(r result) {
		for _, name := range []string{"moduleCharge", "moduleLote", "preAuth"} {
			if text, is := r[name].(string); is && text != "" {
				r[name] = json.RawMessage(text)
			}
		}
	}},
	{"month-long", func(r result) { r.ticket(func(s string) string { return strings.Replace(s, "SEP.", "SEPT.", 1) }) }},
	{"month-set", func(r result) { r.ticket(func(s string) string { return strings.Replace(s, "SEP.", "SET.", 1) }) }},
	{"month-bare", func(r result) { r.ticket(func(s string) string { return strings.Replace(s, ".", "", 1) }) }},
	{"month-lower", func(r result) { r.ticket(strings.ToLower) }},
	{"month-unknown", func(r result) { r.ticket(func(s string) string { return "ZZZ." + s[min(4, len(s)):] }) }},
	{"zone-cdt", func(r result) { r.zone("CDT") }},
	{"zone-mst", func(r result) { r.zone("MST") }},
	{"zone-unknown", func(r result) { r.zone("XQT") }},
	{"zone-missing", func(r result) { r.zone("") }},
	{"empty-dates", func(r result) { r["transDate"], r["ticketDate"] = "", "" }},
	{"nulls", func(r result) {
		for name, value := range r {
			if value == "" {
				r[name] = nil
			}
		}
	}},
	{"no-empties", func(r result) {
		for name, value := range r {
			if value == "" {
				delete(r, name)
			}
		}
	}},
	{"unknown-fields", func(r result) { r["algoNuevo"] = map[string]any{"valor": []int{1, 2}} }},
	{"no-folio", func(r result) { r["folioNumber"] = "" }},
	{"no-traceability", func(r result) { delete(r, "traceability") }},
}

func oddNames() []string {
	names := make([]string, 0, len(oddities))
	for _, o := range oddities {
		names = append(names, o.name)
	}
	return names
}

// floats writes flags as older apps do: 0.0 or 1.0. A result that names no sale has none,
// and one that is of an older app already has them so.
func (r result) floats() {
	if flag, is := r["isQps"].(int); is {
		r["isQps"] = json.RawMessage(fmt.Sprintf("%d.0", flag))
	}
	r["preStatus"] = json.RawMessage("0.0")
}

func number(flag any) int {
	if flag == true {
		return 1
	}
	return 0
}

func (r result) ticket(change func(string) string) {
	if text, is := r["ticketDate"].(string); is {
		r["ticketDate"] = change(text)
	}
}

func (r result) zone(name string) {
	text, is := r["transDate"].(string)
	if !is || text == "" {
		return
	}
	text, _, _ = strings.Cut(text, ".")
	if name != "" {
		text += "." + name
	}
	r["transDate"] = text
}

// Fields that older apps did not post (netpay.md 5.1).
var (
	newIn2025 = []string{"authAmount", "hostRefNum", "rrnNumber", "spanRoute"}
	newIn2022 = []string{"bin", "folioNumber", "isRePrint", "storeId", "transactionId"}
)

// age makes a result as old as the app of the switch.
func age(r result, profile string) {
	if profile == "2025" {
		return
	}
	for _, name := range newIn2025 {
		delete(r, name)
	}
	r.floats()
	if r["promotion"] == "00" {
		r["promotion"] = "0"
	}
	if profile == "2022" {
		r["rePrintDate"] = "1.3.6.3.p.p_20220831"
		delete(r, "storeId")
		if r["transType"] == "" { // cancelled by the user
			delete(r, "terminalId")
			delete(r, "orderId")
		}
		return
	}
	r["rePrintDate"] = "1.1.3"
	for _, name := range newIn2022 {
		delete(r, name)
	}
}

// disguise gives a result the oddities that are set.
func (t *Terminal) disguise(r result) {
	age(r, t.faults.Get("result.profile"))
	name := t.faults.Get("result.types")
	if name == "cycle" {
		t.mu.Lock()
		name = oddities[t.oddities%len(oddities)].name
		t.oddities++
		t.mu.Unlock()
		t.log.Note("The next result is odd: " + name)
	}
	for _, o := range oddities {
		if o.name == name {
			o.apply(r)
		}
	}
}
