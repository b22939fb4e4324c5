package view

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// told is one word about the outcome, with its event.
type told struct {
	payment.Event
	result  payment.Result
	settled payment.Settlement
}

// outcomes are the words about the outcome, oldest first: the terminal's results,
// stored approvals and a person's settlement.
func outcomes(events []payment.Event) []told {
	var list []told
	for _, e := range events {
		one := told{Event: e}
		var err error
		switch e.Kind {
		case payment.EventResult, payment.EventProvisional, payment.EventAdjusted:
			err = json.Unmarshal(e.Data, &one.result)
		case payment.EventSettled:
			err = json.Unmarshal(e.Data, &one.settled)
		default:
			continue
		}
		if err == nil {
			list = append(list, one)
		}
	}
	return list
}

// Sides sets the two stories of an alarm or a doubt side by side: what Paydesk or a
// person recorded, and what the terminal says now (F-25).
func Sides(v Panel, events []payment.Event) (till, terminal Side) {
	op, all := v.Op, outcomes(events)
	if op.State == payment.InDoubt || v.Which == "settle" {
		return askedSide(v), answersSide(v)
	}
	code := latestAlarm(op).Code
	if code == "" && len(op.Alarms) > 0 {
		code = op.Alarms[len(op.Alarms)-1].Code
	}
	switch code {
	case payment.AlarmLateMoney, payment.AlarmDispute:
		return firstAndLast(v, all)
	case payment.AlarmTwice:
		return twiceSides(v)
	case payment.AlarmSignature:
		till = Side{Title: "Signature refused", Class: "declined", Icon: "pen", Amount: v.Money(op.Total())}
		for _, other := range v.Related {
			if other.Kind == payment.Void && other.State != payment.Approved {
				till.add("Taken back by", "void "+number(other)+": "+strings.ToLower(State(other.State).Word))
			}
		}
		return till, approvedSide(v, last(all, true))
	}
	return askedSide(v), approvedSide(v, last(all, true))
}

func (s *Side) add(name, text string) {
	if text != "" {
		s.Facts = append(s.Facts, fact{name, text})
	}
}

// last is the latest word that says approved, or that says not.
func last(all []told, approved bool) told {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Kind != payment.EventSettled && (all[i].result.Outcome == payment.Success) == approved {
			return all[i]
		}
	}
	return told{}
}

// firstAndLast: how it ended first, and what the terminal says now.
func firstAndLast(v Panel, all []told) (till, terminal Side) {
	if len(all) == 0 {
		return askedSide(v), Side{Title: ToneOf(v.Op).Word, Class: ToneOf(v.Op).Class, Icon: ToneOf(v.Op).Icon, Amount: v.Money(v.Op.Shown())}
	}
	till, now := recordedSide(v, all[0]), all[len(all)-1]
	if now.result.Outcome == payment.Success {
		return till, approvedSide(v, now)
	}
	terminal = Side{Title: "Not charged", Class: "declined", Icon: "cross", Amount: v.Money(v.Op.Money(0))}
	terminal.said(now)
	return till, terminal
}

// recordedSide is what was recorded first, and by whom.
func recordedSide(v Panel, one told) Side {
	paid := one.result.Outcome == payment.Success
	if one.Kind == payment.EventSettled {
		paid = one.settled.Paid
	}
	s := Side{Title: "Not paid", Class: "cancelled", Icon: "stop", Amount: v.Money(v.Op.Money(0))}
	if paid {
		s = Side{Title: "Paid", Class: "approved", Icon: "check", Amount: v.Money(v.Op.Total())}
	}
	s.add("Asked for", v.Money(v.Op.Total())+", "+Day(v.Op.CreatedAt))
	if one.Kind == payment.EventSettled {
		s.add("Recorded by", one.settled.Operator+", by hand")
		s.add("When", Day(one.At))
		s.add("Reason given", one.settled.Why)
		s.add("Code from the report", one.settled.Code)
		return s
	}
	s.add("Recorded by", "Paydesk, as the terminal said")
	s.add("When", Day(one.At))
	s.add("Why", reasons[one.result.Reason].What)
	return s
}

// approvedSide is the terminal's word that it was charged.
func approvedSide(v Panel, one told) Side {
	s := Side{Title: "Charged", Class: "approved", Icon: "check", Amount: v.Money(v.Op.Shown())}
	switch {
	case reserved(v.Op):
		s.Title = "Reserved"
	case v.Op.Kind == payment.Refund || v.Op.Kind == payment.Void:
		s.Title = "Given back"
	}
	s.said(one)
	if one.result.Account != "" {
		s.add("The money went to", v.Account(payment.Operation{Terminal: v.Op.Terminal, Account: one.result.Account}))
	}
	s.add("Card", Card(v.Op.Card))
	s.add("Auth code", v.Op.References.AuthCode)
	s.add("Terminal's reference", v.Op.References.Terminal)
	s.add("RRN", v.Op.References.RRN)
	return s
}

func (s *Side) said(one told) {
	if one.At.IsZero() {
		return
	}
	s.add("Said", Day(one.At))
	s.add("In its words", one.result.ReasonText)
}

// twiceSides are the two attempts at one sale that are both paid.
func twiceSides(v Panel) (this, other Side) {
	this = paidSide(v, v.Op)
	for _, o := range v.Same {
		if o.State == payment.Approved {
			return this, paidSide(v, o)
		}
	}
	return this, Side{Title: "Not paid any more", Class: "cancelled", Icon: "stop"}
}

func paidSide(v Panel, op payment.Operation) Side {
	s := Side{Title: "Paid on " + op.Terminal, Class: "approved", Icon: "check", Amount: v.Money(op.Shown())}
	s.add("Operation", number(op))
	s.add("When", Day(op.EndedAt))
	s.add("Card", Card(op.Card))
	s.add("Auth code", op.References.AuthCode)
	return s
}

// askedSide is what Paydesk knows of what it asked the terminal for.
func askedSide(v Panel) Side {
	op := v.Op
	s := Side{Title: "Asked for", Class: "waiting", Icon: "terminal", Amount: v.Money(op.Total())}
	s.add("For", v.Account(op))
	s.add("Begun", Day(op.CreatedAt))
	s.add("Our reference", op.References.Ours)
	s.add("Cashier's reference", op.Reference)
	if op.Prompt.Code != "" && op.Prompt.Code != payment.PromptAsking {
		s.add("Last shown", trailWords(false, op.Prompt)+", "+Clock(op.Prompt.At))
	}
	if op.State == payment.InDoubt {
		s.add("In doubt since", Day(op.Doubt.Since))
		s.add("Because", reasons[op.Reason].What)
	}
	return s
}

// answersSide is what the terminal has answered to the questions about a doubt.
func answersSide(v Panel) Side {
	d := v.Op.Doubt
	s := Side{Title: "Does not tell", Class: "doubt", Icon: "question", Amount: "Unknown"}
	if v.Op.State != payment.InDoubt {
		tone := ToneOf(v.Op)
		return Side{Title: tone.Word, Class: tone.Class, Icon: tone.Icon, Amount: v.Money(v.Op.Shown())}
	}
	s.add("Asked", fmt.Sprintf("%d times", d.Asked))
	if !d.Last.IsZero() {
		s.add("Last time", Day(d.Last))
	}
	s.add("Its last answer", d.Answer)
	s.add("In its words", v.Op.ReasonText)
	return s
}

// panelAmount is what a refund gives back unless somebody types another amount.
func panelAmount(v Panel) string {
	if v.Form.Amount != "" {
		return v.Form.Amount
	}
	return typed(v.Lang, v.Op.Money(v.Can.Left))
}
