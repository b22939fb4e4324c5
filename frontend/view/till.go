package view

import (
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// pinCells is how many places for PIN digits are drawn; a PIN has 4 to 12 digits,
// and more than six are shown as six.
const pinCells = 6

func isPIN(p payment.Prompt) bool {
	return p.Code == payment.PromptPIN || p.Code == payment.PromptPINDigits
}

// raw is the terminal's own text when it says more than ours; the stars of a PIN
// are drawn as dots.
func raw(p payment.Prompt) string {
	if strings.Trim(p.Text, "* ") == "" || strings.EqualFold(p.Text, Prompt(p).Text) {
		return ""
	}
	return p.Text
}

// trailWords words one line of the mirror's history.
func trailWords(wallet bool, p payment.Prompt) string {
	if isPIN(p) {
		return "PIN entry"
	}
	return promptOf(wallet, p).Text
}

// trailRaw is the terminal's own text under it, if it says more.
func trailRaw(p payment.Prompt) string {
	if isPIN(p) {
		return ""
	}
	return raw(p)
}

// extras names tip and cash back as asked for.
func extras(b Base, op payment.Operation) string {
	return parts(b, op, op.TipAsked, op.CashbackAsked)
}

// got names tip and cash back as charged, and whether the amount has changed since it was
// approved; a slip that was handed out before shows another one.
func got(b Base, op payment.Operation) string {
	if op.State != payment.Approved {
		return extras(b, op)
	}
	with := parts(b, op, op.Tip, op.Cashback)
	if op.Adjusted == nil {
		return with
	}
	changed := b.Money(op.Money(op.Adjusted.From)) + " when it was approved"
	if op.Adjusted.Prints > 0 && op.Prints == op.Adjusted.Prints {
		changed += ": hand out the corrected slip"
	}
	return strings.TrimPrefix(with+"; "+changed, "; ")
}

func parts(b Base, op payment.Operation, tip, cashback int64) string {
	var list []string
	if tip != 0 {
		list = append(list, "tip "+b.Money(op.Money(tip)))
	}
	if cashback != 0 {
		list = append(list, "cash back "+b.Money(op.Money(cashback)))
	}
	if len(list) == 0 {
		return ""
	}
	return "with " + strings.Join(list, " and ")
}

// doing is what runs, above its amount.
func doing(op payment.Operation) string {
	if op.Kind == payment.Sale && op.AuthOnly {
		return "Reserve"
	}
	return Kind(op.Kind)
}

// trailTitle stands above the mirror's history: without a display channel nothing is
// a terminal's own.
func trailTitle(v Till) string {
	if v.Terminal.Limits.Mirror {
		return "What the terminal showed"
	}
	return "What Paydesk knows"
}

func printAgain(op payment.Operation) string {
	if op.Prints == 0 {
		return "Print to sign"
	}
	return "Print again"
}

func doubtFoot(v Till) string {
	if v.Op.Doubt.Parked {
		return "Nothing more can be stopped here. Paydesk goes on asking as long as you wait; the terminal stays taken until it tells, or a manager has settled this."
	}
	return "An abort would not tell how it ended. The terminal stays taken until it is known."
}
