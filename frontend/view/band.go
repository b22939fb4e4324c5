package view

import (
	"fmt"
	"strconv"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func number(op payment.Operation) string { return strconv.FormatInt(op.Number, 10) }

func doubtTitle(b Base, op payment.Operation) string {
	return fmt.Sprintf("%s %s of %s on %s is in doubt.", Kind(op.Kind), number(op), b.Money(op.Shown()), op.Terminal)
}

func doubtNext(op payment.Operation) string {
	switch {
	case op.Handover.Open():
		return fmt.Sprintf("It goes on on terminal %s as soon as %s says that nothing was charged. Take no money for it meanwhile.", op.Handover.Terminal, op.Terminal)
	case op.Doubt.Parked:
		return "The terminal does not tell how it ended. A manager settles it by hand; until then the terminal is taken."
	case op.Kind == payment.Sale:
		return "Do not take it again: we are asking the terminal."
	case op.Kind == payment.Capture:
		return "Do not take the money in another way: we are asking the terminal."
	}
	return "Do not give the money back again: we are asking the terminal."
}

func doubtAsked(op payment.Operation) string {
	switch op.Doubt.Asked {
	case 0:
		return "Not asked yet, in doubt for"
	case 1:
		return "Asked once, in doubt for"
	}
	return fmt.Sprintf("Asked %d times, in doubt for", op.Doubt.Asked)
}

var alarmTitles = map[string]string{
	payment.AlarmAmount:    "Another amount than asked",
	payment.AlarmLateMoney: "Late money",
	payment.AlarmDispute:   "Two stories",
	payment.AlarmSignature: "Charged in spite of a refused signature",
	payment.AlarmAccount:   "Charged for another account",
	payment.AlarmTwice:     "Paid twice",
	payment.AlarmProof:     "Signature of an answer",
	payment.AlarmSurcharge: "Surcharge on debit",
}

func alarmTitle(code string) string {
	if t, ok := alarmTitles[code]; ok {
		return t
	}
	return "Alarm"
}

// alarmTone is an alarm's, whatever the operation's state is.
var alarmTone = Tone{"Alarm", "alert", "declined"}

// latestAlarm is the newest alarm that nobody has answered.
func latestAlarm(op payment.Operation) payment.Alarm {
	if open := op.OpenAlarms(); len(open) > 0 {
		return open[len(open)-1]
	}
	return payment.Alarm{}
}
