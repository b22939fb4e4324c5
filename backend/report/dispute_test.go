package report_test

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

// dispute is the evidence of a payment with hostile texts in it, chained by the
// journal's own hash.
func dispute(t *testing.T) report.Dispute {
	t.Helper()
	p := (&tape{TB: t}).begin()
	p.add(0.2, payment.EventMessage, payment.Message{Name: "PaymentRequest", ID: "3", At: after(0.2), Body: `<SaleToPOIRequest a="1">&amp;<script>alert(1)</script></SaleToPOIRequest> </pre> å` + "\u2028"})
	p.prompt(1, payment.PromptPresent, payment.Customer).prompt(4, payment.PromptAuthorise, payment.Bank).answers(6, 5.8)
	slip := payment.Slip{Copy: payment.MerchantCopy, Kind: payment.Sale, Outcome: payment.Success, At: after(5), Amount: "12,50", Total: "12,50", Currency: "SEK",
		Masked: "516815******9659", Brand: "Mastercard", AID: "A0000000041010", Merchant: payment.Merchant{Name: "Café <b>Åsa</b>", OrgNo: "556000-0001", MID: "700123", TID: "KASSA-01", Bank: "Swedbank"}}
	p.add(6.5, payment.EventResult, payment.Result{Outcome: payment.Success, Authorised: 1250, Currency: "SEK",
		Card:       payment.Card{Brand: "Mastercard", Masked: "************9659", Entry: payment.EntryChip, CVM: payment.CVMPin},
		References: payment.References{Terminal: "T-17", AuthCode: "A1B2C3", RRN: "000123"}, Slips: []payment.Slip{slip}})
	p.add(7, payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy, Where: "page", Operator: "Anna"})
	var op payment.Operation
	previous := strings.Repeat("ab", 32)
	for i := range p.events {
		e := &p.events[i]
		if e.Seq = int64(40 + i); i > 3 {
			e.Seq += 2 // two lines of others stand between
			if i == 4 {
				previous = strings.Repeat("cd", 32)
			}
		}
		e.At = e.At.Add(123456789)
		e.Previous = previous
		e.Hash = journal.Hash(*e)
		previous = e.Hash
		if _, err := op.Apply(*e); err != nil {
			t.Fatal(err)
		}
	}
	last := p.events[len(p.events)-1].Seq
	return report.Dispute{Op: op, Events: p.events, Made: after(3600), Zone: time.UTC, Version: "1.2.3",
		Related: []payment.Operation{{Kind: payment.Refund, Number: 8, State: payment.Approved, Currency: "SEK", Authorised: 250, CreatedAt: after(600)}},
		Seal: report.Seal{Lines: int64(len(p.events)), First: 40, Last: last, Head: report.Head{Seq: 99, At: noon, Where: "the system's keychain"},
			Whole: report.Whole{At: noon, Seq: 99, Events: 99, Operations: 20}}}
}

func written(t *testing.T, d report.Dispute) string {
	t.Helper()
	var out bytes.Buffer
	if err := d.WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestDisputeSaysWhatABankAsks(t *testing.T) {
	text := written(t, dispute(t))
	for _, want := range []string{"Sale 7", "approved", "12.50", "A1B2C3", "000123", "T-17", "************9659", "chip", "PIN", "Caf", "700123", "KASSA-01",
		"Refund 8", "2.50", "by <span", "Anna", "Customer", "in the system&#39;s keychain", "PaymentRequest", "A0000000041010", "12:00:06.623"} {
		if want == "by <span" {
			want = `<span class="person">by Anna</span>`
		}
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	d := dispute(t)
	for _, e := range d.Events {
		if !strings.Contains(text, `<td colspan="4">`+e.Hash+`</td>`) {
			t.Errorf("the hash of line %d is not printed", e.Seq)
		}
	}
	if d.Name() != "paydesk-sale-7-2026-04-12.html" {
		t.Errorf("its name is %s", d.Name())
	}
}

// TestDisputeStandsAlone: no script, nothing from outside, no markup from what others
// wrote, no number that could be a card's.
func TestDisputeStandsAlone(t *testing.T) {
	text := written(t, dispute(t))
	for _, never := range []string{"<script", "<b>Åsa", "http://", "https://", "src=", "href=", "@import", "url("} {
		if strings.Contains(text, never) {
			t.Errorf("%q stands in it", never)
		}
	}
	for _, run := range regexp.MustCompile(`\d{13,19}`).FindAllString(regexp.MustCompile(`[0-9a-f]{64}|A0000000041010`).ReplaceAllString(text, ""), -1) {
		if run != "2026041200012" {
			t.Errorf("the number %s stands in it", run)
		}
	}
	d := dispute(t)
	d.Back, d.Save, d.Test = "/operation/op", "/operation/op/evidence?save=1", true
	if shown := written(t, d); !strings.Contains(shown, `href="/operation/op"`) || !strings.Contains(shown, "No real money") {
		t.Error("the page in the till has no way back, or a test does not say so")
	}
}

// TestHashesCanBeRecomputed by the words of the file alone, and show a change.
func TestHashesCanBeRecomputed(t *testing.T) {
	d := dispute(t)
	text := written(t, d)
	lines := html.UnescapeString(regexp.MustCompile(`(?s)<pre id="lines">(.*?)</pre>`).FindStringSubmatch(text)[1])
	all := strings.Split(strings.TrimSuffix(lines, "\n"), "\n")
	if len(all) != len(d.Events) {
		t.Fatalf("%d lines of %d events", len(all), len(d.Events))
	}
	for i, line := range all {
		var e payment.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || journal.Hash(e) != e.Hash || e.Hash != d.Events[i].Hash {
			t.Errorf("line %d: %v", i, err)
		}
	}
}

// TestTheProgramInTheFile runs where there is a Python, as it would with a bank.
func TestTheProgramInTheFile(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3: the recipe is checked by TestHashesCanBeRecomputed")
	}
	text := written(t, dispute(t))
	program := html.UnescapeString(regexp.MustCompile(`(?s)<pre class="program">(.*?)</pre>`).FindStringSubmatch(text)[1])
	folder := t.TempDir()
	for name, c := range map[string]struct {
		text string
		ends bool
	}{
		"whole.html":   {text, true},
		"changed.html": {strings.Replace(text, `authorised&#34;:1250`, `authorised&#34;:9250`, 1), false},
		"linked.html":  {strings.Replace(text, `&#34;previous&#34;:&#34;abab`, `&#34;previous&#34;:&#34;abac`, 1), false},
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if c.ends == (c.text != text) {
			t.Errorf("%s is not what it should be", name)
		}
		if err := os.WriteFile(filepath.Join(folder, "recompute.py"), []byte(program), 0o600); err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), python, filepath.Join(folder, "recompute.py"), filepath.Join(folder, name)).CombinedOutput()
		if (err == nil) != c.ends || strings.Contains(string(said), "DOES NOT MATCH") == c.ends || strings.Contains(string(said), "Traceback") {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}

func TestUnsoundEvidenceSaysSo(t *testing.T) {
	d := dispute(t)
	d.Seal.Faults = []string{"event 41 (attempt) was changed: its hash does not match"}
	if text := written(t, d); !strings.Contains(text, `class="seal unsound"`) || !strings.Contains(text, "NOT as they were recorded: event 41") {
		t.Error("it is not said")
	}
}

// TestEvidenceOfWhatIsNotKnown invents nothing: no amount authorised, no end, no slip.
func TestEvidenceOfWhatIsNotKnown(t *testing.T) {
	p := (&tape{TB: t}).begin().asks(1).doubt(2, payment.ReasonNoAnswer)
	var op payment.Operation
	for _, e := range p.events {
		if _, err := op.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	text := written(t, report.Dispute{Op: op, Events: p.events, Made: after(60), Zone: time.UTC})
	for _, want := range []string{"in doubt", "<dt>Authorised</dt><dd>not known</dd>", "<dt>Outcome recorded</dt><dd>not yet</dd>", "The whole journal was not checked yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(text, "<h2>Slips</h2>") {
		t.Error("it has a slip")
	}
}
