package nexo

import (
	"strings"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// text is a message on the screen, with the number under which the till gets it.
// The terminal's own list of numbers is not public; 202 for "Approved" is seen,
// the others are invented (nexo-retailer.md 10.2).
type text struct {
	id    int
	words string
	icon  string // as pinpad.Screen
}

var (
	textClosed      = text{1, "Closed", "off"}
	textWelcome     = text{2, "Welcome", "idle"}
	textWait        = text{3, "Please wait", "wait"}
	textUpdating    = text{4, "Updating", "wait"}
	textStarting    = text{5, "Starting", "off"}
	textPresent     = text{101, "Present card", "card"}
	textTip         = text{105, "Choose a tip", "tip"}
	textPIN         = text{110, "Enter PIN", "pin"}
	textWrongPIN    = text{111, "Wrong PIN", "no"}
	textAuthorizing = text{120, "Authorizing", "wait"}
	textSign        = text{130, "Please sign", "sign"}
	textApproved    = text{202, "Approved", "ok"}
	textDisapproved = text{203, "Disapproved", "no"}
	textAborted     = text{204, "Transaction aborted", "no"}
	textReversed    = text{205, "Reversal approved", "ok"}
	textRemove      = text{210, "Remove card", "remove"}
)

func screenOf(shown text, state string) pinpad.Screen {
	return pinpad.Screen{State: state, Icon: shown.icon, Lines: []string{shown.words}, PIN: -1}
}

// show puts a text on the screen and mirrors it to a till in default mode.
func (t *Terminal) show(p *payment, shown text) { t.showAsking(p.service, shown, -1, nil) }

// showAsking is show with the number of PIN digits, -1 when no PIN is asked, and
// with the question that the text puts to the customer: it can be answered as
// soon as the text stands there, however slowly the till takes its copy. A
// service that has lost the terminal to the next one shows nothing any more.
func (t *Terminal) showAsking(s *service, shown text, digits int, a *asked) {
	t.mu.Lock()
	if t.latest != s || t.off || t.life.Ended() {
		t.mu.Unlock()
		return
	}
	s.asked = a
	state := "idle"
	if t.running == s {
		state = strings.ToLower(s.category)
	}
	amount := t.screen.Amount
	if shown == textWelcome {
		amount, t.field = "", ""
	}
	t.screen = screenOf(shown, state)
	t.screen.PIN, t.screen.Amount = digits, amount
	if digits >= 0 {
		t.screen.Lines = []string{textPIN.words}
	}
	t.log.Changed()
	t.mu.Unlock()
	t.displayIn(s.ctx, s.session, s.header.get("ServiceID"), shown)
}
