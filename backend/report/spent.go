package report

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Owner is whose a stretch of a payment's time was: a payment.Party, or one of those
// below.
type Owner string

// The owners of time. OfIssuer is the bank's network behind the terminal up to the
// card's issuer: a till cannot look further.
const (
	OfTheTill    Owner = "till"
	OfNetwork    Owner = "network" // between till and terminal
	OfTerminal         = Owner(payment.Device)
	OfCustomer         = Owner(payment.Customer)
	OfTheCashier       = Owner(payment.Cashier)
	OfIssuer           = Owner(payment.Bank)
	OfPrinter          = Owner(payment.Printer)
	Unattributed Owner = "unattributed"
)

// Owners lists all of them, in the order in which they are shown.
var Owners = []Owner{OfTheTill, OfNetwork, OfTerminal, OfCustomer, OfTheCashier, OfIssuer, OfPrinter, Unattributed}

// ownerNames are the words of the owners.
var ownerNames = map[Owner]string{
	OfTheTill: "till", OfNetwork: "network", OfTerminal: "terminal", OfCustomer: "customer", OfTheCashier: "cashier",
	OfIssuer: "bank and issuer", OfPrinter: "printer", Unattributed: "unattributed",
}

// Name is the owner in words.
func (o Owner) Name() string {
	if name, ok := ownerNames[o]; ok {
		return name
	}
	return string(o)
}

// Share is how much of the time was one owner's.
type Share struct {
	Owner Owner         `json:"owner"`
	Took  time.Duration `json:"took"` // nanoseconds, above 0
}

// Spent is where the time of an operation went. The shares add up to Total exactly,
// in the order of Owners; an owner without any time is left out.
type Spent struct {
	Total  time.Duration `json:"total"` // nanoseconds
	Shares []Share       `json:"shares"`
}

// Method says in plain sentences how TimeSpent divides the time, for whoever reads
// the figures.
var Method = []string{
	"The time runs from the till's first record of the operation to the record of its outcome, on the till's own clock. Each instant has one owner, and the shares add up to the whole.",
	"Till: from the beginning until the first message leaves, and from the terminal's last answer, or what it delivered, until the outcome is recorded.",
	"Customer, cashier, bank and issuer, terminal, printer: from each prompt until the next one, whom that prompt waits for. An open question is the cashier's; from the answer on it is the terminal's. What is left to a manager is the cashier's.",
	"Network: from a message between till and terminal that could not be sent or was not answered, or from the doubt that follows a silence, until the terminal is heard of again.",
	"Unattributed: what one clock cannot divide. A message on its way until the terminal shows something, a prompt that names nobody, and the time before a restart of the till, of which nothing is recorded.",
}

// moment is what the division needs of an event, read once.
type moment struct {
	at      time.Time // when what it tells of took place, where its data says so
	kind    payment.EventKind
	message payment.Message
	prompt  payment.Prompt
	reason  payment.Reason
}

func momentOf(e payment.Event) moment {
	m := moment{at: e.At, kind: e.Kind}
	// What cannot be read says nothing about the time: it divides nothing.
	switch e.Kind {
	case payment.EventMessage:
		if json.Unmarshal(e.Data, &m.message) != nil {
			m.kind = ""
		} else if !m.message.At.IsZero() {
			m.at = m.message.At
		}
	case payment.EventPrompt:
		if json.Unmarshal(e.Data, &m.prompt) != nil {
			m.kind = ""
		} else if !m.prompt.At.IsZero() {
			m.at = m.prompt.At
		}
	case payment.EventDoubt:
		var n payment.Note
		if json.Unmarshal(e.Data, &n) == nil {
			m.reason = n.Reason
		}
	}
	return m
}

// mark says who owns the time from an instant on.
type mark struct {
	at    time.Time
	owner Owner
}

// division goes through the moments and marks where the time changes hands.
type division struct {
	marks []mark
	last  time.Time // of the latest moment so far
	asked bool      // a question is open
	// onWay is the place of the mark that a message on its way has set, below 0 if the
	// terminal was heard of since.
	onWay int
	// answered is when the till's latest request was answered, or a result delivered;
	// zero: neither.
	answered time.Time
}

// TimeSpent divides the time of an operation among its owners (Method). now ends the
// time of one that has not ended. Events may come in any order; a clock that was set
// back makes no share negative.
func TimeSpent(op payment.Operation, events []payment.Event, now time.Time) Spent {
	end := op.EndedAt
	if end.IsZero() {
		end = now
	}
	total := end.Sub(op.CreatedAt)
	if op.CreatedAt.IsZero() || total <= 0 {
		return Spent{}
	}
	moments := make([]moment, 0, len(events))
	for _, e := range events {
		moments = append(moments, momentOf(e))
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	d := division{marks: []mark{{op.CreatedAt, OfTheTill}}, last: op.CreatedAt, onWay: -1}
	for _, m := range moments {
		if m.at.After(end) {
			break
		}
		d.take(m)
		d.last = m.at
	}
	return Spent{total, d.sum(op.CreatedAt, end)}
}

func (d *division) mark(at time.Time, owner Owner) { d.marks = append(d.marks, mark{at, owner}) }

func (d *division) owner() Owner { return d.marks[len(d.marks)-1].owner }

func (d *division) take(m moment) {
	switch m.kind {
	case payment.EventMessage:
		d.message(m.message, m.at)
	case payment.EventPrompt:
		d.prompt(m.prompt, m.at)
	case payment.EventQuestion:
		d.asked, d.onWay = true, -1
		d.mark(m.at, OfTheCashier)
	case payment.EventAnswer, payment.EventWithdrawn:
		d.asked = false
		d.mark(m.at, OfTerminal)
	case payment.EventParked:
		d.mark(m.at, OfTheCashier)
	case payment.EventDoubt:
		d.doubt(m.reason, m.at)
	case payment.EventResult:
		d.concluded()
	}
}

func (d *division) message(m payment.Message, at time.Time) {
	switch {
	case m.Fault != "" && m.From == "": // what somebody delivered came, readable or not
		d.answered = time.Time{}
		d.lost(m, at)
	case m.In:
		if m.Fault == "" && (m.Took > 0 || m.From != "") { // an answer, or a result that was delivered
			d.answered = at
		}
		if d.owner() == OfNetwork {
			d.mark(at, OfTerminal) // it is heard of again
		}
	case m.Took == 0: // a request of the till's leaves
		d.answered = time.Time{}
		if d.owner() == OfTheTill {
			d.mark(at, Unattributed)
			d.onWay = len(d.marks) - 1
			return
		}
	}
	if m.In {
		d.onWay = -1
	}
}

// lost takes a message that could not be sent, or was not answered. Where nothing
// came back, what was on its way until now was the network's too.
func (d *division) lost(m payment.Message, at time.Time) {
	if m.Status != 0 {
		return // there was an answer, if a bad one
	}
	if d.onWay >= 0 && d.onWay == len(d.marks)-1 {
		d.marks[d.onWay].owner = OfNetwork
	}
	if !d.asked {
		d.mark(at, OfNetwork)
	}
}

func (d *division) prompt(p payment.Prompt, at time.Time) {
	if d.asked {
		return
	}
	switch {
	case p.Narrated && (p.Waiting == payment.Device || p.Waiting == ""):
		// The till speaks of itself; only these two say something about the terminal.
		if p.Code != payment.PromptBusy && p.Code != payment.PromptSignIn {
			return
		}
		d.mark(at, OfTerminal)
	case !slices.Contains(Owners, Owner(p.Waiting)): // it names nobody, or nobody that we know
		d.mark(at, Unattributed)
	default:
		d.mark(at, Owner(p.Waiting))
	}
	d.onWay = -1
}

// doubt takes a silence for the network's: whether the link or the terminal is the
// cause, a till cannot tell.
func (d *division) doubt(why payment.Reason, at time.Time) {
	d.asked = false
	switch why {
	case payment.ReasonRestart:
		d.mark(d.last, Unattributed)
		d.mark(at, Unattributed)
	case payment.ReasonNoAnswer, payment.ReasonLinkLost, payment.ReasonUnreachable:
		d.mark(at, OfNetwork)
	default:
		d.mark(at, Unattributed)
	}
}

// concluded gives the till the time since the answer that the result is made of.
func (d *division) concluded() {
	if d.answered.IsZero() {
		return
	}
	d.marks = slices.DeleteFunc(d.marks, func(m mark) bool { return m.at.After(d.answered) })
	d.mark(d.answered, OfTheTill)
}

// sum adds up the stretches between the marks, within from and to.
func (d *division) sum(from, to time.Time) []Share {
	sums := map[Owner]time.Duration{}
	for i, m := range d.marks {
		until := to
		if i+1 < len(d.marks) {
			until = d.marks[i+1].at
		}
		begin := m.at
		if begin.Before(from) {
			begin = from
		}
		if until.After(to) {
			until = to
		}
		if until.After(begin) {
			sums[m.owner] += until.Sub(begin)
		}
	}
	var list []Share
	for _, o := range Owners {
		if sums[o] > 0 {
			list = append(list, Share{o, sums[o]})
		}
	}
	return list
}
