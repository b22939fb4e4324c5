package trial

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// page is one tab at a till.
type page struct {
	*testing.T
	till  *till
	ctx   context.Context
	axe   string
	mu    sync.Mutex
	said  []string // in the console
	posts []string // paths of posted requests
}

// desk opens a browser of its own at a till, on the sale's page.
func desk(t *testing.T, s *till) *page {
	t.Helper()
	axe, err := os.ReadFile(inRepository("frontend", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		lacking(t, "axe-core is not installed: ./build/setup.sh installs it.")
	}
	path := tool(t, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
	p := tab(t, context.Background(), s, string(axe), chromedp.WithAllocatorOptions(chromedp.ExecPath(path)))
	p.do("enter", chromedp.Navigate(s.address))
	p.connected()
	return p
}

// tab opens a tab.
func tab(t *testing.T, parent context.Context, s *till, axe string, options ...chromedp.ContextOption) *page {
	t.Helper()
	ctx, stop := chromedp.NewContext(parent, options...)
	t.Cleanup(stop)
	p := &page{T: t, till: s, ctx: ctx, axe: axe}
	if err := chromedp.Do(ctx); err != nil { // without a limit of its own: the tab would end with that
		t.Fatal("open the browser:", err)
	}
	p.do("size", chromedp.EmulateViewport(1280, 800))
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatal(err)
	}
	return p
}

// second opens a second tab at the same till, with the same cookies.
func (p *page) second() *page {
	p.Helper()
	other := tab(p.T, p.ctx, p.till, p.axe)
	other.visit("/")
	return other
}

func (p *page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.said = append(p.said, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			p.said = append(p.said, fmt.Sprintf("%s %v", e.Type, e.Args))
		}
	case *log.EventEntryAdded:
		p.said = append(p.said, e.Entry.Text+" "+e.Entry.URL)
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && e.Request.Method == "POST" {
			p.posts = append(p.posts, u.Path)
		}
	}
}

// posted counts the posts so far whose path ends like that. Two frames and a round
// trip make sure that what a key began has been told.
func (p *page) posted(ending string) int {
	p.Helper()
	p.do("let the page act", chromedp.Evaluate[chromedp.Void](`new Promise(ok => requestAnimationFrame(() => requestAnimationFrame(() => ok())))`, chromedp.EvalAwaitPromise))
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, path := range p.posts {
		if strings.HasSuffix(path, ending) {
			n++
		}
	}
	return n
}

// quiet asserts that the console is empty but for answers that the test provoked.
func (p *page) quiet(provoked ...string) {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
next:
	for _, text := range p.said {
		for _, part := range provoked {
			if strings.Contains(text, part) {
				continue next
			}
		}
		p.Errorf("the console says: %s", text)
	}
}

func (p *page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience+10*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fail(what, err)
	}
}

// fail reports what the page says, and keeps a picture of it.
func (p *page) fail(what string, err error) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.pathname + '\\n' + document.body.innerText"))
	if picture, e := chromedp.Run(ctx, chromedp.CaptureScreenshot()); e == nil {
		keep(p.T, "failed-"+strings.ReplaceAll(p.Name(), "/", "-"), picture)
	}
	p.Fatalf("%s: %v\nthe page says:\n%s", what, err, text)
}

// visit goes to a page and waits until its stream stands.
func (p *page) visit(path string) {
	p.Helper()
	where, err := url.Parse(p.till.address)
	if err != nil {
		p.Fatal(err)
	}
	p.do("visit "+path, chromedp.Navigate("http://"+where.Host+path))
	p.connected()
}

// connected waits until the page's script and its stream are at work.
func (p *page) connected() {
	p.Helper()
	p.until(`document.readyState === "complete" && document.querySelector("#stream[data-htmx-powered]") !== null`)
}

func (p *page) keys(keys string) {
	p.Helper()
	p.do("keys", chromedp.KeyEvent(keys))
}

// click clicks an element once htmx has taken it over.
func (p *page) click(selector string) {
	p.Helper()
	p.ready(selector)
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// ready waits until an element acts on clicks.
func (p *page) ready(selector string) {
	p.Helper()
	p.until(`(e => e !== null && !e.disabled && (!e.matches("[hx-post]") || e.hasAttribute("data-htmx-powered")))(document.querySelector(` + strconv.Quote(selector) + `))`)
}

// sees waits until the page's main part shows a text.
func (p *page) sees(text string) {
	p.Helper()
	p.until(`document.querySelector("main").textContent.includes(` + strconv.Quote(text) + `)`)
}

// ends waits for a result, and for what it says about the money.
func (p *page) ends(state, money string) {
	p.Helper()
	p.until(`document.querySelector(".outcome .word")?.textContent === ` + strconv.Quote(state))
	p.sees(money)
	p.until(`document.querySelector("[data-screen^=result-]") !== null`)
}

// until waits, without sleeping, until an expression holds on a page whose scripts have run.
func (p *page) until(js string) {
	p.Helper()
	p.do("wait for "+js, until(js))
}

func until(js string) chromedp.Action[chromedp.Void] {
	late := strconv.FormatInt(patience.Milliseconds(), 10)
	wait := chromedp.Evaluate[chromedp.Void](`new Promise((ok, no) => {
		const look = () => { try { if (document.readyState !== "complete" || !(`+js+`)) return } catch { return } watch.disconnect(); clearTimeout(late); ok() };
		const watch = new MutationObserver(look), late = setTimeout(() => { watch.disconnect(); no(new Error("never: "+`+strconv.Quote(js)+`)) }, `+late+`);
		watch.observe(document, {childList: true, subtree: true, attributes: true, characterData: true}); document.addEventListener("readystatechange", look); look() })`, chromedp.EvalAwaitPromise)
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for {
			_, err := wait(ctx, t)
			if e := (*cdproto.Error)(nil); errors.As(err, &e) && e.Code == -32000 && ctx.Err() == nil {
				continue // the page was left meanwhile
			}
			return chromedp.Void{}, err
		}
	}
}

func value[T any](p *page, js string) T {
	p.Helper()
	return ask(p, js, chromedp.Evaluate[T](js))
}

// ask runs an action that has an answer.
func ask[T any](p *page, what string, action chromedp.Action[T]) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience+10*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, action)
	if err != nil {
		p.fail(what, err)
	}
	return got
}

// charge types an amount and presses Enter.
func (p *page) charge(digits, label string) {
	p.Helper()
	p.until(`document.activeElement.matches("[data-amount]") && document.activeElement.form.hasAttribute("data-htmx-powered")`)
	p.keys(digits)
	p.until(`document.querySelector("[data-label]").textContent === "Charge ` + label + `\u00a0kr"`)
	p.keys("\r")
}

// newSale leaves a result by Enter, as a cashier does who has seen it.
func (p *page) newSale() {
	p.Helper()
	p.until(`document.body.dataset.settled?.startsWith("result-")`)
	p.ready("#new-sale-form")
	p.keys("\r")
	p.until(`document.querySelector("[data-amount]")?.value === "" && document.activeElement.matches("[data-amount]")`)
}

// write types a text into a field, in place of what stands there.
func (p *page) write(selector, text string) {
	p.Helper()
	p.ready(selector)
	p.do("go to "+selector, chromedp.Evaluate[chromedp.Void](`(e => { e.focus(); e.select() })(document.querySelector(`+strconv.Quote(selector)+`))`))
	if text == "" {
		text = kb.Delete
	}
	p.keys(text)
}
