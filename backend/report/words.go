package report

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// worded says an event in words.
func worded(e payment.Event) Step {
	switch e.Kind {
	case payment.EventCreated:
		return told(e, begun)
	case payment.EventAttempt:
		return told(e, func(a payment.Attempt) Step {
			return Step{From: Till, Text: fmt.Sprintf("Attempt %d recorded, before the first byte leaves", a.Number),
				Detail: fmt.Sprintf("our reference %s, message id %d", a.Reference, a.Serial)}
		})
	case payment.EventPrompt:
		return told(e, prompted)
	case payment.EventMessage:
		return told(e, messaged)
	case payment.EventSlip:
		return told(e, func(s payment.Slip) Step {
			return Step{From: Terminal, To: Till, Text: fmt.Sprintf("Slip: %s copy", s.Copy), Detail: joined(numbered("receipt", s.Receipt), s.Flawed)}
		})
	case payment.EventQuestion:
		return told(e, func(q payment.Question) Step {
			return Step{From: Terminal, To: Till, Text: "Asks the cashier: does the signature match?", Detail: q.Text, Tone: OfWaiting}
		})
	case payment.EventAnswer:
		return told(e, func(a payment.Answer) Step {
			text := "The cashier answers: the signature does not match"
			if a.Yes {
				text = "The cashier answers: the signature matches"
			}
			return Step{From: Till, To: Terminal, Text: text, Person: a.Operator, Tone: OfCashier}
		})
	case payment.EventProvisional:
		return told(e, func(r payment.Result) Step {
			s := concluded(r)
			s.Text, s.Tone = "Approved, if the signature matches", OfWaiting
			return s
		})
	case payment.EventResult:
		return told(e, concluded)
	case payment.EventAdjusted:
		return told(e, adjusted)
	case payment.EventSettled:
		return told(e, settled)
	case payment.EventAlarm:
		return told(e, func(a payment.Alarm) Step {
			return Step{From: Till, Text: "Alarm: " + plain(a.Code), Detail: a.Text, Tone: OfRefusal}
		})
	case payment.EventLooked:
		return told(e, func(a payment.AlarmAnswer) Step {
			return Step{From: Till, Text: "The alarm is answered", Detail: joined(a.Why, numbered("money given back by operation", a.Operation)), Person: a.Operator, Tone: OfCashier}
		})
	case payment.EventHandover:
		return told(e, func(h payment.Handover) Step {
			return Step{From: Till, Text: "Somebody wants to take the card on terminal " + h.Terminal, Detail: "this one is fenced first: its own answer is awaited", Person: h.Operator, Tone: OfCashier}
		})
	case payment.EventHandedOver:
		return told(e, handedOver)
	case payment.EventPrinted:
		return told(e, func(p payment.Print) Step {
			text := fmt.Sprintf("Handed out: %s copy", p.Copy)
			if p.Number > 0 {
				text = fmt.Sprintf("%s, reprint %d", text, p.Number)
			}
			return Step{From: Till, Text: text, Detail: numbered("by way of", p.Where), Person: p.Operator, Tone: OfCashier}
		})
	}
	return told(e, func(n payment.Note) Step { return noted(e.Kind, n) })
}

func begun(op payment.Operation) Step {
	what := string(op.Kind)
	if op.AuthOnly {
		what += ", to reserve the money only,"
	}
	if op.Unlinked() {
		what += " without a sale"
	}
	return Step{From: Till, Text: fmt.Sprintf("Begun at the till: %s %d of %s %s", what, op.Number, op.Total().Decimal(), op.Currency),
		Detail: joined("terminal "+op.Terminal, numbered("account", op.Account), numbered("reason", op.Why)), Person: op.Operator}
}

// ends word what came of the wish to take the card on another terminal.
var ends = map[payment.HandoverEnd]string{
	payment.HandoverStarted: "It goes on on the other terminal",
	payment.HandoverPaid:    "It stays here: it was paid on this terminal after all",
	payment.HandoverParked:  "It stays here: this terminal does not tell, and a manager settles it first",
	payment.HandoverRestart: "It stays here: the till was restarted meanwhile",
	payment.HandoverExpired: "It stays here: it took too long to find out",
	payment.HandoverRefused: "It stays here: the other terminal cannot take it now",
	payment.HandoverDropped: "It stays here: the wish was taken back",
}

func handedOver(h payment.HandedOver) Step {
	s := Step{From: Till, Text: ends[h.End], Detail: joined(h.Text, numbered("operation", h.Operation)), Person: h.Operator, Tone: OfWaiting}
	if s.Text == "" {
		s.Text = "The handover ended: " + plain(string(h.End))
	}
	if h.End == payment.HandoverStarted {
		s.Tone = OfCashier
	}
	return s
}

// PINEntry is the text of every prompt for a PIN.
const PINEntry = "PIN entry"

// prompts say what a terminal showed, in the third person.
var prompts = map[payment.PromptCode]string{
	payment.PromptConnecting: "The till connects to the terminal",
	payment.PromptWelcome:    "The terminal shows its welcome",
	payment.PromptWait:       "The terminal asks to wait",
	payment.PromptPresent:    "The terminal asks for the card",
	payment.PromptPIN:        PINEntry,
	payment.PromptPINDigits:  PINEntry,
	payment.PromptReading:    "The terminal reads the card",
	payment.PromptTip:        "The terminal asks for the tip",
	payment.PromptAuthorise:  "The terminal asks the bank",
	payment.PromptRemove:     "The terminal asks to remove the card",
	payment.PromptCardIn:     "Card inserted",
	payment.PromptCardOut:    "Card removed",
	payment.PromptSign:       "The terminal asks for a signature",
	payment.PromptScan:       "The terminal asks to scan the code",
	payment.PromptApproved:   "The terminal shows: approved",
	payment.PromptDeclined:   "The terminal shows: declined",
	payment.PromptStopped:    "The terminal shows: cancelled",
	payment.PromptBusy:       "The terminal is busy; it is asked again",
	payment.PromptSignIn:     "The till signs in at the terminal",
	payment.PromptAsking:     "The till asks the terminal how it ended",
	payment.PromptError:      "The terminal shows an error",
	payment.PromptText:       "The terminal shows",
}

func prompted(p payment.Prompt) Step {
	s := Step{From: Terminal, Text: prompts[p.Code], Detail: quoted(p.Text), Waiting: p.Waiting}
	switch {
	case p.Narrated:
		s.From = Till
	case p.Waiting == payment.Bank:
		s.To = Bank
	}
	if s.Text == "" {
		s.Text = "The terminal shows " + plain(string(p.Code))
	}
	if p.Narrated {
		s.Detail = joined(s.Detail, "as far as Paydesk knows")
	}
	if p.Code == payment.PromptPIN || p.Code == payment.PromptPINDigits {
		s.Detail = "" // how many digits were typed is nobody's business later (design 10.7)
	}
	if p.Waiting != "" {
		s.Detail = joined(s.Detail, "waiting for "+Owner(p.Waiting).Name())
	}
	return s
}

func messaged(m payment.Message) Step {
	s := Step{From: Till, To: Terminal, Text: m.Name, Body: m.Body, Tone: OfMessage, Detail: numbered("id", m.ID)}
	if m.In {
		s.From, s.To = Terminal, Till
	}
	s.Detail = joined(s.Detail, numbered("delivered by", m.From))
	if m.Status != 0 {
		s.Detail = joined(s.Detail, fmt.Sprintf("HTTP %d", m.Status))
	}
	if m.Took > 0 {
		s.Detail = joined(s.Detail, "took "+Took(m.Took))
	}
	if m.Fault != "" {
		if m.In && m.Body == "" {
			s.Text = "No " + m.Name // it was waited for
		}
		s.Detail, s.Tone = joined(s.Detail, m.Fault), OfTrouble
	}
	return s
}

func concluded(r payment.Result) Step {
	s := Step{From: Terminal, To: Till, Text: "An answer that decides nothing", Tone: OfDoubt,
		Detail: joined(plain(string(r.Reason)), r.ReasonText, numbered("terminal's reference", r.References.Terminal), numbered("authorisation", r.References.AuthCode))}
	switch r.Outcome {
	case payment.Success:
		s.Text, s.Tone = "Approved", OfApproval
	case payment.Refused:
		s.Text, s.Tone = "Declined", OfRefusal
	case payment.Stopped:
		s.Text, s.Tone = "Cancelled", OfStop
	case payment.NotDone:
		s.Text, s.Tone = "Provably not carried out", OfStop
	}
	return s
}

// adjusted is an approval that has come to another amount.
func adjusted(r payment.Result) Step {
	s := concluded(r)
	in := func(minor int64) string {
		return money.Amount{Minor: minor, Currency: r.Currency}.Text(language.English)
	}
	s.Text, s.Tone = "The amount after the approval: "+in(r.Authorised), OfApproval
	if r.Tip != 0 {
		s.Text += ", of it tip " + in(r.Tip)
	}
	return s
}

func settled(s payment.Settlement) Step {
	word := "not paid"
	if s.Paid {
		word = "paid"
	}
	return Step{From: Till, Text: "Settled by hand as " + word, Detail: joined(s.Why, numbered("code", s.Code)), Person: s.Operator, Tone: OfDoubt}
}

// notes word the kinds of event that carry a note.
var notes = map[payment.EventKind]Step{
	payment.EventWithdrawn: {From: Terminal, To: Till, Text: "The terminal took its question back"},
	payment.EventAbort:     {From: Till, Text: "The cashier asks to stop", Tone: OfStop},
	payment.EventDoubt:     {From: Till, Text: "In doubt", Tone: OfDoubt},
	payment.EventAsked:     {From: Till, To: Terminal, Text: "Asked how it ended"},
	payment.EventParked:    {From: Till, Text: "Left to a manager; still watched", Tone: OfDoubt},
	payment.EventNote:      {From: Till, Text: "Note"},
}

func noted(kind payment.EventKind, n payment.Note) Step {
	s, known := notes[kind]
	if !known {
		s = Step{From: Till, Text: string(kind)}
	}
	s.Detail, s.Person = joined(plain(string(n.Reason)), n.Text), n.Operator
	return s
}

// plain writes a code as words: link_lost is "link lost".
func plain(code string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(code) }

func numbered(name, value string) string {
	if value == "" {
		return ""
	}
	return name + " " + value
}

func quoted(text string) string {
	if text == "" {
		return ""
	}
	return "“" + text + "”"
}

// joined puts the parts that there are behind each other.
func joined(parts ...string) string { return joinedBy(", ", parts...) }

func joinedBy(sign string, parts ...string) string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return strings.Join(list, sign)
}

// Took writes a duration for a person.
func Took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
