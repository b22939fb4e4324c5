package view

import (
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// PromptWords is how the till shows a prompt.
type PromptWords struct {
	Text string
	Icon string // in icons.svg
}

// prompts words every prompt in the till's language. PromptText has no words of
// its own: the terminal's are shown.
var prompts = map[payment.PromptCode]PromptWords{
	payment.PromptConnecting: {"Connecting to the terminal", "link"},
	payment.PromptWelcome:    {"The terminal is ready", "terminal"},
	payment.PromptWait:       {"Please wait", "clock"},
	payment.PromptPresent:    {"Present card", "card"},
	payment.PromptPIN:        {"Customer enters PIN", "keypad"},
	payment.PromptPINDigits:  {"Customer enters PIN", "keypad"},
	payment.PromptReading:    {"Reading the card", "chip"},
	payment.PromptTip:        {"Customer chooses the tip", "coins"},
	payment.PromptAuthorise:  {"Asking the bank", "bank"},
	payment.PromptRemove:     {"Remove card", "eject"},
	payment.PromptCardIn:     {"Card inserted", "chip"},
	payment.PromptCardOut:    {"Card removed", "eject"},
	payment.PromptSign:       {"Signature needed", "pen"},
	payment.PromptScan:       {"Scan the code", "scan"},
	payment.PromptApproved:   {"The terminal shows: approved", "check"},
	payment.PromptDeclined:   {"The terminal shows: declined", "cross"},
	payment.PromptStopped:    {"The terminal shows: cancelled", "stop"},
	payment.PromptBusy:       {"The terminal is busy, trying again", "clock"},
	payment.PromptSignIn:     {"Signing in at the terminal", "link"},
	payment.PromptAsking:     {"Asking the terminal how it ended", "question"},
	payment.PromptError:      {"The terminal shows an error", "alert"},
	payment.PromptText:       {"", "terminal"},
}

// Prompt words a prompt; an unknown one by the terminal's own text. Before the
// first one stands the till's own first screen (DM-10).
func Prompt(p payment.Prompt) PromptWords {
	if p == (payment.Prompt{}) {
		return prompts[payment.PromptConnecting]
	}
	w, known := prompts[p.Code]
	if !known {
		w.Icon = "terminal"
	}
	if w.Text == "" {
		w.Text = p.Text
	}
	if w.Text == "" {
		w.Text = "Please wait"
	}
	return w
}

// parties words whom a payment waits for.
var parties = map[payment.Party]string{
	payment.Customer: "the customer", payment.Cashier: "you", payment.Bank: "the bank",
	payment.Device: "the terminal", payment.Printer: "the printer",
}

// Party words whom a payment waits for; nobody known is the terminal.
func Party(p payment.Party) string {
	if w, ok := parties[p]; ok {
		return w
	}
	return parties[payment.Device]
}

// Tone is a state's colour and icon; the word always stands beside them.
type Tone struct{ Word, Icon, Class string }

// tones words every state.
var tones = map[payment.State]Tone{
	payment.Created:        {"Starting", "clock", "waiting"},
	payment.Sending:        {"Sending", "clock", "waiting"},
	payment.InProgress:     {"In progress", "clock", "waiting"},
	payment.AwaitingAnswer: {"Signature", "pen", "waiting"},
	payment.Aborting:       {"Stopping", "clock", "waiting"},
	payment.Approved:       {"Approved", "check", "approved"},
	payment.Declined:       {"Declined", "cross", "declined"},
	payment.Cancelled:      {"Cancelled", "stop", "cancelled"},
	payment.Failed:         {"Not carried out", "stop", "cancelled"},
	payment.InDoubt:        {"In doubt", "question", "doubt"},
}

// State words a state; an unknown one is shown as doubt, never as an outcome.
func State(s payment.State) Tone {
	if t, ok := tones[s]; ok {
		return t
	}
	return Tone{"Unknown state", "question", "doubt"}
}

// kinds words what an operation does.
var kinds = map[payment.Kind]string{payment.Sale: "Sale", payment.Refund: "Refund", payment.Void: "Void", payment.Capture: "Capture"}

// Kind words what an operation does.
func Kind(k payment.Kind) string {
	if w, ok := kinds[k]; ok {
		return w
	}
	return "Operation"
}

// terminals words a terminal's state.
var terminals = map[engine.TerminalState]Tone{
	engine.TerminalUnknown: {"No answer yet", "clock", "cancelled"},
	engine.TerminalReady:   {"Ready", "check", "approved"},
	engine.TerminalBusy:    {"Busy", "clock", "waiting"},
	engine.TerminalInDoubt: {"Taken: payment in doubt", "question", "doubt"},
	engine.TerminalOffline: {"Not reached", "cross", "declined"},
}

// TerminalState words a terminal's state.
func TerminalState(s engine.TerminalState) Tone {
	if t, ok := terminals[s]; ok {
		return t
	}
	return terminals[engine.TerminalUnknown]
}

var entries = map[payment.Entry]string{
	payment.EntryChip: "chip", payment.EntryContactless: "contactless", payment.EntrySwipe: "magnetic stripe",
	payment.EntryManual: "typed", payment.EntryMobile: "phone",
}

// Card words the card: brand and what may be shown of its number.
func Card(c payment.Card) string {
	text := c.Brand
	if c.Masked != "" {
		text += " " + c.Masked
	}
	if e := entries[c.Entry]; e != "" && text != "" {
		text += ", " + e
	}
	return text
}

// LastFour takes the last four digits of a masked number.
func LastFour(c payment.Card) string {
	if len(c.Masked) < 4 {
		return ""
	}
	return c.Masked[len(c.Masked)-4:]
}

// TitleOf names the till's page by what is on it.
func TitleOf(v Till) string {
	switch v.Screen {
	case ScreenPayment:
		return Kind(v.Op.Kind)
	case ScreenSignature:
		return "Signature"
	case ScreenDoubt, ScreenResult:
		return title(v.Op)
	case ScreenFence:
		return fenceWords(v).Title
	}
	return "Sale"
}

// Shout is what a screen reader says at once: PIN, question, outcome. Empty: there
// is nothing to interrupt for.
func Shout(v Till) string {
	switch {
	case v.Screen == ScreenResult || v.Screen == ScreenDoubt:
		o := Outcome(v.Base, v.Op, v.Aborted)
		return strings.TrimSpace(fmt.Sprintf("%s. %s %s", o.Title, o.Money, o.First))
	case v.Screen == ScreenFence:
		w := fenceWords(v)
		return w.Title + ". " + w.Money
	case v.Screen == ScreenSignature:
		return "Signature needed. Compare the signature: F6 it matches, F9 it does not match."
	case v.Screen == ScreenPayment && (v.Op.Prompt.Code == payment.PromptPIN || v.Op.Prompt.Code == payment.PromptPINDigits):
		return "The customer enters the PIN."
	}
	return ""
}
