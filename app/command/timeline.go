package command

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// told says an event of the timeline in one line; what belongs below it, such as
// the redacted message itself, is body. Data that cannot be read is shown as it is.
func told(e payment.Event) (line, body string) {
	switch e.Kind {
	case payment.EventMessage:
		return read(e, func(m payment.Message) (string, string) { return message(m) })
	case payment.EventPrompt:
		return read(e, func(p payment.Prompt) (string, string) {
			return strings.TrimSpace(fmt.Sprintf("%s %s", p.Code, quoted(p.Text))) + waiting(p.Waiting), ""
		})
	case payment.EventAttempt:
		return read(e, func(a payment.Attempt) (string, string) {
			return fmt.Sprintf("number %d, reference %s, id %d", a.Number, a.Reference, a.Serial), ""
		})
	case payment.EventResult, payment.EventProvisional:
		return read(e, func(r payment.Result) (string, string) {
			return joined(string(r.Outcome), string(r.Reason), r.ReasonText, r.References.Terminal, r.References.AuthCode), ""
		})
	case payment.EventSlip:
		return read(e, func(s payment.Slip) (string, string) { return joined(string(s.Copy)+" copy", s.Receipt, s.Flawed), "" })
	case payment.EventAnswer:
		return read(e, func(a payment.Answer) (string, string) {
			return joined(map[bool]string{true: "it matches", false: "it does not match"}[a.Yes], a.Operator), ""
		})
	case payment.EventQuestion:
		return read(e, func(q payment.Question) (string, string) { return joined("does the signature match?", q.Text), "" })
	case payment.EventSettled:
		return read(e, func(s payment.Settlement) (string, string) {
			return joined(map[bool]string{true: "paid", false: "not paid"}[s.Paid], s.Why, s.Code, s.Operator), ""
		})
	case payment.EventAlarm:
		return read(e, func(a payment.Alarm) (string, string) { return joined(a.Code, a.Text), "" })
	case payment.EventPrinted:
		return read(e, func(p payment.Print) (string, string) {
			return joined(fmt.Sprintf("%s copy, number %d", p.Copy, p.Number), p.Where, p.Operator), ""
		})
	case payment.EventCreated:
		return read(e, func(op payment.Operation) (string, string) {
			return fmt.Sprintf("%s %d of %s %s on %s", op.Kind, op.Number, op.Total().Decimal(), op.Currency, op.Terminal), ""
		})
	}
	return read(e, func(n payment.Note) (string, string) { return joined(string(n.Reason), n.Text, n.Operator), "" })
}

func read[T any](e payment.Event, say func(T) (string, string)) (string, string) {
	var data T
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return string(e.Data), ""
	}
	return say(data)
}

func message(m payment.Message) (line, body string) {
	way := "till -> terminal"
	if m.In {
		way = "terminal -> till"
	}
	line = joined(way, m.Name, m.ID, m.Fault)
	if m.Status != 0 {
		line += fmt.Sprintf(", HTTP %d", m.Status)
	}
	if m.Took != 0 {
		line += ", took " + m.Took.Round(time.Millisecond).String()
	}
	return line, m.Body
}

func waiting(p payment.Party) string {
	if p == "" {
		return ""
	}
	return ", waiting for the " + string(p)
}

func quoted(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%q", text)
}

// joined puts the parts that there are behind each other.
func joined(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return strings.Join(list, ", ")
}

// indented puts a text below a line of the timeline.
func indented(text string) string {
	const margin = "                     "
	return margin + strings.ReplaceAll(strings.TrimSpace(printable(text)), "\n", "\n"+margin)
}

// printable takes out what could steer the screen: a message may hold anything.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '\uFFFD'
		}
		return r
	}, text)
}
