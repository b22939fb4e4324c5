package frontend_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/paydesk-till/paydesk/backend/payment"
)

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
	b.keys(kb.Escape + "12500" + kb.Enter + kb.Enter) // F-15: the second is no second sale
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
	if n := len(b.desk.order); n != 1 {
		t.Errorf("%d sales were made", n)
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
	b.do("focus", chromedp.Evaluate[chromedp.Void](`(() => { const yes = document.querySelector("#answer-yes"); yes.focus();
		yes.addEventListener("click", () => { document.body.dataset.clicked = "yes" }, {once: true}) })()`))
	b.keys(kb.Enter + kb.Enter)
	if value[bool](b, `document.activeElement.id !== "answer-yes" || document.body.dataset.clicked !== undefined`) {
		t.Error("Enter answers the question, or takes the focus away")
	}
	b.keys(kb.F6)
	s.op = b.desk.await(t, "an answer", func(o payment.Operation) bool { return o.State == payment.InProgress })
	if b.desk.called("answer true q1") != 1 || b.desk.called("answer") != 1 {
		t.Errorf("answers: %v", b.desk.calls)
	}
	b.until(`document.querySelector("#answer-no") === null`)
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
	for range 7 {
		s.d.put(s.op, payment.EventMessage, payment.Message{Terminal: "front", Name: "TransactionStatusRequest", Body: "{}"})
		s.d.put(s.op, payment.EventMessage, payment.Message{Terminal: "front", In: true, Name: "TransactionStatusResponse", Body: "{}", Took: 31 * time.Millisecond})
		s.d.put(s.op, payment.EventAsked, payment.Note{Text: "The terminal is still busy with it."})
	}
	b.visit("/operation/" + s.op.ID)
	b.sees("Asked 5 more times")
	b.check("operation-in-doubt")
	b.do("open what is folded", chromedp.Click(".repeats summary"))
	b.until(`document.querySelector(".repeats ol .step").checkVisibility()`)
	b.size(1280, 1900)
	b.picture("operation-in-doubt-tall")
	b.size(1280, 800)
	b.visit("/")
	b.sees("The customer may have been charged")
	b.check("doubt")
	b.do("look now", chromedp.Click("#look-"+s.op.ID))
	b.until(`document.querySelector("#bands").textContent.includes("Asked 5 times")`)
	s.op.Doubt.Parked = true
	s.op = b.desk.put(s.op, payment.EventParked, payment.Note{})
	b.until(`document.querySelector("#settle-` + s.op.ID + `") !== null`)
	b.visit("/operation/" + s.op.ID + "/settle")
	b.check("settle")
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmLateMoney, At: time.Now(), Text: "The terminal now says that this was approved, after it had been taken as declined. The customer has been charged. If the goods were not handed over, void it or refund it."}}
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
	b.do("Enter in a line", chromedp.SendKeys("input[name=line-price]", kb.Enter))
	b.until(`document.querySelectorAll("[data-rows] tr").length === 2 && document.activeElement.name === "line-text"`)
	b.do("cash back beyond the limit", chromedp.SendKeys("input[name=cashback]", "0000000000"))
	b.keys(kb.Enter)
	b.until(`document.querySelector("#sale-error").textContent.includes("beyond the limit")`)
	b.check("sale-error")
	b.size(640, 400) // 1280x800 at 200 %
	b.picture("sale-zoomed")
	if value[bool](b, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("at 200 % something is cut at the side")
	}
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

// TestLostPaydesk: a page that has lost the till says so and dims what may be old;
// it comes back by itself.
func TestLostPaydesk(t *testing.T) {
	b := open(t, true)
	s := b.desk.sale(12500)
	s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	b.sees("Present card")
	b.down.Store(true)
	b.web.CloseClientConnections()
	b.until(`document.querySelector("#offline").textContent.includes("has lost Paydesk")`)
	if !value[bool](b, `document.querySelector("#offline").getClientRects().length > 0 && getComputedStyle(document.querySelector(".mirror")).opacity < 1`) {
		t.Error("nobody sees that the connection is lost")
	}
	b.check("lost")
	b.down.Store(false)
	s.prompt(payment.PromptAuthorise, "Ansluter till bank", payment.Bank, 0)
	b.sees("Asking the bank")
	b.until(`document.querySelector("#offline").textContent === "" && !document.body.classList.contains("lost")`)
	if height := value[float64](b, `document.querySelector(".offline").getBoundingClientRect().height`); height != 0 {
		t.Errorf("the band still takes %v pixels", height)
	}
}

// TestSmallAndByKeyboard: at 200 % the question comes before the slip, rings around
// what has the focus are whole, and F2 leads to the chosen terminal.
func TestSmallAndByKeyboard(t *testing.T) {
	b := open(t, false)
	b.keys(kb.F2)
	b.until(`document.activeElement.id === "use-front"`)
	b.visit("/")
	b.do("open the lines", chromedp.Click("[data-lines] summary"))
	b.do("focus", chromedp.Evaluate[chromedp.Void](`document.querySelector("[name=reference]").focus()`))
	ring := value[float64](b, `(() => { const cut = document.querySelector("[data-lines]").getBoundingClientRect(), at = document.activeElement.getBoundingClientRect();
		return Math.min(cut.right - at.right, at.left - cut.left) })()`)
	if ring < 5 { // 3 pixels wide, 2 away
		t.Errorf("the ring around the reference has %v pixels at the side", ring)
	}
	b.picture("sale-reference")
	s := b.desk.sale(45000)
	s.ask()
	b.sees("Compare the signature")
	for _, size := range [][2]int64{{640, 400}, {390, 844}} {
		b.size(size[0], size[1])
		b.picture(fmt.Sprintf("signature-%d", size[0]))
		if !value[bool](b, `document.querySelector("#answer-no").getBoundingClientRect().bottom <= document.querySelector(".paper").getBoundingClientRect().top`) {
			t.Errorf("at %d pixels the slip comes before the answers", size[0])
		}
	}
	s.end(payment.Success, payment.ReasonNone)
	b.visit("/history")
	if !value[bool](b, `document.querySelector("#rows .state").getBoundingClientRect().right <= document.querySelector("#rows .scroll").getBoundingClientRect().right`) {
		t.Error("at 390 pixels the outcome is off the side of the history")
	}
	b.picture("history-390")
}

// TestBandsLeaveTheSaleWhole: what stands above the sale takes its room, and the sale
// scrolls: its keys do not come to lie over what is below them, and Charge is in sight.
func TestBandsLeaveTheSaleWhole(t *testing.T) {
	b := open(t, true)
	for range 2 {
		s := b.desk.sale(12500)
		s.op.Alarms = []payment.Alarm{{Code: payment.AlarmLateMoney, At: time.Now(), Text: strings.Repeat("It was charged after it had ended as not paid. ", 5)}}
		s.end(payment.Success, payment.ReasonNone)
	}
	b.visit("/?terminal=terrace")
	b.until(`document.querySelectorAll("#bands .alarm").length === 2`)
	for _, size := range [][2]int64{{1280, 800}, {1024, 768}} {
		b.size(size[0], size[1])
		b.until(`document.querySelector(".keypad button:last-of-type").getBoundingClientRect().bottom <= document.querySelector(".more").getBoundingClientRect().top`)
		b.until(`document.querySelector(".charge .button").getBoundingClientRect().bottom <= innerHeight`)
	}
}
