package bench

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

var purse = []pinpad.Card{{ID: "visa", Name: "Everyday card", Chip: true, Tap: true}, {ID: "stripe", Name: "Stripe", Swipe: true}}

func TestDeedOf(t *testing.T) {
	for action, want := range map[pinpad.Action]Deed{
		{Name: pinpad.ActionInsert, Value: "visa"}:  {Kind: DeedInsert, Card: "visa"},
		{Name: pinpad.ActionTap, Value: "visa"}:     {Kind: DeedTap, Card: "visa"},
		{Name: pinpad.ActionSwipe, Value: "stripe"}: {Kind: DeedSwipe, Card: "stripe"},
		{Name: pinpad.ActionPull}:                   {Kind: DeedPull},
		{Name: pinpad.ActionKey, Value: "7"}:        {Kind: DeedKey, Key: "7"},
		{Name: pinpad.ActionKey, Value: "green"}:    {Kind: DeedKey, Key: KeyGreen},
		{Name: pinpad.ActionPIN, Value: "right"}:    {Kind: DeedPIN, Right: true},
		{Name: pinpad.ActionPIN, Value: "wrong"}:    {Kind: DeedPIN},
		{Name: pinpad.ActionTip, Value: "150"}:      {Kind: DeedTip, Minor: 150},
		{Name: pinpad.ActionSign, Value: "well"}:    {Kind: DeedSign, Well: true},
		{Name: pinpad.ActionSign, Value: "badly"}:   {Kind: DeedSign},
	} {
		if got, err := DeedOf(action, purse); err != nil || got != want {
			t.Errorf("%v: %+v, %v", action, got, err)
		}
		if want.Senseless() == nil {
			t.Errorf("%v cannot be refused", action)
		}
	}
}

func TestDeedsThatAreNone(t *testing.T) {
	for _, action := range []pinpad.Action{
		{Name: pinpad.ActionInsert, Value: "stripe"}, {Name: pinpad.ActionSwipe, Value: "visa"}, {Name: pinpad.ActionTap, Value: "none"},
		{Name: pinpad.ActionKey, Value: "blue"}, {Name: pinpad.ActionKey, Value: "12"}, {Name: pinpad.ActionKey}, {Name: pinpad.ActionPIN, Value: "1234"},
		{Name: pinpad.ActionTip, Value: "-1"}, {Name: pinpad.ActionTip, Value: "much"}, {Name: pinpad.ActionSign}, {Name: pinpad.ActionWallet}, {},
	} {
		if got, err := DeedOf(action, purse); err == nil || got != (Deed{}) {
			t.Errorf("%v is %+v", action, got)
		}
	}
}

func TestPresses(t *testing.T) {
	red, tap := Deed{Kind: DeedKey, Key: KeyRed}, Deed{Kind: DeedTap, Card: "visa"}
	if !red.Presses(KeyRed) || red.Presses(KeyGreen) || red.Presents() || tap.Presses("") || !tap.Presents() {
		t.Error("a key and a card are confused")
	}
}

func TestPINEntry(t *testing.T) {
	key := func(k string) Deed { return Deed{Kind: DeedKey, Key: k} }
	green, yellow := key(KeyGreen), key(KeyYellow)
	for name, one := range map[string]struct {
		deeds []Deed
		state PINState
		stars int
	}{
		"right":     {[]Deed{key("1"), key("2"), key("3"), key("4"), green}, PINRight, 4},
		"wrong":     {[]Deed{key("1"), key("2"), key("3"), key("5"), green}, PINWrong, 4},
		"corrected": {[]Deed{key("9"), yellow, key("1"), key("2"), key("3"), key("4"), green}, PINRight, 4},
		"too short": {[]Deed{key("1"), key("2"), key("3"), green}, PINGoesOn, 3},
		"cancelled": {[]Deed{key("1"), key(KeyRed)}, PINCancelled, 1},
		"pulled":    {[]Deed{key("1"), {Kind: DeedPull}}, PINPulled, 1},
		"at once":   {[]Deed{{Kind: DeedPIN, Right: true}}, PINRight, 0},
		"not right": {[]Deed{{Kind: DeedPIN}}, PINWrong, 0},
		"no key":    {[]Deed{{Kind: DeedTip, Minor: 5}}, PINGoesOn, 0},
	} {
		entry, state := PINEntry{}, PINGoesOn
		for _, d := range one.deeds {
			if state != PINGoesOn {
				t.Fatalf("%s: over too early", name)
			}
			state = entry.Take(d, "1234")
		}
		if state != one.state || entry.Digits() != one.stars {
			t.Errorf("%s: state %d with %d digits", name, state, entry.Digits())
		}
	}
	entry := PINEntry{}
	for range 2 * maxDigits {
		entry.Take(key("1"), "1234")
	}
	if entry.Digits() != maxDigits {
		t.Errorf("%d digits", entry.Digits())
	}
}

func TestTypePIN(t *testing.T) {
	for try, want := range map[int]PINState{1: PINWrong, 2: PINRight, 3: PINWrong, 4: PINRight} {
		entry, state := PINEntry{}, PINGoesOn
		for state == PINGoesOn {
			state = entry.Take(TypePIN("1234", []bool{false, true, false}, try, entry.Digits()), "1234")
		}
		if state != want {
			t.Errorf("try %d: state %d", try, state)
		}
	}
}
