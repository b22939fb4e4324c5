package pinpad

import (
	"bytes"
	"embed"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed view/*.html
var views embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"title": title,
}).ParseFS(views, "view/*.html"))

// render draws a template completely before anything of it is sent.
func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// page is the whole document; live is the part of it that changes.
type page struct {
	Tabs   []tab
	Notice string
	live
}

type tab struct {
	Path, Name, Model string
	Here              bool
}

// live is a View with what its drawing needs.
type live struct {
	View
	Path    string // "/0/"
	Icon    string // the screen's picture, always one that exists
	Urgent  bool   // a screen reader says it at once
	Wants   bool   // a card can be presented now
	Dots    []bool // for the PIN: true is an entered digit
	Wallet  []held
	Handset *handset // the drawn phone; nil: a terminal
	Groups  []group
	Trials  int // switches that are not on their untroubled choice
	Totals  []total
	Plays   string // what the chosen customer does
	Newest  []Line // the log, newest first
}

// held is a card of the wallet with its place and look.
type held struct {
	Card
	First  bool   // it is in the customer's hand at first
	Place  string // "slot", "field" or empty: in the wallet
	Design string // class of the drawing
	Label  string // the brand; the word Test stands on the whole page already
}

// group holds the switches of one heading.
type group struct {
	Title    string
	Switches []toggle
	Trials   int // of them, those in trouble
}

// toggle is a Switch with its drawing.
type toggle struct {
	Switch
	Trouble bool   // it is not on its untroubled choice
	Two     bool   // two choices: a press flips it
	Big     bool   // the network cable: the one that is pulled most
	Other   string // the value when it is none of the choices
	Flip    string // what the press of a Two sends
}

const (
	pinDots = 4  // drawn places for a PIN before anything is typed
	maxDots = 12 // ISO 9564 knows no longer PIN
	designs = 5  // drawings for brands without one of their own
)

var (
	icons  = []string{"idle", "card", "pin", "wait", "ok", "no", "remove", "sign", "tip", "off", "scan"}
	urgent = []string{"pin", "ok", "no"}
	brands = []string{"visa", "mastercard", "maestro", "amex", "eftpos", "dankort"}
)

// draw makes what the templates need of a View.
func draw(i int, v View) live {
	l := live{View: v, Path: "/" + strconv.Itoa(i) + "/", Icon: v.Screen.Icon}
	if !slices.Contains(icons, l.Icon) {
		l.Icon = "wait"
	}
	l.Urgent = slices.Contains(urgent, l.Icon)
	l.Wants = l.Icon == "card"
	if v.Screen.PIN >= 0 {
		entered := min(v.Screen.PIN, maxDots)
		l.Dots = make([]bool, max(pinDots, entered))
		for d := range entered {
			l.Dots[d] = true
		}
	}
	for n, c := range v.Cards {
		l.Wallet = append(l.Wallet, hold(c, n == 0, v))
	}
	l.Handset = drawPhone(v.Phone)
	l.Groups, l.Trials = sortSwitches(v.Switches)
	l.Totals = totals(v.Ledger)
	for _, c := range v.Customers {
		if c.Name == v.Customer {
			l.Plays = c.Does
		}
	}
	l.Newest = slices.Clone(v.Log[max(0, len(v.Log)-MaxLog):])
	slices.Reverse(l.Newest)
	return l
}

func hold(c Card, first bool, v View) held {
	h := held{Card: c, First: first, Label: strings.TrimSuffix(c.Brand, " Test")}
	switch c.ID {
	case "":
	case v.Slot:
		h.Place = "slot"
	case v.Field:
		h.Place = "field"
	}
	h.Design = design(c)
	return h
}

// design names the look of a card: its brand's, or one that follows from its id.
func design(c Card) string {
	brand := strings.ToLower(c.Brand)
	for _, b := range brands {
		if strings.Contains(brand, b) {
			return "brand-" + b
		}
	}
	sum := 0
	for _, r := range c.ID {
		sum += int(r)
	}
	return "brand-" + strconv.Itoa(sum%designs)
}

// Headings of the switches that share none with another.
const (
	headingMessages = "Other messages"
	headingTerminal = "The terminal itself"
)

// sortSwitches puts the switches under headings: the part of their name before
// the dot if several share it. It counts those in trouble.
func sortSwitches(all []Switch) (groups []group, trials int) {
	shared := map[string]int{}
	for _, s := range all {
		prefix, _, _ := strings.Cut(s.Name, ".")
		shared[prefix]++
	}
	for _, s := range all {
		heading, _, _ := strings.Cut(s.Name, ".")
		switch {
		case shared[heading] > 1:
			heading = title(heading)
		case strings.HasPrefix(s.Label, "The next "):
			heading = headingMessages
		default:
			heading = headingTerminal
		}
		at := slices.IndexFunc(groups, func(g group) bool { return g.Title == heading })
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{Title: heading})
		}
		t := toggled(s)
		if t.Trouble {
			trials++
			if !t.Big { // it is drawn above the headings
				groups[at].Trials++
			}
		}
		groups[at].Switches = append(groups[at].Switches, t)
	}
	return groups, trials
}

func toggled(s Switch) toggle {
	t := toggle{Switch: s, Two: len(s.Choices) == 2}
	if len(s.Choices) == 0 {
		return t
	}
	t.Trouble = s.Value != s.Choices[0]
	if !slices.Contains(s.Choices, s.Value) {
		t.Other = s.Value
	}
	if t.Two {
		t.Flip = s.Choices[1]
		if t.Trouble {
			t.Flip = s.Choices[0]
		}
		t.Big = s.Name == "network"
	}
	return t
}

// title writes a name for a person: "wrong-pin" becomes "Wrong PIN",
// "always:lose" "Always: lose".
func title(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	for i, w := range words {
		if w == "pin" || w == "qr" {
			words[i] = strings.ToUpper(w)
		}
	}
	s = strings.ReplaceAll(strings.Join(words, " "), ":", ": ")
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
