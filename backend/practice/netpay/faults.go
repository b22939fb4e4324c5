package netpay

import (
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Fault is one switch of the trouble to come, or one choice where netpay.md knows
// no answer. The first choice is the untroubled one, or the one that gives a till
// the least. A Once switch concerns the next message only, unless its value is set
// with the prefix "always:".
type Fault = bench.Fault

var (
	lostChoices    = []string{"ok", "lose", "refuse", "swallow"}
	refusedChoices = []string{"status-401", "expired", "code-19", "code-07", "status-500", "status-502"}
	answerChoices  = []string{"ok", "lose", "delay", "late", "slow", "duplicate", "truncate", "garbage", "empty-200", "status-500"}
	pushedChoices  = []string{"status-502", "code-07", "code-number", "no-code", "after-result"}
	pushChoices    = []string{"ok", "lose", "delay", "duplicate"}
	resultChoices  = []string{"ok", "lose", "fail", "delay", "late", "hold", "duplicate", "truncate", "garbage", "empty"}
	moduleChoices  = []string{"true", "unknown", "empty", "missing", "C", "V", "RV", "PRV", "D"}
)

const (
	requestHelp = "lose: the connection ends; refuse: it is reset; swallow: never answered; the others are answers. Nothing of it reaches the terminal."
	answerHelp  = "What the till hears after the push has left for the terminal. after-result: not before the terminal has posted the result."
	pushHelp    = "Between the cloud and the terminal, after the answer \"sent\". lose: it never arrives; delay: 20 s later; duplicate: twice."
	resultHelp  = "lose: nobody sees it; fail: the terminal asks whether to try again; delay: 30 s; late: 10 min; hold: after the next result; garbage: the broken line of NetPay's own sample."
)

var faultTable = makeFaults()

func makeFaults() []Fault {
	list := []Fault{
		{Name: "token.request", Label: "The next token request", Choices: append(slices.Clone(lostChoices), "status-401", "status-500"), Help: requestHelp, Once: true},
		{Name: "token.answer", Label: "The next token answer", Choices: append(slices.Clone(answerChoices), "no-expiry"), Help: "What comes back for a token. no-expiry: without expires_in.", Once: true},
		{Name: "token.life", Label: "Life of a token", Choices: []string{"43199", "600", "60", "1"}, Help: "Seconds; 43199 is documented."},
		{Name: "token.refresh", Label: "Renewal by refresh token", Choices: []string{"keep", "rotate", "refuse-400", "refuse-401"}, Help: "keep: the same refresh token comes back; rotate: a new one. Both refusals are guesses."},
	}
	for _, op := range []opKind{opSale, opReprint, opCancel} {
		name := string(op)
		list = append(list,
			Fault{Name: name + ".request", Label: "The next " + name + " request", Choices: slices.Concat(lostChoices, refusedChoices), Help: requestHelp, Once: true},
			Fault{Name: name + ".answer", Label: "The next answer to a " + name, Choices: slices.Concat(answerChoices, pushedChoices), Help: answerHelp, Once: true},
			Fault{Name: name + ".push", Label: "The next " + name + " push", Choices: pushChoices, Help: pushHelp, Once: true},
			Fault{Name: name + ".result", Label: "The next result of a " + name, Choices: resultChoices, Help: resultHelp, Once: true})
	}
	return slices.Concat(list, contentFaults, unknownFaults)
}

// contentFaults are what stands in results, and who else posts.
var contentFaults = []Fault{
	{Name: "sale.bank", Label: "The bank's next decision", Choices: []string{"ok", "declined", "fraud-rule", "unknown-code", "other-amount", "read-error", "line-breaks"}, Help: "other-amount: nine tenths are charged; read-error: reversed at once; line-breaks: the reversal stays pending.", Once: true},
	{Name: "sale.loyalty", Label: "Loyalty points in the next sale", Choices: []string{"none", "part", "whole"}, Help: "What points pay is missing in amount; the bill is in summary.", Once: true},
	{Name: "result.store", Label: "Store of the next sale", Choices: []string{"ok", "wrong-answer", "wrong-charge"}, Help: "wrong-answer: the right store is charged, the result names another; wrong-charge: another store gets the money and the result says so.", Once: true},
	{Name: "result.types", Label: "Odd types in results", Choices: append([]string{"documented", "cycle"}, oddNames()...), Help: "cycle: each result has the next oddity."},
	{Name: "result.profile", Label: "Age of the terminal's app", Choices: []string{"2025", "2022", "2019"}, Help: "Older apps post fewer fields, and floats as flags."},
	{Name: "result.forged", Label: "A stranger posts during the next sale", Choices: []string{"none", "approved", "wrong-amount", "unknown-folio", "wrong-store", "wrong-serial", "other-till", "last-week"}, Help: "An approval that the terminal has not sent, beside the true result. approved: everything in it is right; other-till: but for the traceability.", Once: true},
	{Name: "reprint.module", Label: "State in the next reprint", Choices: moduleChoices, Help: "reprintModule; true: as it is; unknown: a value that nobody knows.", Once: true},
	{Name: "reprint.folio", Label: "Folio in reprints", Choices: []string{"echo", "empty"}, Help: "A real terminal was seen to leave it empty."},
	{Name: "paper", Label: "Paper", Choices: []string{"in", "out"}, Help: "Out: the result waits until a roll is in and Aceptar is pressed; the red key ends without paper."},
	{Name: "network", Label: "The terminal's network", Choices: []string{"plugged", "unplugged"}, Help: "Unplugged: neither pushes nor the bank nor the till's listener are reached."},
	{Name: "cloud", Label: "NetPay's cloud", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: the till's connections are cut."},
	{Name: "listener", Label: "The till's listener", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: no result gets through, as with a wrong URL."},
	{Name: "app", Label: "Smart PinPad on the terminal", Choices: []string{"front", "background"}, Help: "In the background, pushes are not heard."},
	{Name: "test-post", Label: "Test post when the URL is saved", Choices: []string{"empty", "bill", "none"}, Help: "Its body: nothing, or something like a bill."},
	{Name: "url", Label: "The URL for results", Choices: []string{"saved", "save-again"}, Help: "Saving it again posts the test."},
}

// unknownFaults choose where netpay.md 15 knows no answer.
var unknownFaults = []Fault{
	{Name: "flag-bool", Label: "isSmartAccounts as true without quotes", Choices: []string{"honoured", "ignored"}, Help: "Ignored: as if it were missing."},
	{Name: "foreign-store", Label: "A store outside the group", Choices: []string{"session-error", "charge-default"}, Help: "session-error: the terminal says so and nothing is posted; charge-default: no switch happens and the store that is logged in is charged."},
	{Name: "blocked-store", Label: "A blocked store", Choices: []string{"silence", "post", "refuse"}, Help: "The terminal says \"Usuario no válido\". post: as a result too; refuse: by the cloud at once, with code 21."},
	{Name: "store-after", Label: "After a switch of store", Choices: []string{"returns", "stays"}, Help: "stays: the last store remains logged in and is charged when the flag is missing."},
	{Name: "busy-push", Label: "A push to a busy terminal", Choices: []string{"drop", "queue", "replace"}, Help: "The cloud says \"sent\" in any case."},
	{Name: "offline-push", Label: "A push to a terminal that is offline", Choices: []string{"drop", "queue"}, Help: "queue: it arrives when the terminal is back, possibly as a late charge."},
	{Name: "not-found.status", Label: "HTTP status of code 19", Choices: []string{"200", "400", "404", "500"}, Help: "For a serial number that the cloud does not know."},
	{Name: "malformed", Label: "Answer to a malformed request", Choices: []string{"400", "code", "sent"}, Help: "400: HTTP error; code: HTTP 200 with code 12; sent: \"sent\", and nothing happens."},
	{Name: "folio-reuse", Label: "A folio that was used before", Choices: []string{"charge", "refuse"}, Help: "charge: a second charge, since there is no idempotency key; refuse: with code 94."},
	{Name: "tip", Label: "The till's tip", Choices: []string{"added", "included", "ignored"}, Help: "Whether amount is without the tip or with it."},
	{Name: "second-copy", Label: "The second copy", Choices: []string{"auto", "key"}, Help: "key: the result waits until somebody presses the green key for the customer copy."},
	{Name: "retry", Label: "A result that was not taken", Choices: []string{"clerk", "dismiss"}, Help: "clerk: presses Reintentar a few times; dismiss: gives up at once, and the result is lost."},
	{Name: "reversal.when", Label: "A pending reversal", Choices: []string{"next-sale", "1m", "10m", "never"}, Help: "next-sale: with the next approved sale, as seen; the others after a while."},
	{Name: "reversal.result", Label: "Result of a reversed sale", Choices: []string{"post", "silence"}, Help: "silence: nothing is posted, a reprint tells."},
	{Name: "reprint.not-found", Label: "Reprint of something unknown", Choices: []string{"silence", "post"}, Help: "post: a result with code 25 that names no sale."},
	{Name: "reprint.reach", Label: "How long a sale can be reprinted", Choices: []string{"always", "today"}, Help: "today: until midnight in Mexico City."},
	{Name: "cancel.refusal", Label: "A cancel that is refused", Choices: []string{"post", "silence"}, Help: "post: a result with code 12."},
	{Name: "cancel.cut-off", Label: "Cancel until 20:00", Choices: []string{"request", "processing", "none"}, Help: "Which moment counts, in Mexico City; none: at any hour of the same day."},
}

// Faults lists every switch for SetFault and the page.
func Faults() []Fault { return slices.Clone(faultTable) }

// SetFault sets a switch. A value beginning with "always:" stays on; without it a
// fault of a message meets the next such message only. Unknown names and values are errors.
func (t *Terminal) SetFault(name, value string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.faults.Check(name, value); err != nil {
		return err
	}
	if name == "url" && value == "save-again" {
		t.log.Note("The URL for results is saved again")
		t.life.Spawn(t.postTest)
		return nil
	}
	if err := t.faults.Set(name, value); err != nil {
		return err
	}
	switch name {
	case "network":
		t.unplugged.Plug(value == "plugged")
		t.wakeLocked()
	case "cloud":
		t.cloudDown.Plug(value == "reachable")
	case "app":
		if t.running == nil && t.latest == nil && !t.off {
			shown := textReady
			if value == "background" {
				shown = textAway
			}
			t.screen = screenOf(shown, stateIdle)
		}
	}
	return nil
}
