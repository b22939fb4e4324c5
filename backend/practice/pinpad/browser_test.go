package pinpad

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browse opens a browser with one tab, or skips where there is no Chromium.
func browse(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Chromium is installed")
		}
		t.Skip("no Chromium is installed")
	}
	// Chromium's socket is in there: a test's own folder may have too long a path.
	dir, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
	ctx, stop := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path)))
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// until waits for a condition of the page once its scripts have run, also across navigations.
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

// complaints collects what the page says in the console and what the policy blocks.
func complaints(t *testing.T, ctx context.Context) func() []string {
	t.Helper()
	var mu sync.Mutex
	var all []string
	err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			all = append(all, fmt.Sprintf("exception: %+v", e.ExceptionDetails))
		case *cdplog.EventEntryAdded:
			all = append(all, fmt.Sprintf("%s: %s %v", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// reached awaits the next action at the device.
func reached(t *testing.T, toy *toy, want Action) {
	t.Helper()
	select {
	case got := <-toy.done:
		if got != want {
			t.Fatalf("the device got %v, want %v", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("%v did not reach the device", want)
	}
}

func TestBrowser(t *testing.T) {
	toy := newToy(rich())
	addr, stop, err := Listen("127.0.0.1:0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx := browse(t)
	said := complaints(t, ctx)
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate("http://"+addr+"/"), until(`document.getElementById("link").className === "live"`))

	// A card that is tapped, then a PIN typed on the keyboard.
	do(t, ctx, chromedp.Click(chromedp.CSS("#card-contactless")), chromedp.Click(chromedp.CSS(`#wallet .acts [value="tap"]`)))
	reached(t, toy, Action{ActionTap, "contactless"})
	do(t, ctx, until(`document.querySelector(".prompt").textContent.includes("Enter PIN")`), until(`document.activeElement.id === "unit"`))
	for i, key := range []string{"1", "2", "9", "4"} {
		do(t, ctx, chromedp.KeyEvent(key))
		reached(t, toy, Action{ActionKey, key})
		do(t, ctx, until(fmt.Sprintf(`document.querySelectorAll(".dots .in").length === %d`, i+1)))
	}
	do(t, ctx, chromedp.KeyEvent(kb.Backspace), until(`document.querySelectorAll(".dots .in").length === 0`))
	reached(t, toy, Action{ActionKey, "yellow"})
	do(t, ctx, chromedp.KeyEvent("12345678"), chromedp.KeyEvent(kb.Enter), until(`document.querySelector("#screen.on-remove") && !document.querySelector(".dots")`))
	for _, want := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "green"} {
		reached(t, toy, Action{ActionKey, want})
	}

	// A refusal stands near the screen and goes with the next success.
	do(t, ctx, chromedp.KeyEvent(kb.Escape), until(`document.getElementById("notice").textContent.includes("No key is asked for.")`))
	reached(t, toy, Action{ActionKey, "red"})
	do(t, ctx, chromedp.Click(chromedp.CSS("#slot .inside")), until(`!document.querySelector("#slot .inside") && !document.getElementById("notice").textContent`))
	reached(t, toy, Action{ActionPull, ""})

	// A change from outside leaves the focus and the choice of a card alone.
	do(t, ctx, chromedp.Focus(chromedp.CSS(`#group-Payment select`)))
	toy.change(func(v *View) {
		v.Screen = rich().Screen
		v.Slip = append(v.Slip, "One more line")
		v.Switches[3].Value = "lose"
	})
	do(t, ctx, until(`document.querySelector("#trouble h2").textContent.includes("2 set")`), until(`document.activeElement.matches("#group-Payment select")`),
		until(`document.querySelector("#card-contactless input").checked`))

	drag(t, ctx, "#card-foreign", "#slot")
	reached(t, toy, Action{ActionInsert, "foreign"})

	// The terminal goes away: the page says so.
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, until(`document.getElementById("link").className === "lost"`))
	// It comes back: the page shows its present state by itself.
	toy.change(func(v *View) { v.Screen.Lines = []string{"Back again"} })
	_, stopAgain, err := Listen(addr, New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stopAgain()
	do(t, ctx, until(`document.getElementById("link").className === "live" && document.querySelector(".prompt").textContent.includes("Back again")`))
	for _, s := range said() {
		if !isConnectionError(s) {
			t.Error(s)
		}
	}
}

// isConnectionError is true for what the browser says about the stream that the
// test ended, and about the refusal that the test asked for.
func isConnectionError(s string) bool {
	for _, part := range []string{"/0/stream", "status of 422"} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// drag moves a card with the mouse.
func drag(t *testing.T, ctx context.Context, from, to string) {
	t.Helper()
	middle := func(selector string) (x, y float64) {
		p, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`(() => { const e = document.querySelector(`+strconv.Quote(selector)+`); e.scrollIntoView({block: "nearest"});
			const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()`))
		if err != nil {
			t.Fatal(err)
		}
		return p[0], p[1]
	}
	middle(from) // scrolls
	fx, fy := middle(from)
	tx, ty := middle(to)
	do(t, ctx,
		chromedp.MouseEvent(chromedp.MousePressed, fx, fy, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		chromedp.MouseEvent(chromedp.MouseMoved, fx-20, fy+20, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseMoved, tx, ty, chromedp.ButtonLeft),
		until(`document.querySelector("body.dragging .ghost") && document.querySelector("#slot.over")`),
		chromedp.MouseEvent(chromedp.MouseReleased, tx, ty, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		until(`!document.querySelector(".ghost")`))
}

// The page's forms do everything without its script.
func TestBrowserWithoutScript(t *testing.T) {
	toy := newToy(rich())
	addr, stop, err := Listen("127.0.0.1:0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx := browse(t)
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate("http://"+addr+"/"))
	do(t, ctx, chromedp.Click(chromedp.CSS("#keys .green")))
	reached(t, toy, Action{ActionKey, "green"})
	do(t, ctx, chromedp.WaitVisible(chromedp.CSS("#notice a")), chromedp.Click(chromedp.CSS("#notice a")), chromedp.WaitNotPresent(chromedp.CSS("#notice a")))
	do(t, ctx, chromedp.Click(chromedp.CSS("#card-debit")), chromedp.Click(chromedp.CSS("#slot button")))
	reached(t, toy, Action{ActionInsert, "debit"})
	do(t, ctx, chromedp.WaitVisible(chromedp.CSS("#screen.on-pin")), chromedp.Click(chromedp.CSS("#group-Payment .set")))
	reached(t, toy, Action{ActionFault, "payment.request=ok"})
}
