package pinpad

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screenshots names the folder for pictures; without it none are taken.
const screenshots = "PAYDESK_SCREENSHOTS"

// axePath is where the pages' packages have axe-core; AXE_CORE names another file.
const axePath = "../../../frontend/node_modules/axe-core/axe.min.js"

// prefer sets the colour scheme, without motion: a colour is never half way.
func prefer(t *testing.T, ctx context.Context, scheme string) {
	t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		t.Fatal(err)
	}
}

// states are views of a terminal that look different.
var states = map[string]func(*View){
	"card": func(*View) {},
	"pin": func(v *View) {
		v.Slot, v.Screen = "chip-pin", Screen{State: "payment", Icon: "pin", Lines: []string{"Enter PIN", "and press OK"}, Amount: "125.00 SEK", PIN: 2}
	},
	"ok": func(v *View) {
		v.Slip, v.Screen = nil, Screen{State: "payment", Icon: "ok", Lines: []string{"Approved"}, Amount: "125.00 SEK", PIN: -1}
	},
	"no": func(v *View) {
		v.Field, v.Slip, v.Screen = "phone", nil, Screen{State: "payment", Icon: "no", Lines: []string{"Declined", "Not enough money"}, Amount: "125.00 SEK", PIN: -1}
	},
	"off": func(v *View) {
		v.Switches[6].Value = "unplugged"
		v.Screen = Screen{State: "off", Icon: "off", PIN: -1}
	},
	"tip": func(v *View) {
		v.Customer = "tip"
		v.Tips = []Tip{{"No tip", 0}, {"5 %", 625}, {"10 %", 1250}, {"15 %", 1875}}
		v.Screen = Screen{State: "payment", Icon: "tip", Lines: []string{"Add a tip?"}, Amount: "125.00 SEK", PIN: -1}
	},
	"sign": func(v *View) {
		v.Signed = "well"
		v.Slip = append(v.Slip, "", "Signature:")
		v.Screen = Screen{State: "payment", Icon: "sign", Lines: []string{"Please sign the slip"}, Amount: "125.00 SEK", PIN: -1}
	},
}

// axeSource is axe-core, which is installed with the pages' packages.
func axeSource(t *testing.T) string {
	t.Helper()
	path := os.Getenv("AXE_CORE")
	if path == "" {
		path = axePath
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("axe-core is not installed: ", err)
		}
		t.Skip("axe-core is not installed: ", err)
	}
	return string(axe)
}

// finding is what axe-core says about a page.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML, FailureSummary string
		Target               []string
	}
}

var lookWithAxe = chromedp.Evaluate[[]finding](`axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations)`, chromedp.EvalAwaitPromise)

// TestAxe looks for what keeps people out, in every state, light and dark.
func TestAxe(t *testing.T) {
	axe := axeSource(t)
	toy := newToy(rich())
	server, stop, err := Listen("127.0.0.1:0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx := browse(t)
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate("http://"+server+"/0/"), until(`document.getElementById("link").className === "live"`),
		chromedp.Evaluate[chromedp.Void](axe+"; undefined"),
		chromedp.Evaluate[chromedp.Void](`for (const d of document.querySelectorAll("details")) d.open = true; undefined`))
	for name, change := range states {
		toy.change(func(v *View) { *v = rich(); change(v) })
		do(t, ctx, until(`document.querySelector("#screen.on-`+name+`")`), chromedp.KeyEvent("5"))
		for _, scheme := range []string{"light", "dark", "light, pale housing", "dark, pale housing"} {
			scheme, pale := strings.CutSuffix(scheme, ", pale housing")
			if pale && name != "card" {
				continue // the housing says most while a card is wanted
			}
			prefer(t, ctx, scheme)
			do(t, ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.getElementById("unit").classList.toggle("pale", %t); undefined`, pale)))
			found, err := chromedp.Run(ctx, lookWithAxe)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range found {
				for _, n := range v.Nodes {
					t.Errorf("%s, %s, pale %t: %s (%s): %s\n%s\n%s", name, scheme, pale, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
				}
			}
		}
	}
}

func TestLayout(t *testing.T) {
	toy := newToy(rich())
	server, stop, err := Listen("127.0.0.1:0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx := browse(t)
	do(t, ctx, chromedp.Navigate("http://"+server+"/0/"))
	for _, size := range [][2]int64{{1280, 800}, {1024, 768}, {390, 844}} {
		do(t, ctx, chromedp.EmulateViewport(size[0], size[1]), until(`document.getElementById("link").className === "live"`))
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		if err != nil {
			t.Fatal(err)
		}
		if wide > size[0] {
			over, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > %d && !e.closest(".scroll, .slip")).map((e) => e.outerHTML.slice(0, 80))`, size[0])))
			t.Errorf("at %d px the page is %d px wide: %q %v", size[0], wide, over, err)
		}
		small, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("button, select, summary, .item")].filter((e) => {
			const b = e.getBoundingClientRect(); return b.width && (b.height < 43.5 || b.width < 24) }).map((e) => e.outerHTML.slice(0, 120))`))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range small {
			t.Errorf("at %d px this is too small to hit: %s", size[0], s)
		}
		for _, scheme := range []string{"light", "dark"} {
			picture(t, ctx, fmt.Sprintf("pinpad-%d-%s.png", size[0], scheme), scheme)
		}
	}
}

// TestPictures shows the terminal's states to a person who asked for pictures.
func TestPictures(t *testing.T) {
	if os.Getenv(screenshots) == "" {
		t.Skip("set " + screenshots + " to a folder")
	}
	toy := newToy(rich())
	server, stop, err := Listen("127.0.0.1:0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx := browse(t)
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate("http://"+server+"/0/"), until(`document.getElementById("link").className === "live"`))
	for name, change := range states {
		toy.change(func(v *View) { *v = rich(); change(v) })
		do(t, ctx, until(`document.querySelector("#screen.on-`+name+`")`))
		if name == "off" {
			do(t, ctx, chromedp.KeyEvent("5"), until(`document.getElementById("notice").textContent`))
		}
		if name == "sign" {
			do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("#notice a")?.click()`), chromedp.Click(chromedp.CSS(".slip")))
		}
		for _, scheme := range []string{"light", "dark"} {
			picture(t, ctx, "state-"+name+"-"+scheme+".png", scheme)
		}
	}
}

// picture takes a screenshot for a person to look at.
func picture(t *testing.T, ctx context.Context, name, scheme string) {
	t.Helper()
	dir := os.Getenv(screenshots)
	if dir == "" {
		return
	}
	prefer(t, ctx, scheme)
	for prefix, shoot := range map[string]chromedp.Action[[]byte]{"": chromedp.CaptureScreenshot(), "whole-": chromedp.FullScreenshot(100)} {
		png, err := chromedp.Run(ctx, shoot)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, prefix+name), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
