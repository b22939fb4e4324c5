package view

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// filter is a link that narrows the history.
type filter struct {
	Text, URL string
	Here      bool
}

func historyURL(q payment.Query, state, kind, terminal string, before int64) string {
	values := url.Values{}
	for key, value := range map[string]string{"q": q.Text, "state": state, "kind": kind, "on": terminal} {
		if value != "" {
			values.Set(key, value)
		}
	}
	if before > 0 {
		values.Set("before", strconv.FormatInt(before, 10))
	}
	if len(values) == 0 {
		return "/history"
	}
	return "/history?" + values.Encode()
}

func filters(v History) []filter {
	q := v.Query
	list := []filter{{Text: "All", URL: historyURL(q, "", "", "", 0), Here: q.State == "" && q.Kind == "" && q.Terminal == ""}}
	for _, s := range []payment.State{payment.Approved, payment.Declined, payment.Cancelled, payment.Failed, payment.InDoubt} {
		list = append(list, filter{State(s).Word, historyURL(q, string(s), "", "", 0), q.State == s})
	}
	kinds := []payment.Kind{payment.Refund, payment.Void}
	if slices.ContainsFunc(v.Terminals, Reserves) {
		kinds = append(kinds, payment.Capture)
	}
	for _, k := range kinds {
		list = append(list, filter{Kind(k) + "s", historyURL(q, "", string(k), "", 0), q.Kind == k})
	}
	if len(v.Terminals) > 1 {
		for _, t := range v.Terminals {
			list = append(list, filter{t.Name, historyURL(q, "", "", t.Name, 0), q.Terminal == t.Name})
		}
	}
	return list
}

type fact struct{ Name, Text string }

// factsOf lists what is known beside the amount; what was not told is left out.
func factsOf(v Story) []fact {
	op := v.Op
	var list []fact
	add := func(name, text string) {
		if text != "" {
			list = append(list, fact{name, text})
		}
	}
	if op.Authorised != 0 && op.Authorised != op.Total().Minor {
		add("Asked for", v.Money(op.Total()))
	}
	if op.State == payment.Approved && op.Kind == payment.Sale && v.Can.Left > 0 && v.Can.Left != op.Authorised {
		add("Left to refund", v.Money(op.Money(v.Can.Left)))
	}
	if op.Unlinked() {
		add("Refund of", "no sale: nothing here stands behind it")
	}
	add("The money goes to", v.Account(op))
	add("Reference", op.Reference)
	add("Operator", op.Operator)
	add("Reason given", op.Why)
	add("Our reference", op.References.Ours)
	add("Terminal's reference", op.References.Terminal)
	add("RRN", op.References.RRN)
	add("Auth code", op.References.AuthCode)
	return list
}

func refundAmount(v Story) string {
	if v.Form.Which == "refund" && v.Form.Amount != "" {
		return v.Form.Amount
	}
	return typed(v.Lang, v.Op.Money(v.Can.Left))
}

// captureAmount is what a capture takes unless somebody types another amount.
func captureAmount(v Story) string {
	if v.Form.Which == "capture" && v.Form.Amount != "" {
		return v.Form.Amount
	}
	return typed(v.Lang, v.Op.Money(v.Op.Authorised))
}

// toldLater words an operation on its own page, with what became of reserved money.
func toldLater(v Story) Words {
	w := Later(v.Base, v.Op, v.Aborted)
	if reserved(v.Op) {
		w.Money = reservedWords(v.Base, v.Op, v.Related)
	}
	if v.Now.Before(v.Watched) {
		w.Next = "A wallet may still pay it late. Paydesk asks until " + Clock(v.Watched) + ", and raises an alarm if that happens."
	}
	return w
}

// answerTo is who answered the i-th alarm of an operation; false: nobody did yet.
func answerTo(op payment.Operation, i int) (payment.AlarmAnswer, bool) {
	for _, a := range op.Answered { // each covers those that had been raised by then
		if i < a.Alarms {
			return a, true
		}
	}
	return payment.AlarmAnswer{}, false
}

// rowClass places a row in the lanes.
func rowClass(r Row) string {
	if r.To == "" {
		return "at-" + string(r.From)
	}
	return string(r.From) + "-to-" + string(r.To)
}

// laneWords says for those who do not see the lanes who did it.
func laneWords(r Row) string {
	if r.To == "" {
		return capital(string(r.From)) + ": "
	}
	return capital(string(r.From)) + " to " + string(r.To) + ": "
}

// voidEffect says what a void does with the money.
func voidEffect(v Story) string {
	if reserved(v.Op) {
		return "The whole " + v.Money(v.Op.Shown()) + " is free again on the card: nothing of it is charged."
	}
	if v.Op.Kind == payment.Refund {
		return "The whole refund of " + v.Money(v.Op.Shown()) + " is taken back: the card is charged again."
	}
	effect := "The whole " + v.Money(v.Op.Shown()) + " goes back to the customer."
	if v.Can.VoidUntil != "" {
		effect += " Voids are taken " + v.Can.VoidUntil + "."
	}
	return effect
}

// givenBack words what came after an approved operation, with its icon; empty:
// nothing did.
func givenBack(b Base, op payment.Operation, related []payment.Operation) (text, icon string) {
	if op.State != payment.Approved {
		return "", ""
	}
	var refunded int64
	under, got := "", CapturesOf(op, related)
	for _, other := range related {
		switch {
		case other.Original != op.ID || other.Kind == payment.Sale || other.Kind == payment.Capture && other.State.Final():
		case other.State == payment.Approved && other.Kind == payment.Void:
			return "voided", "return"
		case other.State == payment.Approved:
			refunded += other.Authorised
		case other.State == payment.InDoubt:
			under = noun(other) + " in doubt"
		case !other.State.Final():
			under = noun(other) + " under way"
		}
	}
	switch {
	case under != "":
		return under, "clock"
	case refunded == 0 && reserved(op) && got.Paid == op.Authorised:
		return "captured", "coins"
	case refunded == 0 && reserved(op) && got.Paid > 0:
		return b.Money(op.Money(got.Paid)) + " captured", "coins"
	case refunded == 0:
		return "", ""
	case refunded >= got.Paid:
		return "all refunded", "return"
	}
	return b.Money(op.Money(refunded)) + " refunded", "return"
}
