package frontend_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend"
)

// fetch gives what a page answers.
func fetch(t *testing.T, p http.Handler, method, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code, w.Body.String()
}

// TestCustomerSeesOnlyTheirs: of everything that the till knows of a payment, and of
// other payments, the customer's page has the amount, what to do and how it ended.
func TestCustomerSeesOnlyTheirs(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	other := d.saleOn("terrace", 99900)
	other.doubt(true)
	old := d.sale(7700)
	old.end(payment.Success, "")
	now := old.op
	now.EndedAt = time.Now().Add(-time.Hour)
	d.put(now, "", nil)

	page := "/customer/front/"
	secrets := []string{"999.00", "77.00", "1234", "Visa", "612345", "000012345678", "Ada", "href=\"/", "<form", "<a ", "terrace", "in doubt", "Settle", "History"}
	look := func(says ...string) {
		t.Helper()
		var code int
		var body string
		lacks := func(text string) bool { return !strings.Contains(body, text) }
		for late := time.Now().Add(30 * time.Second); time.Now().Before(late); runtime.Gosched() { // the news need a moment
			if code, body = fetch(t, p, "GET", page); code == http.StatusOK && !slices.ContainsFunc(says, lacks) {
				break
			}
		}
		if slices.ContainsFunc(says, lacks) {
			t.Errorf("%d without %q:\n%s", code, says, body)
		}
		for _, text := range secrets {
			if strings.Contains(body, text) {
				t.Errorf("the customer sees %q:\n%s", text, body)
			}
		}
	}
	look("Welcome", "Café Rosengård")

	s := d.sale(12500)
	s.op.Reference, s.op.Operator = "TABLE-7", "Ada"
	secrets = append(secrets, "TABLE-7", s.op.ID)
	s.prompt(payment.PromptPresent, "raw words", payment.Customer, 0)
	look("125.00", "Present your card", "at the card terminal")
	s.prompt(payment.PromptPINDigits, "****", payment.Customer, 3)
	look("Enter your PIN")
	s.prompt(payment.PromptAuthorise, "", payment.Bank, 0)
	look("One moment, please")
	s.doubt(false)
	look("125.00", "We are checking this payment. Please do not pay again.")
	s.op.Doubt.Parked = true
	s.op = d.put(s.op, "", nil)
	look("<h1>Please ask the cashier</h1>")
	if _, body := fetch(t, p, "GET", page); strings.Contains(body, "125.00") {
		t.Error("what a manager has to settle stands on the customer's page for everybody")
	}
	s.op.Doubt = payment.Doubt{}
	s.end(payment.Refused, payment.ReasonIssuer)
	look("Not paid", "Please ask the cashier.")

	s = d.sale(4200)
	s.end(payment.Success, "")
	secrets = append(secrets, "125.00")
	look("Paid", "42.00", "Thank you!")
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmAmount, Text: "Another amount"}}
	s.op = d.put(s.op, "", nil)
	look("42.00", "<h1>Please ask the cashier</h1>")
}

// Below a display's path nothing is changed, and nothing of the till is told.
func TestCustomerHasNoWayIn(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	d.saleOn("terrace", 99900).doubt(true)
	for path, want := range map[string]int{"/customer/front/": 200, "/customer/nobody/": 404, "/customer/front/x": 404, "/customer/front/events/x": 404,
		"/customer/": 404, "/customer/nobody/events": 404, "/customer/front/icons.svg": 200} {
		code, body := fetch(t, p, "GET", path)
		if code != want || strings.Contains(body, "999.00") || strings.Contains(body, "<form") {
			t.Errorf("%s: %d\n%s", path, code, body)
		}
	}
	for _, path := range []string{"/customer/front/", "/customer/front/events"} {
		if code, _ := fetch(t, p, "POST", path); code == http.StatusOK {
			t.Errorf("POST %s: %d", path, code)
		}
	}
	if n := len(d.calls); n != 1 { // the sale of the script
		t.Errorf("the engine was called: %v", d.calls)
	}
	if got := frontend.CustomerPath("my till"); got != "/customer/my%20till/" {
		t.Error(got)
	}
}

// In the window a button has the till open the customer's page: of a terminal that there
// is, and nothing else.
func TestOpenCustomer(t *testing.T) {
	d := newDesk()
	var opened []string
	var fails error
	p := frontend.New(frontend.Deps{Engine: d, Journal: d, OpenCustomer: func(path string) error { opened = append(opened, path); return fails }})
	t.Cleanup(p.Close)
	if page := get(t, p, "/"); !strings.Contains(page, `action="/customer"`) || strings.Contains(page, "_blank") {
		t.Error("there is no button for the customer's page, or a link beside it")
	}
	for _, name := range []string{"", "nobody", "front/../terrace"} {
		if w := call(t, p, "POST", "/customer", url.Values{"terminal": {name}}, true); w.Code != http.StatusNotFound || len(opened) != 0 {
			t.Errorf("%q: %d, opened %q", name, w.Code, opened)
		}
	}
	if w := call(t, p, "POST", "/customer", url.Values{"terminal": {"terrace"}}, true); w.Code != http.StatusOK || len(opened) != 1 || opened[0] != "/customer/terrace/" {
		t.Errorf("%d, opened %q", w.Code, opened)
	}
	fails = errors.New("no browser")
	if w := call(t, p, "POST", "/customer", url.Values{"terminal": {"front"}}, true); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "could not be opened") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The stream of a display brings what changes on its terminal, and nothing of another.
func TestCustomerStream(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	server := httptest.NewServer(p)
	t.Cleanup(func() { p.Close(); server.Close() })
	answer, err := http.Get(server.URL + "/customer/front/events")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewReader(answer.Body)
	var seen strings.Builder
	await := func(text string) {
		t.Helper()
		for !strings.Contains(seen.String(), text) {
			line, err := lines.ReadString('\n')
			if err != nil && err != io.EOF || err == io.EOF && line == "" {
				t.Fatalf("%v before %q:\n%s", err, text, seen.String())
			}
			seen.WriteString(line)
		}
	}
	await("Welcome")
	d.saleOn("terrace", 99900)
	s := d.sale(12500)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	await("Present your card")
	s.end(payment.Success, "")
	await("Thank you!")
	if strings.Contains(seen.String(), "999.00") {
		t.Errorf("another terminal's:\n%s", seen.String())
	}
}

// TestCustomerPage shows a wallet's sale on the customer's display, across and upright,
// beside the till's own page.
func TestCustomerPage(t *testing.T) {
	b := open(t, false)
	b.desk.wallets()
	b.visit("/")
	if got := value[string](b, `document.querySelector("#customer-door").getAttribute("href")`); got != "/customer/front/" {
		t.Errorf("the door leads to %q", got)
	}
	old := b.desk.sale(100) // the shop's name is known from it
	old.end(payment.Success, "")
	last := old.op
	last.EndedAt = time.Now().Add(-time.Hour)
	b.desk.put(last, "", nil)
	b.visit("/customer/front/")
	b.until(`document.querySelector("#stream[data-htmx-powered]") !== null`)
	b.customer("welcome", "Welcome")
	b.desk.put(old.op, "", nil)
	b.customer("paid-before", "Thank you!")

	s := b.desk.sale(12500)
	s.op.State = payment.InProgress
	show := func(good time.Duration) {
		s.op.Prompt = payment.Prompt{Code: payment.PromptScan, Text: "Alipay", Waiting: payment.Customer, Narrated: true, QR: "https://wallet.example/pay?order=202611220000000011",
			Until: time.Now().Add(good), Latest: time.Now().Add(time.Hour), At: time.Now()}
		s.op = b.desk.put(s.op, payment.EventPrompt, s.op.Prompt)
	}
	show(165 * time.Second)
	b.customer("code", "Scan to pay")
	if got := value[int](b, `document.querySelectorAll("a, button, form, input, select, summary").length`); got != 0 {
		t.Errorf("%d things can be used by the customer", got)
	}
	show(5 * time.Second)
	b.until(`document.querySelector("#murmur").textContent.startsWith("The time is over.")`)
	b.until(`!document.querySelector(".scene").checkVisibility() && document.querySelector(".run-out").checkVisibility()`)
	s.op.Prompt = payment.Prompt{Code: payment.PromptWait, Waiting: payment.Customer, Narrated: true, Until: time.Now().Add(80 * time.Second), At: time.Now()}
	s.op = b.desk.put(s.op, payment.EventPrompt, s.op.Prompt)
	b.customer("confirm", "Confirm on your phone")
	s.doubt(false)
	b.customer("checking", "We are checking this payment")
	s.op.Doubt = payment.Doubt{}
	s.end(payment.Stopped, payment.ReasonUnpaid)
	b.customer("not-paid", "Not paid")
	b.desk.sale(123456700).end(payment.Success, "")
	b.customer("paid-much", "Thank you!")
	b.desk.sale(12500).end(payment.Success, "")
	b.until(`document.querySelector(".customer .sum").textContent === "125.00\u00a0kr"`)
	b.customer("paid", "Thank you!")
	b.do("a touch fills the screen", chromedp.Click(chromedp.CSS("#customer")))
	b.until(`document.fullscreenElement !== null`)
	b.quiet()
	b.down.Store(true)
	b.web.CloseClientConnections()
	b.until(`document.body.matches(".lost")`)
	b.until(`!document.querySelector("#customer").checkVisibility() && document.querySelector("#offline").textContent.includes("ask the cashier")`)
	b.down.Store(false)
	b.until(`!document.body.matches(".lost")`)
}

// customer awaits a text on the customer's page, looks at it in both positions, and
// asserts that nothing of it is cut.
func (b *browser) customer(name, text string) {
	b.Helper()
	b.until(`document.querySelector("#customer").textContent.includes("` + text + `")`)
	b.until(`[...document.images].every(image => image.complete)`)
	b.do("load axe", chromedp.Evaluate[chromedp.Void](b.axe+";0"))
	schemes := []string{"light"}
	if name == "code" || name == "paid" || name == "not-paid" {
		schemes = append(schemes, "dark")
	}
	for _, scheme := range schemes {
		b.media(scheme)
		for _, size := range [][2]int64{{1280, 800}, {1080, 1920}, {390, 844}} {
			b.size(size[0], size[1])
			b.picture(fmt.Sprintf("customer-%s-%dx%d-%s", name, size[0], size[1], scheme))
			over := value[int](b, `Math.max(...[...document.querySelectorAll(".customer, .scene, .words")].map(e => Math.max(e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight)), document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight)`)
			if over > 3 { // letters reach a little beyond their lines
				b.Errorf("%s: %d pixels are cut at %v", name, over, size)
			}
		}
		b.violations("customer " + name + " " + scheme)
	}
	b.media("light")
	b.size(1280, 800)
}
