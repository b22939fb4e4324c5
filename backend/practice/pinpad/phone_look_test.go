package pinpad

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// handsets are views of a phone that look different.
var handsets = map[string]func(*View){
	"idle": func(v *View) {
		v.Screen, v.Phone.Asks, v.Phone.Offers = Screen{State: "ready", Icon: "idle", Lines: []string{"Show this code to the cashier"}, PIN: -1}, false, nil
	},
	"scan": func(v *View) {
		v.Screen.Icon, v.Screen.State, v.Screen.Lines, v.Phone.Asks = "scan", "scan", []string{"The till shows a QR", "Scan it to pay"}, false
	},
	"pin": func(v *View) { v.Phone.Code, v.Phone.Offers = "", nil },
	"wait": func(v *View) {
		v.Screen.Icon, v.Screen.State, v.Screen.Lines, v.Phone.Online, v.Phone.Code = "wait", "offline", []string{"No connection", "Trying again"}, false, ""
	},
	"ok": func(v *View) {
		v.Screen.Icon, v.Screen.State, v.Screen.Lines, v.Phone.Asks, v.Phone.Offers = "ok", "paid", []string{"Paid", "Practice Corner Shop"}, false, nil
	},
	"no": func(v *View) {
		v.Screen.Icon, v.Screen.State, v.Screen.Lines, v.Phone.Asks, v.Phone.Code = "no", "closed", []string{"Order closed", "Nothing was paid"}, false, ""
	},
}

// TestPhoneLooks wants every state of a phone to be open to everybody, in both
// schemes, and nothing to stand out of a narrow page. It takes pictures on request.
func TestPhoneLooks(t *testing.T) {
	axe := axeSource(t)
	toy := newToy(called())
	server, stop, err := Listen("127.0.0.1:0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx := browse(t)
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate("http://"+server+"/0/"), until(`document.getElementById("link").className === "live"`),
		chromedp.Evaluate[chromedp.Void](axe+"; undefined"))
	for name, change := range handsets {
		toy.change(func(v *View) { *v = called(); change(v) })
		do(t, ctx, until(`document.querySelector("#screen.on-`+name+`")`))
		for _, scheme := range []string{"light", "dark"} {
			prefer(t, ctx, scheme)
			found, err := chromedp.Run(ctx, lookWithAxe)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range found {
				for _, n := range v.Nodes {
					t.Errorf("%s, %s: %s (%s): %s\n%s\n%s", name, scheme, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
				}
			}
			picture(t, ctx, "phone-"+name+"-"+scheme+".png", scheme)
		}
	}
	for _, width := range []int64{1024, 390} {
		do(t, ctx, chromedp.EmulateViewport(width, 844))
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		if err != nil {
			t.Fatal(err)
		}
		if wide > width {
			t.Errorf("at %d px the page is %d px wide", width, wide)
		}
		picture(t, ctx, fmt.Sprintf("phone-%d.png", width), "light")
	}
}

// The whole way of a person at the phone: scan, pay by keyboard, a new code.
func TestPhoneInBrowser(t *testing.T) {
	toy := newToy(called())
	server, stop, err := Listen("127.0.0.1:0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx := browse(t)
	said := complaints(t, ctx)
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate("http://"+server+"/0/"), until(`document.getElementById("link").className === "live"`))
	do(t, ctx, chromedp.Click(chromedp.CSS(`.offers button`)))
	reached(t, toy, Action{ActionScan, "1"})
	do(t, ctx, chromedp.Click(chromedp.CSS(`.apps [value="wechatpay"]`)))
	reached(t, toy, Action{ActionWallet, "wechatpay"})
	do(t, ctx, chromedp.Click(chromedp.CSS(`.mishaps [value="no-money"]`)))
	reached(t, toy, Action{ActionNoMoney, ""})
	do(t, ctx, chromedp.Focus(chromedp.CSS("#unit")), chromedp.KeyEvent("7"), chromedp.KeyEvent("\r"))
	reached(t, toy, Action{ActionKey, "green"})
	for _, s := range said() {
		if !isConnectionError(s) {
			t.Error(s)
		}
	}
}
