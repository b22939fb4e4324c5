package frontend_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// browser is one page of a real browser on the pages' handler.
type browser struct {
	*testing.T
	ctx  context.Context
	url  string
	desk *desk
	web  *httptest.Server
	axe  string
	mu   sync.Mutex
	said []string // in the console
}

func open(t *testing.T, practice bool) *browser {
	t.Helper()
	path, err := chromium()
	if err != nil {
		t.Skip(err)
	}
	if _, err := os.Stat("dist/app.js"); err != nil {
		t.Skip("the pages' script is not built: run node build.mjs in frontend")
	}
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run npm ci in frontend")
	}
	d := newDesk()
	p := pages(t, d, practice)
	server := httptest.NewServer(p)
	t.Cleanup(func() { p.Close(); server.Close() })
	t.Setenv("TMPDIR", t.TempDir())
	root, stop := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path)))
	t.Cleanup(stop)
	b := &browser{T: t, url: server.URL, desk: d, web: server, axe: string(axe)}
	if err := chromedp.Do(root); err != nil {
		t.Fatal("start the browser:", err)
	}
	ctx, cancel := context.WithTimeout(root, 3*time.Minute)
	t.Cleanup(cancel)
	b.ctx = ctx
	chromedp.Listen(ctx, b.listen)
	b.size(1280, 800)
	b.visit("/")
	return b
}

func chromium() (string, error) {
	for _, path := range []string{"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"} {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium")
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			b.said = append(b.said, fmt.Sprintf("%s %v", e.Type, e.Args))
		}
	case *log.EventEntryAdded:
		b.said = append(b.said, e.Entry.Text+" "+e.Entry.URL)
	}
}

// quiet asserts that nothing was said in the console: no violation of the policy,
// no missing file, no exception.
func (b *browser) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.said {
		b.Errorf("the console says: %s", text)
	}
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 15*time.Second)
	defer cancel()
	for _, step := range steps {
		if err := chromedp.Do(ctx, step); err != nil {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			b.Fatalf("%s: %v\nthe page says:\n%s", what, err, text)
		}
	}
}

func (b *browser) visit(path string) {
	b.Helper()
	b.do("visit "+path, chromedp.Navigate(b.url+path))
	b.until(`document.readyState === "complete"`)
}

func (b *browser) size(w, h int64) {
	b.Helper()
	b.do("size", chromedp.EmulateViewport(w, h))
}

func (b *browser) keys(keys string) {
	b.Helper()
	b.do("keys", chromedp.KeyEvent(keys))
}

// until waits, without sleeping, until an expression holds.
func (b *browser) until(js string) {
	b.Helper()
	b.do("wait for "+js, until(js))
}

// sees waits until the till's screen shows a text.
func (b *browser) sees(text string) {
	b.Helper()
	b.until(`document.querySelector("main").textContent.includes(` + strconv.Quote(text) + `)`)
}

func value[T any](b *browser, js string) T {
	b.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.Fatalf("%s: %v", js, err)
	}
	return got
}

func until(js string) chromedp.Action[chromedp.Void] {
	wait := chromedp.Evaluate[chromedp.Void](`new Promise((ok, no) => {
		const look = () => { try { if (!(`+js+`)) return } catch { return } watch.disconnect(); clearTimeout(late); ok() };
		const watch = new MutationObserver(look), late = setTimeout(() => { watch.disconnect(); no(new Error("not within 5 s: "+`+strconv.Quote(js)+`)) }, 5000);
		watch.observe(document, {childList: true, subtree: true, attributes: true, characterData: true}); look() })`, chromedp.EvalAwaitPromise)
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for {
			_, err := wait(ctx, t)
			if e := (*cdproto.Error)(nil); errors.As(err, &e) && e.Code == -32000 {
				continue // the page was left meanwhile
			}
			return chromedp.Void{}, err
		}
	}
}

// check has axe-core look at the screen, and keeps a picture of it in every size
// and in both colours.
func (b *browser) check(name string) {
	b.Helper()
	b.do("load axe", chromedp.Evaluate[chromedp.Void](b.axe+";0"))
	for _, scheme := range []string{"light", "dark"} {
		b.media(scheme)
		for _, size := range [][2]int64{{1280, 800}, {1024, 768}, {390, 844}} {
			b.size(size[0], size[1])
			b.picture(fmt.Sprintf("%s-%dx%d-%s", name, size[0], size[1], scheme))
			if size[0] == 1024 {
				b.violations(name + " " + scheme)
				b.fits(name)
			}
		}
	}
	b.media("light")
	b.size(1280, 800)
}

func (b *browser) media(scheme string) {
	b.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.Fatal("set colours:", err)
	}
}

type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML   string
		Target []any
	}
}

func (b *browser) violations(name string) {
	b.Helper()
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]violation](`axe.run(document, {resultTypes: ["violations"],
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations)`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal("axe:", err)
	}
	for _, v := range found {
		for _, n := range v.Nodes {
			b.Errorf("axe on %s: %s (%s): %s %v", name, v.ID, v.Help, n.HTML, n.Target)
		}
	}
}

// fits asserts that the till's screens need no scrolling at 1024x768.
func (b *browser) fits(name string) {
	b.Helper()
	over := value[int](b, `(() => { const m = document.querySelector(".on-till .main"); return m === null ? 0 :
		Math.max(m.scrollHeight - m.clientHeight, document.documentElement.scrollWidth - innerWidth) })()`)
	if over > 0 {
		b.Errorf("%s: %d pixels too many for 1024x768", name, over)
	}
}

// picture keeps a screenshot where PAYDESK_ARTEFACTS says, else nowhere.
func (b *browser) picture(name string) {
	b.Helper()
	dir := os.Getenv("PAYDESK_ARTEFACTS")
	if dir == "" {
		return
	}
	image, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), image, 0o644)
	}
	if err != nil {
		b.Fatal("picture:", err)
	}
}

// TestSaleByKeyboardAlone charges, watches every screen, and begins the next sale,
// without a mouse.
func TestSaleByKeyboardAlone(t *testing.T) {
	b := open(t, true)
	b.check("sale-empty")
	b.keys("12500")
	b.until(`document.querySelector("[data-label]").textContent === "Charge 125.00\u00a0kr"`)
	b.check("sale")
	b.keys(kb.Escape)
	b.until(`document.querySelector("[data-charge]").disabled`)
	b.keys("125,5")
	b.until(`document.querySelector("[data-label]").textContent === "Charge 125.50\u00a0kr"`)
	b.keys(kb.Escape + "12500" + kb.Enter)
	s := &script{b.desk, b.desk.await(t, "a sale", func(o payment.Operation) bool { return o.State == payment.Created })}
	if s.op.Requested != 12500 || s.op.Terminal != "front" {
		t.Fatalf("the sale is %d on %s", s.op.Requested, s.op.Terminal)
	}
	b.sees("Connecting to the terminal")
	b.check("payment-first")
	s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	b.sees("Present card")
	b.check("payment-card")
	s.prompt(payment.PromptPINDigits, "****", payment.Customer, 3)
	b.until(`document.querySelectorAll(".dots .on").length === 3`)
	b.check("payment-pin")
	b.visit("/") // F-14: a reload shows the true state
	b.sees("Customer enters PIN")
	s.prompt(payment.PromptAuthorise, "Ansluter till bank", payment.Bank, 0)
	b.sees("Too late to stop")
	b.check("payment-bank")
	s.end(payment.Success, payment.ReasonNone)
	b.sees("Approved")
	b.until(`document.activeElement.id === "new-sale"`)
	b.check("result-approved")
	b.visit("/")
	b.sees("Approved")
	b.until(`document.body.dataset.settled.startsWith("result-")`)
	b.keys(kb.Enter)
	b.until(`document.querySelector("[data-amount]").value === "" && document.activeElement.matches("[data-amount]")`)
	if n := b.desk.called("start"); n != 1 {
		t.Errorf("the engine was asked to start %d times", n)
	}
	b.quiet()
}

// TestSignature answers by F6 and F9; Enter answers nothing.
func TestSignature(t *testing.T) {
	b := open(t, true)
	s := b.desk.sale(45000)
	s.ask()
	b.sees("Compare the signature")
	b.check("signature")
	b.do("focus", chromedp.Evaluate[chromedp.Void](`document.querySelector("#answer-yes").focus()`))
	b.keys(kb.Enter + kb.Enter)
	b.keys(kb.F6)
	s.op = b.desk.await(t, "an answer", func(o payment.Operation) bool { return o.State == payment.InProgress })
	if b.desk.called("answer true q1") != 1 || b.desk.called("answer") != 1 {
		t.Errorf("answers: %v", b.desk.calls)
	}
	s.op.Slips = nil
	s.ask()
	b.sees("Compare the signature")
	b.until(`document.querySelector("#answer-no")?.hasAttribute("data-htmx-powered")`)
	b.keys(kb.F9)
	b.desk.await(t, "an answer", func(o payment.Operation) bool { return o.State == payment.InProgress })
	if b.desk.called("answer false q1") != 1 {
		t.Errorf("answers: %v", b.desk.calls)
	}
	b.quiet()
}

// TestAbort goes to the button with Esc and presses it with the second.
func TestAbort(t *testing.T) {
	b := open(t, true)
	s := b.desk.sale(9900)
	s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	b.sees("Present card")
	b.until(`document.querySelector("#abort").hasAttribute("data-htmx-powered")`)
	b.keys(kb.Escape)
	b.until(`document.activeElement.id === "abort"`)
	b.keys(kb.Escape)
	s.op = b.desk.await(t, "an abort", func(o payment.Operation) bool { return o.State == payment.Aborting })
	b.sees("it may still be approved")
	b.check("payment-aborting")
	s.end(payment.Success, payment.ReasonNone)
	b.sees("The payment was faster")
	b.check("result-after-abort")
	b.quiet()
}

// TestOtherScreens looks at what is left: decline, doubt, alarm, history, one
// operation, terminals.
func TestOtherScreens(t *testing.T) {
	b := open(t, true)
	for i := range 14 {
		s := b.desk.sale(int64(4500 + 1350*i))
		s.end([]payment.Outcome{payment.Success, payment.Success, payment.Refused, payment.Stopped}[i%4], []payment.Reason{"", "", payment.ReasonIssuer, payment.ReasonCustomer}[i%4])
	}
	s := b.desk.sale(12500)
	s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	s.end(payment.Refused, payment.ReasonIssuer)
	b.sees("Declined by the bank")
	b.check("result-declined")
	b.do("same amount", chromedp.Click("#again"))
	b.until(`document.querySelector("[data-label]").textContent === "Charge 125.00\u00a0kr"`)
	b.visit("/terminals")
	b.check("terminals")
	b.visit("/history")
	b.check("history")
	b.keys("15")
	b.until(`document.querySelectorAll("#rows tbody tr").length === 1`)
	s = b.desk.sale(12500)
	story(s)
	b.visit("/operation/" + s.op.ID)
	b.sees("Timeline")
	b.check("operation")
	b.do("open a message", chromedp.Click(".step summary"))
	s.d.put(s.op, payment.EventNote, payment.Note{Text: "something new"})
	b.sees("something new")
	if !value[bool](b, `document.querySelector(".step details").open`) {
		t.Error("the opened message closed with the news")
	}
	b.size(1280, 1900)
	b.picture("operation-tall")
	b.visit("/operation/" + s.op.ID + "?form=refund")
	b.check("operation-refund")
	s = b.desk.sale(34900)
	s.prompt(payment.PromptAuthorise, "Ansluter till bank", payment.Bank, 0)
	b.visit("/")
	s.doubt(false)
	b.sees("The card may have been charged")
	b.check("doubt")
	b.do("look now", chromedp.Click("#look-"+s.op.ID))
	b.until(`document.querySelector("#bands").textContent.includes("Asked 5 times")`)
	s.op.Doubt.Parked = true
	s.op = b.desk.put(s.op, payment.EventParked, payment.Note{})
	b.until(`document.querySelector("#settle-` + s.op.ID + `") !== null`)
	b.visit("/operation/" + s.op.ID + "?form=settle")
	b.check("settle")
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmLateMoney, At: time.Now(), Text: "The card was charged after this sale had ended as not paid. The customer may have paid twice. Give the money back, or keep it if nothing else was paid."}}
	s.end(payment.Success, payment.ReasonNone)
	b.visit("/")
	b.until(`document.querySelector("#bands").textContent.includes("Late money")`)
	b.check("alarm")
	b.quiet()
}

// story is a sale with messages, whose events are some seconds apart.
func story(s *script) {
	defer func() { s.d.skew = 0 }()
	s.d.put(s.op, payment.EventAttempt, payment.Attempt{Number: 1, Reference: "20261121000042"})
	message := func(in bool, name string, took time.Duration) {
		s.d.put(s.op, payment.EventMessage, payment.Message{Terminal: "front", In: in, Name: name, Body: "<SaleToPOIRequest>\n  <MessageHeader MessageCategory=\"" + name + "\"/>\n</SaleToPOIRequest>", Took: took})
	}
	s.d.skew += 12 * time.Millisecond
	message(false, "PaymentRequest", 0)
	s.d.skew += 240 * time.Millisecond
	message(true, "DisplayRequest", 0)
	s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	s.d.skew += 3200 * time.Millisecond
	message(true, "DisplayRequest", 0)
	s.prompt(payment.PromptPIN, "Slå kod", payment.Customer, 0)
	s.prompt(payment.PromptPINDigits, "*", payment.Customer, 1)
	s.d.skew += 4100 * time.Millisecond
	s.prompt(payment.PromptAuthorise, "Ansluter till bank", payment.Bank, 0)
	s.d.skew += 1400 * time.Millisecond
	message(true, "PaymentResponse", 8700*time.Millisecond)
	s.end(payment.Success, payment.ReasonNone)
}

// TestTypedTextStays: news of the terminal never touch what the cashier types, and
// a broken stream comes back by itself.
func TestTypedTextStays(t *testing.T) {
	b := open(t, false)
	b.keys("1299")
	b.do("open the lines", chromedp.Click("[data-lines] summary"))
	b.do("open cash back", chromedp.Click(".extra summary"))
	b.do("cash back", chromedp.SendKeys("input[name=cashback]", "50"))
	b.until(`document.querySelector("[data-label]").textContent === "Charge 62.99\u00a0kr"`)
	b.check("sale-lines")
	b.desk.mu.Lock()
	b.desk.terminals[0].Problem = "Paper is low."
	b.desk.mu.Unlock()
	b.web.CloseClientConnections()
	b.until(`document.querySelector("#terminal-card").textContent.includes("Paper is low.")`)
	b.until(`document.querySelector("#offline").textContent === ""`)
	if got := value[string](b, `document.querySelector("[data-amount]").value`); got != "12.99" {
		t.Errorf("the amount became %q", got)
	}
	if !value[bool](b, `document.querySelector("[data-lines]").open && document.activeElement.name === "cashback"`) {
		t.Error("the sheet closed or the focus went")
	}
	b.do("a line", chromedp.SendKeys("input[name=line-text]", "Kaffe"), chromedp.SendKeys("input[name=line-price]", "30"))
	b.do("quantity", chromedp.Evaluate[chromedp.Void](`(() => { const q = document.querySelector("input[name=line-quantity]"); q.value = "3"; q.dispatchEvent(new Event("input", {bubbles: true})) })()`))
	b.until(`document.querySelector("[data-label]").textContent === "Charge 140.00\u00a0kr"`)
	b.do("cash back beyond the limit", chromedp.SendKeys("input[name=cashback]", "0000000000"))
	b.keys(kb.Enter)
	b.until(`document.querySelector("#sale-error").textContent.includes("beyond the limit")`)
	b.check("sale-error")
	if n := b.desk.called("start"); n != 0 {
		t.Errorf("a wrong form started %d sales", n)
	}
}

// TestPrinting hands out a copy: journaled, marked from the second on, and only the
// slip goes to the printer.
func TestPrinting(t *testing.T) {
	b := open(t, false)
	b.desk.sale(12500).end(payment.Success, payment.ReasonNone)
	b.sees("Approved")
	b.do("stand in for the printer", chromedp.Evaluate[chromedp.Void](`window.print = () => { document.body.dataset.printed = document.querySelector("#print").textContent }`))
	for i, mark := range []bool{false, true} {
		b.until(`document.querySelector("[data-shortcut=F4]").hasAttribute("data-htmx-powered")`)
		b.do("forget", chromedp.Evaluate[chromedp.Void](`delete document.body.dataset.printed`))
		b.keys(kb.F4)
		b.until(`document.body.dataset.printed !== undefined && document.body.dataset.printed.includes("Rosengård")`)
		if got := value[bool](b, `/Copy no\.\s*1/.test(document.body.dataset.printed)`); got != mark {
			t.Errorf("print %d: marked as a reprint: %v", i+1, got)
		}
	}
	if b.desk.called("printed customer 0") != 1 || b.desk.called("printed customer 1") != 1 {
		t.Errorf("journaled: %v", b.desk.calls)
	}
	b.quiet()
}
