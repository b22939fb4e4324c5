package frontend_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestElsewhereScreens takes the card on another terminal in a browser: the choice,
// the till that waits, and each of its ends; by mouse, and by keyboard where a key is
// printed.
func TestElsewhereScreens(t *testing.T) {
	b := open(t, false)
	b.desk.ready()
	s := b.desk.sale(12500)
	s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	b.visit("/")
	b.sees("Present card")
	b.check("payment-elsewhere")
	b.do("elsewhere", chromedp.Click("#elsewhere"))
	b.sees("is asked to stop first")
	b.check("elsewhere")
	b.do("take it there", chromedp.Click("#take-terrace"))
	b.sees("Waiting for front")
	s.op = b.desk.await(t, "a handover", func(o payment.Operation) bool { return o.Handover.Open() })
	b.check("fence-waiting")
	s.doubt(false)
	b.sees("does not answer at present")
	b.check("fence-doubt")
	s.doubt(true)
	s.handed(payment.HandoverParked, "front does not tell.", "")
	b.sees("settles it by hand")
	b.check("fence-parked")
	b.visit("/operation/" + s.op.ID + "/elsewhere")
	b.check("elsewhere-parked")
	b.visit("/")
	s.end(payment.Success, "")
	b.sees("Paid on front")
	b.check("fence-paid")
	b.quiet()
}

// TestElsewhereByItself: the waiting till turns into the payment without a click, and
// Esc keeps it where it was.
func TestElsewhereByItself(t *testing.T) {
	b := open(t, true)
	b.desk.ready()
	s := b.desk.sale(4200)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	b.visit("/operation/" + s.op.ID + "/elsewhere")
	b.do("take it there", chromedp.Click("#take-terrace"))
	b.sees("Waiting for front")
	b.until(`document.querySelector("#keep") !== null`)
	b.keys("\x1b")
	b.until(`document.activeElement.id === "keep"`)
	b.keys("\x1b")
	b.until(`document.cookie !== null && document.querySelector("[data-screen^=payment-]") !== null`)
	s.op = b.desk.await(t, "taken back", func(o payment.Operation) bool {
		return o.Handover != nil && o.Handover.End == payment.HandoverDropped
	})
	b.visit("/operation/" + s.op.ID + "/elsewhere")
	b.do("take it there", chromedp.Click("#take-terrace"))
	b.sees("Waiting for front")
	s.op = b.desk.await(t, "a handover", func(o payment.Operation) bool { return o.Handover.Open() })
	s.end(payment.Stopped, payment.ReasonCashier)
	b.sees("front has let go")
	second := s.d.saleOn("terrace", 4200)
	second.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	s.handed(payment.HandoverStarted, "", second.op.ID)
	b.until(`document.querySelector("[data-screen='payment-` + second.op.ID + `']") !== null`)
	b.quiet()
}

// TestDoubtAndLateMoneyScreens looks at what a manager decides on.
func TestDoubtAndLateMoneyScreens(t *testing.T) {
	b := open(t, false)
	b.desk.ready()
	late := b.desk.late()
	b.visit("/operation/" + late.op.ID + "/alarm")
	b.sees("The terminal says now")
	b.check("alarm-panel")
	b.do("type a name", chromedp.SendKeys("#panel-operator", "Ada"))
	late.op = b.desk.put(late.op, payment.EventNote, payment.Note{Text: "something new"})
	b.until(`document.querySelector("#panel-operator").value === "Ada"`)
	b.keys("\r") // Enter decides nothing here
	b.do("type what was done", chromedp.SendKeys("#panel-why", "the goods were handed over"))
	b.do("answer", chromedp.Click("#alarm-answer"))
	b.until(`location.pathname === "/operation/` + late.op.ID + `" && document.querySelector("#alarm-` + late.op.ID + `") === null`)
	if b.desk.called("alarm 1 Ada: the goods were handed over") != 1 || b.desk.called("start refund") != 0 || b.desk.called("start void") != 0 {
		t.Errorf("%v", b.desk.calls)
	}
	s := b.desk.sale(34900)
	s.prompt(payment.PromptAuthorise, "Ansluter till bank", payment.Bank, 0)
	s.doubt(false)
	b.visit("/?terminal=front")
	b.sees("The customer may have been charged")
	b.check("doubt-elsewhere")
	b.visit("/?terminal=terrace")
	b.until(`document.activeElement.matches("[data-amount]") && document.activeElement.form.hasAttribute("data-htmx-powered")`)
	b.keys("34900\r")
	b.until(`document.querySelector("#other-customer") !== null`)
	b.check("same-amount")
	b.until(`document.querySelector("#other-customer").hasAttribute("data-htmx-powered")`)
	b.do("another customer", chromedp.Click("#other-customer"))
	b.until(`document.querySelector("[data-screen^=payment-]") !== null`)
	s.doubt(true)
	b.visit("/operation/" + s.op.ID + "/settle")
	b.check("settle-panel")
	b.desk.mu.Lock()
	b.desk.terminals[1].Operation = ""
	b.desk.mu.Unlock()

	twice := b.desk.late()
	twice.op.Cart, twice.op.Alarms = "c", append(twice.op.Alarms, payment.Alarm{Code: payment.AlarmTwice, At: time.Now(),
		Text: "This sale is paid twice: by this operation, and by operation 5 of SEK 125.00 on terminal terrace. Give one of them back."})
	twice.op = b.desk.put(twice.op, payment.EventAlarm, twice.op.Alarms[1])
	other := b.desk.saleOn("terrace", 12500)
	other.op.Cart = "c"
	other.end(payment.Success, "")
	b.visit("/operation/" + twice.op.ID + "/alarm")
	b.sees("And the same sale")
	b.check("alarm-twice")
	b.quiet("409 (Conflict)")
}
