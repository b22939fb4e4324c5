package frontend

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// handOver takes the card on another terminal, and goes to that terminal's till: it
// shows what it waits for, and then the payment.
func (p *Pages) handOver(w http.ResponseWriter, r *http.Request) {
	terminal := r.PostFormValue("terminal")
	op, err := p.engine.HandOver(context.WithoutCancel(r.Context()), r.PathValue("id"), terminal, "")
	if err != nil {
		p.showPanel(w, r, "elsewhere", view.Form{Which: "elsewhere", Error: payment.TextOf(err)}, err)
		return
	}
	if op.Terminal == terminal {
		p.memory.show(op)
	} else {
		p.memory.fence(terminal, op.ID)
	}
	p.choice(w, terminal)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// keepHere takes a handover back, and goes to the till of the terminal that has the
// payment.
func (p *Pages) keepHere(w http.ResponseWriter, r *http.Request) {
	op, err := p.engine.KeepHere(context.WithoutCancel(r.Context()), r.PathValue("id"), "")
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if op.Handover != nil {
		p.memory.fence(op.Handover.Terminal, "")
	}
	p.choice(w, op.Terminal)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// fence is the operation that a terminal's till waits for instead of a new sale; the
// zero value: none. What has started there, or was taken back, is waited for no more.
func (p *Pages) fence(ctx context.Context, terminal string, on view.Screen) (payment.Operation, error) {
	id := p.memory.fenced(terminal)
	if id == "" || on != view.ScreenSale && on != view.ScreenResult {
		return payment.Operation{}, nil
	}
	op, err := p.journal.Operation(ctx, id)
	if err != nil {
		return op, err
	}
	h := op.Handover
	if h == nil || h.Terminal != terminal || h.End == payment.HandoverStarted || h.End == payment.HandoverDropped {
		p.memory.fence(terminal, "")
		return payment.Operation{}, nil
	}
	p.memory.mu.Lock()
	defer p.memory.mu.Unlock()
	if now := p.memory.live[op.Terminal].op; now.ID == id && !op.State.Final() {
		now.Handover = h
		op = now
	}
	return op, nil
}

// unsettled are the states in which a cashier may go to another terminal with the
// same customer, as a sentence says them.
var unsettled = map[payment.State]string{payment.InDoubt: "in doubt", payment.Aborting: "not stopped yet"}

// alike stops a sale of the same amount as one that is in doubt, or being stopped, on
// another terminal: it may be the same customer, and nobody but the cashier can know.
// The form says with "apart" that it is another one.
func (p *Pages) alike(r *http.Request, s engine.Start) error {
	apart := strings.Fields(r.PostForm.Get("apart"))
	for state, words := range unsettled {
		list, err := p.journal.Operations(r.Context(), payment.Query{State: state, Kind: payment.Sale, Limit: maxDoubts})
		if err != nil {
			return err
		}
		for _, op := range list {
			if op.Terminal != s.Terminal && op.Currency == s.Currency && op.Total().Minor == s.Amount+s.Tip+s.Cashback && !slices.Contains(apart, op.ID) {
				return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Operation: op.ID, Text: fmt.Sprintf(
					"%s is %s on %s (operation %d). Nothing was sent. Is this the same customer?",
					view.Money(p.lang, op.Total()), words, op.Terminal, op.Number)}
			}
		}
	}
	return nil
}

// saleProblem words why a sale was refused, with a way to what stands in it.
func (p *Pages) saleProblem(r *http.Request, s engine.Start, problem error) view.SaleProblem {
	v := view.SaleProblem{Text: payment.TextOf(problem), Terminal: s.Terminal}
	if id := payment.InTheWay(problem); id != "" {
		op, err := p.journal.Operation(r.Context(), id)
		if err != nil {
			return v // the sentence stands by itself
		}
		v.Op = op
		if _, alike := p.alike(r, s).(*payment.Error); alike {
			v.Apart = strings.TrimSpace(r.PostForm.Get("apart") + " " + op.ID)
		}
	}
	return v
}
