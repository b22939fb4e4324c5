package iotpay

import (
	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// text is what stands on the PIN pad's screen in Canada's two languages. All of it
// is invented: iotpay.md shows no screens.
type text struct {
	icon            string // as pinpad.Screen
	english, french []string
}

var (
	textReady    = text{"idle", []string{"Welcome", "Bienvenue"}, []string{"Bienvenue", "Welcome"}}
	textOff      = text{"off", []string{"Starting"}, []string{"Démarrage"}}
	textPresent  = text{"card", []string{"Insert, tap or swipe card", "Insérez, présentez ou glissez"}, []string{"Insérez, présentez ou glissez", "Insert, tap or swipe card"}}
	textTip      = text{"tip", []string{"Add a tip?"}, []string{"Ajouter un pourboire ?"}}
	textAccount  = text{"card", []string{"Select account", "1 Chequing", "2 Savings"}, []string{"Choisir le compte", "1 Chèques", "2 Épargne"}}
	textPIN      = text{"pin", []string{"Enter PIN"}, []string{"Entrez votre NIP"}}
	textWrongPIN = text{"no", []string{"Wrong PIN"}, []string{"NIP incorrect"}}
	textBank     = text{"wait", []string{"Authorizing", "Please wait"}, []string{"Autorisation", "Veuillez patienter"}}
	textOffline  = text{"no", []string{"No connection"}, []string{"Aucune connexion"}}
	textApproved = text{"ok", []string{"Approved", "Thank you"}, []string{"Approuvée", "Merci"}}
	textDeclined = text{"no", []string{"Declined"}, []string{"Refusée"}}
	textNotDone  = text{"no", []string{"Transaction not completed"}, []string{"Transaction non complétée"}}
	textStopped  = text{"no", []string{"Cancelled"}, []string{"Annulée"}}
	textSign     = text{"sign", []string{"Please sign the slip"}, []string{"Veuillez signer le reçu"}}
	textRemove   = text{"remove", []string{"Remove card"}, []string{"Retirez la carte"}}
)

// What the screen's corner says.
const (
	stateIdle = "idle"
	stateOff  = "off"
	statePay  = "payment"
)

func screenOf(shown text, french bool, state string) pinpad.Screen {
	s := pinpad.Screen{State: state, Icon: shown.icon, Lines: shown.english, Lang: "en", PIN: -1}
	if french {
		s.Lines, s.Lang = shown.french, "fr"
	}
	return s
}

// show puts a text on the screen. An operation that has lost the screen to the
// next one shows nothing any more.
func (t *Terminal) show(op *operation, shown text) { t.showAsking(op, shown, -1, nil) }

// showAsking is show with the number of PIN digits, -1 when no PIN is asked, and
// the question that the text puts to the person.
func (t *Terminal) showAsking(op *operation, shown text, digits int, a *asked) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest != op || t.off || t.life.Ended() {
		return
	}
	op.asked, op.quiet = a, false
	state := stateIdle
	if t.running == op {
		state = statePay
	}
	t.screen = screenOf(shown, op.rec.Detail.French, state)
	t.screen.PIN = digits
	t.screen.Amount = shownAmount(op.rec.Booking.AmountMinor)
	t.tips = nil
	if a != nil && a.kind == askTip {
		t.tips = tipsOf(op.rec.Request.Amount)
	}
	t.log.Changed()
}

// shownAmount writes an amount for a person: "28.65 CAD".
func shownAmount(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return sign + decimal(minor) + " " + Currency
}

func decimal(minor int64) string { return money.Amount{Minor: minor, Currency: Currency}.Decimal() }
