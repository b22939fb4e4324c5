package nexo

import (
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Fault is one switch of the trouble to come. The first choice is the untroubled
// one. A Once switch concerns the next message only, unless its value is set with
// the prefix "always:".
type Fault = bench.Fault

var (
	requestChoices = []string{"ok", "lose", "refuse", "swallow"}
	answerChoices  = []string{"ok", "lose", "delay", "slow", "duplicate", "truncate", "garbage", "wrong-id", "wrong-reference",
		"empty-200", "status-204", "status-500", "redirect", "unknown-result", "partial", "unknown-condition", "no-condition"}
	deviceChoices = []string{"ok", "lose", "delay", "duplicate", "reorder", "wrong-id", "wrong-poiid", "truncate", "close"}
)

const (
	requestHelp = "lose: dropped, the connection ends; refuse: the connection is reset; swallow: never answered. None is processed."
	answerHelp  = "What comes back after the terminal has done its work. other-amount charges nine tenths; unknown-condition refuses; no-condition leaves out why something was refused."
	deviceHelp  = "What happens to the next such message from the terminal to the till."
)

var faultTable = makeFaults()

func makeFaults() []Fault {
	var list []Fault
	for _, message := range []string{"payment", "status", "abort", "reversal", "login", "logout"} {
		answers := answerChoices
		switch message {
		case "payment":
			answers = append(slices.Clone(answers), "other-amount", "other-currency")
		case "status":
			answers = append(slices.Clone(answers), "busy", "in-progress", "not-found")
		case "abort":
			answers = []string{"ok", "lose", "delay", "empty-200", "status-500", "garbage"}
		}
		list = append(list,
			Fault{Name: message + ".request", Label: "The next " + message + " request", Choices: requestChoices, Help: requestHelp, Once: true},
			Fault{Name: message + ".answer", Label: "The next " + message + " answer", Choices: answers, Help: answerHelp, Once: true})
	}
	return append(list,
		Fault{Name: "display", Label: "The next display text", Choices: append(slices.Clone(deviceChoices), "flag-true", "flag-absent"), Help: deviceHelp + " flag-true and flag-absent ask for an answer.", Once: true},
		Fault{Name: "event", Label: "The next event", Choices: deviceChoices, Help: deviceHelp, Once: true},
		Fault{Name: "print", Label: "The next print request", Choices: append(slices.Clone(deviceChoices), "immediate", "print-end"), Help: deviceHelp + " immediate and print-end ask for an answer.", Once: true},
		Fault{Name: "input", Label: "The next signature question", Choices: []string{"ok", "lose", "delay", "duplicate", "wrong-id", "wrong-poiid", "truncate", "close", "abort-event"}, Help: deviceHelp + " close: the terminal hangs up; abort-event: it gives the question up and says so.", Once: true},

		Fault{Name: "network", Label: "Network cable", Choices: []string{"plugged", "unplugged"}, Help: "Unplugged: open connections are cut, new ones refused, the bank cannot be reached."},
		Fault{Name: "listener", Label: "The till's listener", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: displays, events and questions to the till get lost."},
		Fault{Name: "cooldown", Label: "Busy after a payment", Choices: []string{"on", "off", "3s"}, Help: "on: as the terminal was set up; 3s: as the real one."},
		Fault{Name: "busy-after-login", Label: "Busy after login", Choices: []string{"off", "1s", "5s", "10s"}, Help: "The terminal talks to its hosts after login."},
		Fault{Name: "new-poiid", Label: "Loading parameters", Choices: []string{"off", "5s", "12s"}, Help: "Login fails with Busy for so long, as after a new POI id."},
		Fault{Name: "maintenance", Label: "Update waiting", Choices: []string{"none", "waiting"}, Help: "An update is announced and installed at the next logout that allows it."},
		Fault{Name: "text-ids", Label: "Numbers before display texts", Choices: []string{"on", "off"}, Help: `on: 101,"Present card"; off: Present card.`},
		Fault{Name: "tips", Label: "Ask for a tip", Choices: []string{"off", "on"}, Help: "The customer may add a tip before the card is read."},
		Fault{Name: "wrong-pin.condition", Label: "After three wrong PINs", Choices: []string{"Refusal", "WrongPIN"}, Help: "The error condition of the answer."},
		Fault{Name: "signature.unanswered", Label: "Signature question not answered", Choices: []string{"refuse", "approve"}, Help: "What the terminal does when the till gives no usable answer."},
		Fault{Name: "abort.effect", Label: "What an abort does", Choices: []string{"obey", "ignore", "late"}, Help: "late: as if the bank had answered already."},
		Fault{Name: "status.notfound", Label: "Status of an unknown payment", Choices: []string{"NotFound", "Refusal", "last"}, Help: "last: the last answer instead, although another was asked for."},
		Fault{Name: "violation", Label: "Answer to a malformed request", Choices: []string{"reject", "format", "400"}, Help: "reject: event Reject and HTTP 204; format: Failure MessageFormat; 400: HTTP error."},
	)
}

// Faults lists every switch for SetFault and the page.
func Faults() []Fault { return slices.Clone(faultTable) }

// SetFault sets a switch. A value beginning with "always:" stays on; without it a
// fault of a message meets the next such message only. Unknown names and values are errors.
func (t *Terminal) SetFault(name, value string) error {
	t.mu.Lock()
	if err := t.faults.Set(name, value); err != nil {
		t.mu.Unlock()
		return err
	}
	if name == "network" {
		t.unplugged.Plug(value == "plugged")
	}
	announce := name == "maintenance" && value == "waiting" && t.session != nil
	t.mu.Unlock()
	if announce {
		t.event(nil, "SaleAdmin", "Maintenance Required", attr{"MaintenanceRequiredFlag", "true"})
	}
	return nil
}
