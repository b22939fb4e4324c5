package bench

// Limits of a PIN entry.
const (
	PINTries  = 3
	minDigits = 4
	maxDigits = 12
)

// PINEntry is one entry of a PIN, key by key. The digits never leave it.
type PINEntry struct{ entered string }

// PINState is how far an entry has come.
type PINState int

// The states of an entry.
const (
	PINGoesOn PINState = iota
	PINRight
	PINWrong
	PINCancelled // with the red key
	PINPulled    // the card was pulled
)

// Digits is how many have been entered, for the stars on the screen.
func (e *PINEntry) Digits() int { return len(e.entered) }

// Take takes what was done while the PIN of a card was asked.
func (e *PINEntry) Take(d Deed, pin string) PINState {
	switch {
	case d.Kind == DeedPull:
		return PINPulled
	case d.Kind == DeedPIN:
		return verdict(d.Right)
	case d.Kind != DeedKey:
	case d.Key == KeyRed:
		return PINCancelled
	case d.Key == KeyYellow:
		e.entered = ""
	case d.Key == KeyGreen && len(e.entered) >= minDigits:
		return verdict(e.entered == pin)
	case d.Key != KeyGreen && len(e.entered) < maxDigits:
		e.entered += d.Key
	}
	return PINGoesOn
}

func verdict(right bool) PINState {
	if right {
		return PINRight
	}
	return PINWrong
}

// wrongPIN is nobody's PIN.
const wrongPIN = "9999"

// TypePIN is the next key of somebody who types a PIN for that time (from 1) and has
// typed so many digits. Right says for which times they know it; after those they do.
func TypePIN(pin string, right []bool, try, digits int) Deed {
	if try <= len(right) && !right[try-1] {
		pin = wrongPIN
	}
	if digits < len(pin) {
		return Deed{Kind: DeedKey, Key: pin[digits : digits+1]}
	}
	return Deed{Kind: DeedKey, Key: KeyGreen}
}
