package view

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Lane is a column of the timeline.
type Lane string

// The lanes of the timeline.
const (
	LaneTill     Lane = "till"
	LaneTerminal Lane = "terminal"
	LaneBank     Lane = "bank"
)

// Row is one line of the timeline: who did it, and to whom if it is a message.
type Row struct {
	ID       string
	At       time.Time
	From, To Lane // To is empty for what happens in one place
	Text     string
	Small    string // the terminal's own words
	Body     string // the redacted message
	Class    string // tone of the row
}

// Share is a stretch of the payment's time: who was waited for, and for how long.
type Share struct {
	Party payment.Party // empty: the till
	Took  time.Duration
	X, W  string // place and width in a bar of 1000 units
}

// TimelineOf makes a timeline and the shares of the time from the events.
func TimelineOf(op payment.Operation, events []payment.Event, now time.Time) ([]Row, []Share) {
	rows := make([]Row, 0, len(events))
	var trail []payment.Prompt
	pinEntry := false
	for _, e := range events {
		row, ok := rowOf(e)
		if e.Kind == payment.EventPrompt {
			p := decode[payment.Prompt](e)
			isPIN := p.Code == payment.PromptPIN || p.Code == payment.PromptPINDigits
			ok = ok && !(isPIN && pinEntry) // the entry of a PIN is one line (design 10.7)
			pinEntry = isPIN
			trail = append(trail, p)
		}
		if ok {
			row.ID, row.At = fmt.Sprintf("event-%d", e.Seq), e.At
			rows = append(rows, row)
		}
	}
	end := op.EndedAt
	if end.IsZero() {
		end = now
	}
	return rows, sharesOf(op.CreatedAt, end, trail)
}

func decode[T any](e payment.Event) T {
	var data T
	// What cannot be read stays empty: the row then shows the event's kind only.
	_ = json.Unmarshal(e.Data, &data)
	return data
}

func rowOf(e payment.Event) (Row, bool) {
	switch e.Kind {
	case payment.EventCreated:
		return Row{From: LaneTill, Text: "Begun at the till"}, true
	case payment.EventAttempt:
		a := decode[payment.Attempt](e)
		return Row{From: LaneTill, Text: fmt.Sprintf("Attempt %d recorded, before the first byte leaves", a.Number), Small: a.Reference}, true
	case payment.EventPrompt:
		return promptRow(decode[payment.Prompt](e)), true
	case payment.EventMessage:
		return messageRow(decode[payment.Message](e)), true
	case payment.EventSlip:
		return Row{From: LaneTerminal, To: LaneTill, Text: fmt.Sprintf("Slip: %s copy", decode[payment.Slip](e).Copy)}, true
	case payment.EventQuestion:
		return Row{From: LaneTerminal, To: LaneTill, Text: "Asks: does the signature match?", Small: decode[payment.Question](e).Text, Class: "waiting"}, true
	case payment.EventAnswer:
		text := "Answered: it does not match"
		if decode[payment.Answer](e).Yes {
			text = "Answered: it matches"
		}
		return Row{From: LaneTill, To: LaneTerminal, Text: text}, true
	case payment.EventProvisional:
		return Row{From: LaneTerminal, To: LaneTill, Text: "Approved, if the signature matches", Class: "waiting"}, true
	case payment.EventResult:
		r := decode[payment.Result](e)
		return resultRow(r), true
	case payment.EventSettled:
		return settledRow(decode[payment.Settlement](e)), true
	case payment.EventAlarm:
		return Row{From: LaneTill, Text: "Alarm", Small: decode[payment.Alarm](e).Text, Class: "declined"}, true
	case payment.EventPrinted:
		p := decode[payment.Print](e)
		text := fmt.Sprintf("Handed out: %s copy", p.Copy)
		if p.Number > 0 {
			text = fmt.Sprintf("%s, reprint %d", text, p.Number)
		}
		return Row{From: LaneTill, Text: text}, true
	}
	return noteRow(e), true
}

func promptRow(p payment.Prompt) Row {
	row := Row{From: LaneTerminal, Text: Prompt(p).Text, Small: p.Text}
	if p.Code == payment.PromptPIN || p.Code == payment.PromptPINDigits {
		row.Text, row.Small = "PIN entry", ""
	}
	if p.Narrated {
		row.From = LaneTill
	} else if p.Waiting == payment.Bank {
		row.To = LaneBank
	}
	if row.Small == row.Text {
		row.Small = ""
	}
	return row
}

func messageRow(m payment.Message) Row {
	row := Row{From: LaneTill, To: LaneTerminal, Text: m.Name, Body: m.Body, Small: m.Fault, Class: "message"}
	if m.In {
		row.From, row.To = LaneTerminal, LaneTill
	}
	if m.Fault != "" {
		row.Class = "message doubt"
	}
	if m.Took > 0 && row.Small == "" {
		row.Small = "after " + Took(m.Took)
	}
	return row
}

func resultRow(r payment.Result) Row {
	row := Row{From: LaneTerminal, To: LaneTill, Text: "Answer that decides nothing", Small: r.ReasonText, Class: "doubt"}
	switch r.Outcome {
	case payment.Success:
		row.Text, row.Class = "Approved", "approved"
	case payment.Refused:
		row.Text, row.Class = "Declined", "declined"
	case payment.Stopped:
		row.Text, row.Class = "Cancelled", "cancelled"
	case payment.NotDone:
		row.Text, row.Class = "Provably not carried out", "cancelled"
	}
	return row
}

func settledRow(s payment.Settlement) Row {
	word := "not paid"
	if s.Paid {
		word = "paid"
	}
	small := s.Why
	if s.Code != "" {
		small += " (" + s.Code + ")"
	}
	return Row{From: LaneTill, Text: fmt.Sprintf("Settled by hand as %s by %s", word, s.Operator), Small: small, Class: "doubt"}
}

// noteRows words the kinds of event that carry a note.
var noteRows = map[payment.EventKind]Row{
	payment.EventWithdrawn: {From: LaneTerminal, To: LaneTill, Text: "The question was taken back"},
	payment.EventAbort:     {From: LaneTill, Text: "The cashier asks to stop", Class: "cancelled"},
	payment.EventDoubt:     {From: LaneTill, Text: "In doubt", Class: "doubt"},
	payment.EventAsked:     {From: LaneTill, To: LaneTerminal, Text: "Asked how it ended"},
	payment.EventParked:    {From: LaneTill, Text: "Left to a manager; still watched", Class: "doubt"},
	payment.EventNote:      {From: LaneTill, Text: "Note"},
}

func noteRow(e payment.Event) Row {
	row, known := noteRows[e.Kind]
	if !known {
		row = Row{From: LaneTill, Text: string(e.Kind)}
	}
	n := decode[payment.Note](e)
	row.Small = n.Text
	if row.Small == "" && n.Reason != "" {
		row.Small = reasons[n.Reason].What
	}
	return row
}

// barUnits is the width of the bar of shares.
const barUnits = 1000

// sharesOf gives each stretch between two prompts to whom the earlier one waits
// for; what lies before the first is the till's.
func sharesOf(from, to time.Time, trail []payment.Prompt) []Share {
	total := to.Sub(from)
	if from.IsZero() || total <= 0 {
		return nil
	}
	var sums = map[payment.Party]time.Duration{}
	at, who := from, payment.Party("")
	for _, p := range append(trail[:len(trail):len(trail)], payment.Prompt{At: to}) {
		until := p.At
		if until.After(to) {
			until = to
		}
		if until.After(at) {
			sums[who] += until.Sub(at)
			at = until
		}
		if who = p.Waiting; who == "" {
			who = payment.Device
		}
	}
	var list []Share
	x := 0.0
	for _, who := range []payment.Party{"", payment.Device, payment.Customer, payment.Bank, payment.Cashier, payment.Printer} {
		if took := sums[who]; took > 0 {
			w := barUnits * float64(took) / float64(total)
			list = append(list, Share{Party: who, Took: took, X: fmt.Sprintf("%.1f", x), W: fmt.Sprintf("%.1f", w)})
			x += w
		}
	}
	return list
}

// shareWords names whom a stretch belongs to.
func shareWords(s Share) (name, class string) {
	switch s.Party {
	case "":
		return "Till", "of-till"
	case payment.Customer:
		return "Customer", "of-customer"
	case payment.Bank:
		return "Bank", "of-bank"
	case payment.Cashier:
		return "Cashier", "of-cashier"
	case payment.Printer:
		return "Printer", "of-printer"
	}
	return "Terminal", "of-device"
}

// Took writes a duration for a person.
func Took(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// Clock writes a time of day.
func Clock(t time.Time) string { return t.Local().Format("15:04:05") }

// Day writes a date with its time of day.
func Day(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// Elapsed writes how long something has lasted: "0:05".
func Elapsed(from, now time.Time) string {
	s := max(0, int(now.Sub(from).Seconds()))
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Age writes how long ago something was.
func Age(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < 2*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return Day(t)
}
