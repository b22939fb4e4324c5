package poynt

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// text is a message on the terminal's screen. The till never sees any of them
// (poynt.md 7.3).
type screenText struct {
	words, more string
	icon        string // as pinpad.Screen
}

var (
	textWelcome       = screenText{"Welcome", "Ready for the till", "idle"}
	textPresent       = screenText{"Tap, insert or swipe", "", "card"}
	textCredit        = screenText{"Refund: tap, insert or swipe", "", "card"}
	textTip           = screenText{"Add a tip?", "", "tip"}
	textPIN           = screenText{"Enter PIN", "", "pin"}
	textWrongPIN      = screenText{"Wrong PIN", "", "no"}
	textNoCash        = screenText{"Cash is switched off", "", "no"}
	textProcessing    = screenText{"Processing", "", "wait"}
	textSign          = screenText{"Please sign here", "", "sign"}
	textApproved      = screenText{"Approved", "", "ok"}
	textDeclined      = screenText{"Declined", "", "no"}
	textAgain         = screenText{"Declined", "Another card? Green: yes, red: no", "card"}
	textCancelled     = screenText{"Cancelled", "", "no"}
	textRemove        = screenText{"Remove card", "", "remove"}
	textConfirmVoid   = screenText{"Void this payment?", "Green: yes, red: no", "wait"}
	textConfirmRefund = screenText{"Amount to refund", "Green: refund, red: cancel", "wait"}
	textNoSuch        = screenText{"No such transaction", "", "no"}
	textStarting      = screenText{"Starting", "", "off"}
)

func screenOf(shown screenText, state string) pinpad.Screen {
	lines := []string{shown.words}
	if shown.more != "" {
		lines = append(lines, shown.more)
	}
	return pinpad.Screen{State: state, Icon: shown.icon, Lines: lines, PIN: -1}
}

// show puts a text on the screen, with the number of PIN digits (-1: none is
// asked) and the question that it puts. A session that has lost the terminal to
// the next one shows nothing any more.
func (s *session) show(shown screenText, digits int, a *asked) {
	c, t := s.c, s.t
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.latest != s || t.off || c.life.Ended() {
		return
	}
	s.asked = a
	state := "idle"
	if t.running == s {
		state = string(s.order.kind)
	}
	t.screen = screenOf(shown, state)
	t.screen.PIN = digits
	if shown == textWelcome {
		t.field = ""
	} else {
		minor := s.due + s.tip
		if a != nil && a.kind == askConfirm {
			minor = a.amount
		}
		t.screen.Amount = shownAmount(minor, s.order.currency)
	}
	c.log.Changed()
}

// print puts the customer's slip out, unless the till prints itself.
func (s *session) print(rec record) {
	if s.order.flag("skipReceiptScreen") {
		return
	}
	b := rec.Booking
	slip := []string{"TEST - no money moves", businessName, storeName, "", shownAmount(b.AmountMinor, b.Currency), b.Card,
		"Approved " + rec.approval(), b.At.Local().Format(time.DateTime), b.ID}
	if b.Kind == kindRefund {
		slip[3] = "Refund"
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.t.slip = slip
	s.c.log.Changed()
}

func (r record) approval() string {
	if r.Transaction == nil || r.Transaction.Processor == nil {
		return ""
	}
	return r.Transaction.Processor.Approval
}

// shownAmount writes an amount for a person: "12.56 USD".
func shownAmount(minor int64, currency string) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return sign + money.Amount{Minor: minor, Currency: currency}.Decimal() + " " + currency
}
