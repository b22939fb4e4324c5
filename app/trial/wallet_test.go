package trial

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// wallets is a till whose terminal takes wallets, in a browser, with the customer's
// display in a second tab and the customer's phone.
type wallets struct {
	*page
	display *page
	phone   *pad
	scanned time.Time // when the last scan ended, by its keys' own clock
}

func serveWallets(t *testing.T) *wallets {
	t.Helper()
	s := start(t, program(t), t.TempDir(), nil, "serve", "--practice", "--listen", "127.0.0.1:0")
	phone := &pad{T: t, base: s.after("pinpad pockyt ")}
	s.address = "http://" + s.after("http://")
	w := &wallets{page: desk(t, s), phone: phone}
	w.visit("/?terminal=pockyt")
	w.display = tab(t, w.ctx, s, w.axe)
	w.display.visit("/customer/pockyt/")
	w.display.shows("Welcome")
	return w
}

// shows waits until the customer's display says something.
func (p *page) shows(text string) {
	p.Helper()
	p.until(`document.querySelector(".customer")?.textContent.includes("` + text + `")`)
}

// amount types an amount in US dollars.
func (w *wallets) amount(digits, label string) {
	w.Helper()
	w.until(`document.activeElement.matches("[data-amount]") && document.activeElement.form.hasAttribute("data-htmx-powered")`)
	w.keys(digits)
	w.until(`document.querySelector("[data-label]").textContent === "Charge ` + label + `\u00a0USD"`)
}

// sell types an amount and has the till show a code.
func (w *wallets) sell(digits, label string) {
	w.Helper()
	w.amount(digits, label)
	w.keys(kb.Enter)
	w.until(`document.querySelector(".mirror img.code")?.naturalWidth === 480`)
	w.display.until(`document.querySelector(".customer img.code")?.naturalWidth === 480`)
	w.display.shows(label + "\u00a0USD")
}

// scan types as a scanner does: fast, at its keys' own times, ended by Enter.
func (w *wallets) scan(text string) {
	w.Helper()
	at := time.Now().Add(time.Second)
	if at.Before(w.scanned) {
		at = w.scanned.Add(time.Second)
	}
	press := func(key, typed string, code int64) {
		w.Helper()
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			k := input.DispatchKeyEventParams{Type: kind, Key: key, WindowsVirtualKeyCode: code, Timestamp: input.TimeSinceEpoch(float64(at.UnixMicro()) / 1e6)}
			if kind == input.DispatchKeyEventTypeKeyDown {
				k.Text, k.UnmodifiedText = typed, typed
			}
			if _, err := chromedp.Call(w.ctx, input.DispatchKeyEvent, k); err != nil {
				w.Fatal("scan:", err)
			}
		}
		at = at.Add(5 * time.Millisecond)
	}
	for _, r := range text {
		press(string(r), string(r), int64(r))
	}
	press("Enter", "\r", 13)
	w.scanned = at
}

var phonesCode = regexp.MustCompile(`<p class="digits" tabindex="0" aria-label="(\d+)"`)

// code is the one that the phone shows now.
func (w *wallets) code() string {
	w.Helper()
	page := w.phone.await("a code on the phone", func(page string) bool { return phonesCode.MatchString(page) })
	return phonesCode.FindStringSubmatch(page)[1]
}

// next leaves a result.
func (w *wallets) next() {
	w.Helper()
	w.newSale()
	w.display.shows("Welcome")
}

// looks keeps pictures of both, and has them judged.
func (w *wallets) looks(name string) {
	w.Helper()
	w.look(name)
	for size, at := range map[string][2]int64{"across": {1280, 800}, "upright": {1080, 1920}} {
		w.display.do("turn the display", chromedp.EmulateViewport(at[0], at[1]))
		keep(w.T, "customer-"+name+"-"+size, ask(w.display, "picture", chromedp.CaptureScreenshot()))
	}
}

// TestWallet sells to wallets with the real program and a practice phone: the customer's
// code is scanned, and the till's code is scanned by the phone. The customer's display
// follows.
func TestWallet(t *testing.T) {
	t.Parallel()
	w := serveWallets(t)
	w.amount("1250", "12.50")
	w.scan("4006381333931") // a chocolate bar
	w.until(`document.querySelector("#sale-error").textContent.includes("product's barcode")`)
	code := w.code()
	w.scan(code)
	w.sees("Customer confirms on the phone")
	w.display.shows("Confirm on your phone")
	w.looks("wallet-confirm")
	w.scan(code) // twice is once
	w.until(`document.querySelector("#notice").textContent.includes("is not used here")`)
	w.phone.do("key", "green")
	w.ends("Approved", "12.50\u00a0USD was charged.")
	w.display.shows("Thank you!")
	w.looks("wallet-paid")
	w.next()

	w.sell("2000", "20.00")
	w.looks("wallet-code")
	w.until(`document.querySelector("#extend[data-htmx-powered]") !== null`)
	w.keys(kb.F7) // the engine and Pockyt's provider know of it, and so does the display
	for _, one := range []*page{w.page, w.display} {
		one.until(`/^3:[1-5]|^4:00/.test(document.querySelector("[role=timer]").textContent)`)
	}
	phone := tab(t, w.ctx, w.till, w.axe)
	phone.do("take the phone", chromedp.Navigate(w.phone.base))
	phone.until(`document.querySelector(".offers button") !== null && document.querySelector("#link").className === "live"`)
	phone.do("scan the till", chromedp.Click(chromedp.CSS(".offers button")))
	phone.until(`document.querySelector("#handset").textContent.includes("Pay ")`)
	keep(t, "phone-asks", ask(phone, "picture of the phone", chromedp.CaptureScreenshot()))
	w.phone.do("key", "green")
	w.ends("Approved", "20.00\u00a0USD was charged.")
	w.display.shows("Thank you!")
	w.quiet()
	w.display.quiet()
	w.paid(2)
}

// TestWalletLeft: the customer leaves, and the cashier gives it up; and one that has left
// pays after all.
func TestWalletLeft(t *testing.T) {
	t.Parallel()
	w := serveWallets(t)
	// The customer leaves: the cashier gives it up, and Pockyt says that nothing was paid.
	w.sell("3000", "30.00")
	w.until(`document.querySelector("#abort[data-htmx-powered]") !== null`)
	w.keys(kb.Escape + kb.Escape)
	w.ends("Cancelled", "Nothing was charged.")
	w.display.shows("Not paid")
	w.looks("wallet-abandoned")
	w.next()

	// This one pays after all, after the till was told that the order is closed.
	w.phone.do("customer", "pays-after-cancel")
	w.sell("4000", "40.00")
	w.phone.await("the customer hesitates", func(page string) bool { return strings.Contains(page, "<p>Pay ") })
	w.until(`document.querySelector("#abort[data-htmx-powered]") !== null`)
	w.keys(kb.Escape + kb.Escape)
	w.ends("Cancelled", "Nothing was charged.")
	w.until(`document.querySelector("#bands .alarm") !== null`)
	w.display.shows("Please ask the cashier")
	w.looks("wallet-late")
	w.click("#bands .alarm a")
	w.until(`document.querySelector("#panel .sides") !== null && document.querySelector("#alarm-refund, #alarm-void") !== null`)
	w.look("wallet-late-decision")
	w.quiet()
	w.display.quiet()
	w.paid(1)
}

// paid asserts how often the wallets really paid.
func (w *wallets) paid(want int) {
	w.Helper()
	ledger := w.phone.await("the ledger", func(string) bool { return true })
	if got := strings.Count(ledger, `<tr class="charged">`); got != want {
		w.Errorf("the wallets paid %d times, want %d", got, want)
	}
}
