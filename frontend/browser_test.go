package frontend_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/paydesk-till/paydesk/frontend"
)

// browser is one page of a real browser on the pages' handler.
type browser struct {
	*testing.T
	ctx     context.Context
	url     string
	desk    *desk
	web     *httptest.Server
	down    atomic.Bool // the pages answer nothing
	axe     string
	mu      sync.Mutex
	said    []string  // in the console
	scanned time.Time // when the last scan ended, by its keys' own clock
}

// lacks leaves a test out for want of a tool; where CI runs it must be there.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

func open(t *testing.T, practice bool) *browser {
	t.Helper()
	return openWith(t, practice, nil)
}

// openWith opens pages that can change the settings.
func openWith(t *testing.T, practice bool, setup frontend.Setup) *browser {
	t.Helper()
	path, err := chromium()
	if err != nil {
		lacks(t, err.Error())
	}
	if _, err := os.Stat("dist/app.js"); err != nil {
		lacks(t, "the pages' script is not built: run node build.mjs in frontend")
	}
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		lacks(t, "axe-core is not installed: run npm ci in frontend")
	}
	d := newDesk()
	p := pagesWith(t, d, practice, setup)
	b := &browser{T: t, desk: d}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.down.Load() {
			panic(http.ErrAbortHandler) // as if nobody were there
		}
		p.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { p.Close(); server.Close() })
	// Chromium's socket is in there: a test's own folder may have too long a path.
	dir, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
	root, stop := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path)))
	t.Cleanup(stop)
	b.url, b.web, b.axe = server.URL, server, string(axe)
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
// no missing file, no exception; only of answers that the test provoked.
func (b *browser) quiet(provoked ...string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.said {
		if slices.ContainsFunc(provoked, func(part string) bool { return strings.Contains(text, part) }) {
			continue
		}
		b.Errorf("the console says: %s", text)
	}
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 40*time.Second)
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

// until waits, without sleeping, until an expression holds on a page whose scripts have run.
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
		const look = () => { try { if (document.readyState !== "complete" || !(`+js+`)) return } catch { return } watch.disconnect(); clearTimeout(late); ok() };
		const watch = new MutationObserver(look), late = setTimeout(() => { watch.disconnect(); no(new Error("not within 30 s: "+`+strconv.Quote(js)+`)) }, 30000);
		watch.observe(document, {childList: true, subtree: true, attributes: true, characterData: true}); document.addEventListener("readystatechange", look); look() })`, chromedp.EvalAwaitPromise)
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
