package view

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// Configured is a terminal as it is set up.
type Configured struct {
	Name, Provider string
	Default        bool
	Values         map[string]string // by the setting's key; secrets are empty
	Set            map[string]bool   // the secrets that are stored
	Practice       bool              // made by the practice mode: not to be changed
	Problem        string            // why it could not be opened
	Operator       string            // who changes it
}

// Settings is what the settings page shows.
type Settings struct {
	Base
	Providers  []payment.Info
	Configured []Configured
	Terminals  []engine.TerminalStatus
	Saved      string // the terminal that was just stored
	Tried      Tried
}

// TerminalForm is the form of one terminal.
type TerminalForm struct {
	Settings
	Info     payment.Info
	Terminal Configured
	Known    bool // it exists, and is changed
	Error    string
	// Discovers: the provider can be asked which terminals there are.
	Discovers bool
}

// Discovered is what a provider says of its terminals.
type Discovered struct {
	List  []payment.Found
	Wrong string // why it could not be asked
}

// Tried is what a live test brought.
type Tried struct {
	Name string
	Good bool
	Text string
	At   time.Time
}

// status finds how a terminal that is set up stands; false: it could not be opened.
func (v Settings) status(name string) (engine.TerminalStatus, bool) {
	at := slices.IndexFunc(v.Terminals, func(t engine.TerminalStatus) bool { return t.Name == name })
	if at < 0 {
		return engine.TerminalStatus{}, false
	}
	return v.Terminals[at], true
}

func (v Settings) title(provider string) string {
	for _, info := range v.Providers {
		if info.Name == provider {
			return info.Title
		}
	}
	return provider
}

// value is what stands in a field: what was typed or is stored, else the default.
func (v TerminalForm) value(s payment.Setting) string {
	if given, ok := v.Terminal.Values[s.Key]; ok && (given != "" || v.Known || v.Error != "") {
		return given
	}
	return s.Default
}

// asksHere tells behind which setting the search is offered: the last one that is
// needed.
func (v TerminalForm) asksHere(key string) bool {
	last := ""
	for _, s := range v.Info.Settings {
		if s.Required {
			last = s.Key
		}
	}
	return v.Discovers && key == last
}

// fills are the fields that a found terminal fills, for the page's script.
func fills(f payment.Found) string {
	raw, err := json.Marshal(f.Settings)
	if err != nil { // texts by texts can always be written
		return "{}"
	}
	return string(raw)
}

// long tells a setting of several lines from a word.
func long(s payment.Setting) bool { return s.Lines }

// abilities words what the terminals of a provider can do and what not.
func abilities(t engine.TerminalStatus) (can, cannot []string) {
	for _, one := range []struct {
		yes  bool
		word string
	}{
		{t.Limits.Mirror, "shows its display here"},
		{t.CanAbort, "can be asked to stop"},
		{t.CanVoid, "voids"},
		{t.CanRefund, "refunds"},
		{t.CanRefund && t.Limits.PartialRefund, "refunds parts"},
		{t.Limits.Cashback, "pays out cash"},
		{t.Limits.Authorise && t.CanCapture, "reserves money for later"},
	} {
		if one.yes {
			can = append(can, one.word)
		} else {
			cannot = append(cannot, one.word)
		}
	}
	return can, cannot
}

// abilityWords puts them into two sentences.
func abilityWords(t engine.TerminalStatus) string {
	can, cannot := abilities(t)
	var said []string
	if len(can) > 0 {
		said = append(said, "It "+strings.Join(can, ", ")+".")
	}
	if len(cannot) > 0 {
		said = append(said, "Not with this one: "+strings.Join(cannot, ", ")+".")
	}
	if t.Limits.VoidLastOnly && t.CanVoid {
		said = append(said, "Only its latest payment can be voided.")
	}
	if t.Limits.VoidUntil != "" && t.CanVoid {
		said = append(said, "Voids are taken "+t.Limits.VoidUntil+".")
	}
	if GivesAway(t) {
		said = append(said, "It is set up for refunds without a sale.")
	}
	return strings.Join(said, " ")
}

// closed tells that outcomes arrive from outside, and cannot: no address is set.
func closed(t engine.TerminalStatus) bool { return t.Receives && t.Door.Listening == "" }

// doorWords say whether anything from outside ever arrived.
func doorWords(t engine.TerminalStatus, now time.Time) string {
	switch {
	case t.Door.Listening == "":
		return "Nothing from outside can arrive: no address to listen on is set."
	case t.Delivered.IsZero():
		return "Listening on " + t.Door.Listening + ". Nothing from outside has arrived yet."
	}
	return "Listening on " + t.Door.Listening + ". Something last arrived " + Age(t.Delivered, now) + "."
}

// secretHint stands in the empty field of a secret: it is never shown again.
func secretHint(v TerminalForm, s payment.Setting) string {
	if v.Terminal.Set[s.Key] {
		return "Stored. Leave empty to keep it."
	}
	return ""
}

// pathEscape makes a name fit for a query.
func pathEscape(name string) string { return url.QueryEscape(name) }

// cssText makes a name fit between the quotes of a selector.
func cssText(name string) string {
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", " ").Replace(name)
}
