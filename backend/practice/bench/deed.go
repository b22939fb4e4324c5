package bench

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// DeedKind says what somebody did at a terminal.
type DeedKind int

// The deeds of people.
const (
	DeedWake   DeedKind = iota // nothing was done; look again
	DeedInsert                 // a card, into the slot
	DeedTap
	DeedSwipe
	DeedPull // the card, out of the slot
	DeedKey
	DeedPIN // all of it at once
	DeedTip
	DeedSign
	DeedPaper // a roll is put in
)

// Keys that are not digits.
const (
	KeyGreen  = "green"
	KeyYellow = "yellow"
	KeyRed    = "red"
)

// Deed is what somebody did at a terminal.
type Deed struct {
	Kind  DeedKind
	Card  string // the id of what was presented
	Key   string // a digit, or one of the keys above
	Right bool   // the PIN
	Well  bool   // the signature
	Minor int64  // the tip, in minor units
}

// Presses says that the deed is the press of that key.
func (d Deed) Presses(key string) bool { return d.Kind == DeedKey && d.Key == key }

// Presents says that a card, a phone or a watch is presented.
func (d Deed) Presents() bool {
	return d.Kind == DeedInsert || d.Kind == DeedTap || d.Kind == DeedSwipe
}

// Sentence is an error that is told to the person at the page as it stands.
type Sentence string

func (s Sentence) Error() string { return string(s) }

// DeedOf translates an action at the page of a terminal into what was done there
// with the cards of its wallet.
func DeedOf(a pinpad.Action, wallet []pinpad.Card) (Deed, error) {
	switch a.Name {
	case pinpad.ActionInsert, pinpad.ActionTap, pinpad.ActionSwipe:
		return presentation(a, wallet)
	case pinpad.ActionPull:
		return Deed{Kind: DeedPull}, nil
	case pinpad.ActionKey:
		if len(a.Value) == 1 && a.Value[0] >= '0' && a.Value[0] <= '9' || slices.Contains([]string{KeyGreen, KeyYellow, KeyRed}, a.Value) {
			return Deed{Kind: DeedKey, Key: a.Value}, nil
		}
		return Deed{}, fmt.Errorf("there is no key %q", Shorten(a.Value))
	case pinpad.ActionPIN:
		if a.Value != "right" && a.Value != "wrong" {
			return Deed{}, Sentence(`The PIN is "right" or "wrong"`)
		}
		return Deed{Kind: DeedPIN, Right: a.Value == "right"}, nil
	case pinpad.ActionTip:
		minor, err := strconv.ParseInt(a.Value, 10, 64)
		if err != nil || minor < 0 {
			return Deed{}, fmt.Errorf("%q is not a tip", Shorten(a.Value))
		}
		return Deed{Kind: DeedTip, Minor: minor}, nil
	case pinpad.ActionSign:
		if a.Value != "well" && a.Value != "badly" {
			return Deed{}, Sentence(`One signs "well" or "badly"`)
		}
		return Deed{Kind: DeedSign, Well: a.Value == "well"}, nil
	}
	return Deed{}, noAction(a)
}

func presentation(a pinpad.Action, wallet []pinpad.Card) (Deed, error) {
	i := slices.IndexFunc(wallet, func(c pinpad.Card) bool { return c.ID == a.Value })
	if i < 0 {
		return Deed{}, fmt.Errorf("there is no card %q in the wallet", Shorten(a.Value))
	}
	switch c := wallet[i]; {
	case a.Name == pinpad.ActionInsert && c.Chip:
		return Deed{Kind: DeedInsert, Card: c.ID}, nil
	case a.Name == pinpad.ActionTap && c.Tap:
		return Deed{Kind: DeedTap, Card: c.ID}, nil
	case a.Name == pinpad.ActionSwipe && c.Swipe:
		return Deed{Kind: DeedSwipe, Card: c.ID}, nil
	}
	return Deed{}, fmt.Errorf("%s cannot be presented that way", wallet[i].Name)
}

// Senseless says why a deed makes no sense now.
func (d Deed) Senseless() error {
	switch d.Kind {
	case DeedInsert, DeedTap, DeedSwipe:
		return Sentence("No payment is waiting for a card")
	case DeedPull:
		return Sentence("There is no card to pull now")
	case DeedPIN:
		return Sentence("No PIN is asked")
	case DeedTip:
		return Sentence("No tip is asked")
	case DeedSign:
		return Sentence("No signature is asked")
	}
	return Sentence("The keys do nothing now")
}
