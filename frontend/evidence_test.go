package frontend_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

func (d *desk) Of(_ context.Context, id string) (report.Seal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.ops[id]; !known {
		return report.Seal{}, missing()
	}
	n := int64(len(d.events[id]))
	return report.Seal{Lines: n, First: 1, Last: n, Faults: d.faults, Head: report.Head{Seq: 99, At: time.Now(), Where: "the system's keychain"},
		Whole: report.Whole{At: time.Now(), Seq: 99, Events: 99, Operations: 7}}, nil
}

func (d *desk) Alarm() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.alarm
}

func (d *desk) Want() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, "verify")
}

func TestTheChainsVerdictIsOnThePage(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	story(s)
	at := "/operation/" + s.op.ID
	if text := get(t, p, at); !strings.Contains(text, "carries its hash") || !strings.Contains(text, "The head of the chain kept outside of the journal agrees: line 99") ||
		!strings.Contains(text, "sound from line 1 to line 99") || !strings.Contains(text, "Where the time went") || !strings.Contains(text, "State after") || strings.Contains(text, "unsound") {
		t.Error("the verdict of a sound record is not on the page")
	}
	d.mu.Lock()
	d.faults, d.alarm = []string{"event 2 (attempt) was changed"}, "The journal is not the one that this till wrote."
	d.mu.Unlock()
	if text := get(t, p, at); !strings.Contains(text, "NOT as they were recorded: event 2") || !strings.Contains(text, "unsound") {
		t.Error("a changed line is not told")
	}
	for _, path := range []string{"/", "/history", "/terminals", at} {
		if !strings.Contains(get(t, p, path), "The journal is not the one that this till wrote.") {
			t.Errorf("%s does not show the alarm", path)
		}
	}
	if w := call(t, p, "POST", at+"/verify", nil, false); w.Code != http.StatusSeeOther || d.called("verify") != 1 {
		t.Errorf("asked to verify: %d, %d times", w.Code, d.called("verify"))
	}
}

func TestEvidenceFile(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	story(s)
	at := "/operation/" + s.op.ID + "/evidence"
	shown := call(t, p, "GET", at, nil, false)
	text := shown.Body.String()
	if shown.Code != http.StatusOK || !strings.Contains(text, "Payment record") || !strings.Contains(text, `href="/operation/`+s.op.ID+`"`) || !strings.Contains(text, "Rosengård") {
		t.Errorf("shown as %d", shown.Code)
	}
	if policy := shown.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") {
		t.Errorf("its policy is %q", policy)
	}
	saved := call(t, p, "GET", at+"?save=1", nil, false)
	if name := saved.Header().Get("Content-Disposition"); !strings.HasPrefix(name, `attachment; filename="paydesk-sale-1-`) || strings.Contains(saved.Body.String(), "href=") {
		t.Errorf("saved as %q", name)
	}
	if w := call(t, p, "GET", "/operation/none/evidence", nil, false); w.Code != http.StatusNotFound {
		t.Errorf("of an operation that is not there: %d", w.Code)
	}
}

// TestARefundsEvidenceNamesItsSale, and the sale's its refund.
func TestARefundsEvidenceNamesItsSale(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.end(payment.Success, "")
	back := s.op
	back.ID, back.Kind, back.Original, back.Requested, back.Authorised = "refund", payment.Refund, s.op.ID, 300, 300
	d.put(back, payment.EventCreated, back)
	for id, want := range map[string]string{s.op.ID: "Refund 2", "refund": "Sale 1"} {
		if text := get(t, p, "/operation/"+id+"/evidence"); strings.Count(text, "<dt>"+want+"</dt>") != 1 {
			t.Errorf("%s does not name %s once", id, want)
		}
	}
}

// TestEvidenceInABrowser looks at the file as a bank would: axe-core finds nothing, and
// it prints on paper.
func TestEvidenceInABrowser(t *testing.T) {
	b := open(t, false)
	s := b.desk.sale(12500)
	story(s)
	b.visit("/operation/" + s.op.ID + "/evidence")
	b.until(`document.body.textContent.includes("Where the time went")`)
	b.check("evidence")
	for _, width := range []int64{1280, 390} {
		b.size(width, 844)
		if over := value[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
			t.Errorf("%d pixels too wide for %d", over, width)
		}
	}
	b.size(1280, 800)
	b.do("go back", chromedp.Evaluate[chromedp.Void](`document.querySelector("nav a").click()`))
	b.until(`document.querySelector(".timeline") !== null && document.querySelector("#print-page") !== null`)
	b.do("print the page", chromedp.Evaluate[chromedp.Void](`window.print = () => { document.body.dataset.printed = document.body.className }; 0`),
		chromedp.Evaluate[chromedp.Void](`document.querySelector("#print-page").click()`))
	b.until(`document.body.dataset.printed !== undefined && !document.body.dataset.printed.includes("prints-slip")`)
	for name, path := range map[string]string{"evidence": "/operation/" + s.op.ID + "/evidence", "operation": "/operation/" + s.op.ID} {
		b.visit(path)
		printed, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
		if err != nil || len(printed.Data) < 10_000 {
			t.Errorf("%s printed: %d bytes, %v", name, len(printed.Data), err)
		}
	}
	b.quiet()
}
