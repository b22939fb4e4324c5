package view

import (
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Customer is what a customer may see of a terminal. Of Op only the state, the amounts
// and the prompt are drawn.
type Customer struct {
	Now      time.Time
	Lang     language.Tag
	Practice bool
	Merchant string // as slips have it; empty: not known
	Wallet   bool
	Op       payment.Operation // zero: nobody pays
}

// scene is what the customer's page shows.
type scene struct {
	Class, Icon string // class: welcome, pay, wait, paid, not
	Label       string // above the amount
	Amount      string // empty: none is shown
	Lead        string // the largest words
	More        string
	Code        bool // the till's code stands in the middle
	Timed       bool // the time that is left counts down
}

// sceneOf chooses what a customer sees. Nothing is said of which the till is not sure.
func sceneOf(v Customer) scene {
	op := v.Op
	amount := Money(v.Lang, op.Shown())
	back := op.Kind == payment.Refund || op.Kind == payment.Void
	switch {
	case op.ID == "" || op.Kind == payment.Capture:
		return scene{Class: "welcome", Icon: "desk", Lead: "Welcome"}
	case op.State == payment.InDoubt && op.Doubt.Parked: // that customer has left, or stands with the cashier
		return scene{Class: "wait", Icon: "person", Lead: "Please ask the cashier"}
	case op.State == payment.InDoubt || ranOut(op.Prompt, v.Now) && !op.State.Final():
		return scene{Class: "wait", Icon: "clock", Label: label(back), Amount: amount, Lead: "One moment, please", More: "We are checking this payment. Please do not pay again."}
	case op.State == payment.Approved && len(op.OpenAlarms()) > 0 && !otherAmount(op):
		return scene{Class: "wait", Icon: "person", Lead: "Please ask the cashier"}
	case op.State == payment.Approved && back:
		return scene{Class: "paid", Icon: "check", Amount: amount, Lead: "Given back to you"}
	case op.State == payment.Approved && otherAmount(op):
		return scene{Class: "wait", Icon: "person", Label: "You paid", Amount: amount, Lead: "Please ask the cashier"}
	case op.State == payment.Approved && op.AuthOnly:
		return scene{Class: "paid", Icon: "check", Amount: amount, Lead: "Reserved", More: "Thank you!"}
	case op.State == payment.Approved:
		return scene{Class: "paid", Icon: "check", Amount: amount, Lead: "Paid", More: "Thank you!"}
	case op.State.Final() && back:
		return scene{Class: "not", Icon: "stop", Label: label(back), Amount: amount, Lead: "Not given back", More: "Please ask the cashier."}
	case op.State.Final():
		return scene{Class: "not", Icon: "stop", Label: "To pay", Amount: amount, Lead: "Not paid", More: "Please ask the cashier."}
	}
	return asks(v, scene{Class: "pay", Label: label(back), Amount: amount})
}

// otherAmount: the terminal charged another amount than was asked for.
func otherAmount(op payment.Operation) bool {
	return slices.ContainsFunc(op.Alarms, func(a payment.Alarm) bool { return a.Code == payment.AlarmAmount })
}

// wide tells how long the amount is, for its size.
func (s scene) wide() string {
	switch n := utf8.RuneCountInString(s.Amount); {
	case n > 13:
		return "longest"
	case n > 10:
		return "long"
	}
	return ""
}

func label(back bool) string {
	if back {
		return "You get back"
	}
	return "To pay"
}

// welcome is the page's title: nothing of a payment stands in a title.
func welcome(v Customer) string {
	if v.Merchant == "" {
		return "Welcome"
	}
	return v.Merchant
}

// CustomerPath is the path of a terminal's customer page, with a slash at its end.
func CustomerPath(terminal string) string { return "/customer/" + url.PathEscape(terminal) + "/" }

// asks is what the customer is to do now.
func asks(v Customer, s scene) scene {
	p := v.Op.Prompt
	s.Icon, s.Lead = "clock", "One moment, please"
	if v.Op.State == payment.Aborting {
		return s
	}
	s.Timed = runsOut(p)
	switch {
	case showsCode(p, v.Now):
		s.Code, s.Lead = true, "Scan to pay"
		if p.Text != "" && p.Code == payment.PromptScan {
			s.More = "with " + p.Text
		}
	case v.Wallet && p.Code == payment.PromptWait && p.Waiting == payment.Customer:
		s.Icon, s.Lead = "phone", "Confirm on your phone"
	default:
		s.Timed = false
		if w, known := customerWords[p.Code]; known {
			s.Icon, s.Lead, s.More = w.Icon, w.Text, "at the card terminal"
		}
	}
	return s
}

// customerWords are the prompts that ask something of the customer, at a card terminal.
var customerWords = map[payment.PromptCode]PromptWords{
	payment.PromptPresent:   {"Present your card", "card"},
	payment.PromptPIN:       {"Enter your PIN", "keypad"},
	payment.PromptPINDigits: {"Enter your PIN", "keypad"},
	payment.PromptTip:       {"Choose the tip", "coins"},
	payment.PromptSign:      {"Please sign", "pen"},
	payment.PromptRemove:    {"Take your card", "eject"},
}
