package frontend

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// abort asks to stop. It never decides: the payment's own answer does.
func (p *Pages) abort(w http.ResponseWriter, r *http.Request) {
	_, err := p.engine.Abort(context.WithoutCancel(r.Context()), r.PathValue("id"), "")
	p.after(w, r, err, "/")
}

// extend gives the customer more time to pay.
func (p *Pages) extend(w http.ResponseWriter, r *http.Request) {
	_, err := p.engine.Extend(context.WithoutCancel(r.Context()), r.PathValue("id"))
	p.after(w, r, err, "/")
}

// answer is the cashier's word about the signature. Only an explicit "yes" or "no"
// to the very question that is open counts.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) {
	word := r.PostFormValue("answer")
	if word != "yes" && word != "no" {
		p.fail(w, r, input("Say whether the signature matches or not. Nothing was answered."))
		return
	}
	p.memory.answered(r.PathValue("id"), r.PostFormValue("question"))
	_, err := p.engine.Answer(context.WithoutCancel(r.Context()), r.PathValue("id"),
		payment.Answer{Question: r.PostFormValue("question"), Yes: word == "yes", At: p.deps.Now()})
	p.after(w, r, err, "/")
}

// look asks the terminal now.
func (p *Pages) look(w http.ResponseWriter, r *http.Request) {
	p.after(w, r, p.engine.Look(context.WithoutCancel(r.Context()), r.PathValue("id")), "/operation/"+r.PathValue("id"))
}

func (p *Pages) after(w http.ResponseWriter, r *http.Request, err error, where string) {
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.done(w, r, where)
}

// person reads who does a manager's action and why (design 10.15).
func person(r *http.Request) (operator, why string, err error) {
	if operator, err = readText(r.PostFormValue("operator"), "name", maxText); err != nil {
		return "", "", err
	}
	if why, err = readText(r.PostFormValue("why"), "reason", maxWhy); err != nil {
		return "", "", err
	}
	if operator == "" || why == "" {
		return "", "", input("This needs your name and a reason. Nothing was sent and nothing was changed. Fill in both.")
	}
	return operator, why, nil
}

// void reverses the whole operation on its terminal.
func (p *Pages) void(w http.ResponseWriter, r *http.Request) { p.back(w, r, payment.Void) }

// refund gives back the amount of the form.
func (p *Pages) refund(w http.ResponseWriter, r *http.Request) { p.back(w, r, payment.Refund) }

// capture takes reserved money: the amount of the form. Nobody has to give a name or a
// reason for it, as for a sale.
func (p *Pages) capture(w http.ResponseWriter, r *http.Request) { p.back(w, r, payment.Capture) }

// back starts a capture, void or refund, and goes to the till of its terminal.
func (p *Pages) back(w http.ResponseWriter, r *http.Request, kind payment.Kind) {
	op, err := p.journal.Operation(r.Context(), r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	start := engine.Start{FormKey: r.PostFormValue("key"), Kind: kind, Terminal: op.Terminal, Currency: op.Currency, Original: op.ID}
	if start.FormKey == "" {
		start.FormKey = r.PostFormValue("key-" + string(kind)) // a form with both buttons
	}
	if uuid.Validate(start.FormKey) != nil {
		err = input("This form has lost its one-time key. Nothing was sent. Load the page again.")
	}
	if err == nil && kind != payment.Capture {
		start.Operator, start.Why, err = person(r)
	}
	if err == nil && kind != payment.Void {
		var a = op.Money(0)
		a, err = readAmount(r.PostFormValue("amount"), op.Currency, "amount")
		start.Amount = a.Minor
	}
	if err == nil {
		var begun payment.Operation
		if begun, err = p.engine.Start(context.WithoutCancel(r.Context()), start); err == nil {
			p.memory.show(begun)
			p.choice(w, begun.Terminal)
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
	}
	p.form(w, r, string(kind), err)
}

// settle is a manager's word about an outcome that no terminal could tell.
func (p *Pages) settle(w http.ResponseWriter, r *http.Request) {
	var s payment.Settlement
	var err error
	s.Operator, s.Why, err = person(r)
	if err == nil {
		s.Code, err = readText(r.PostFormValue("code"), "code", maxText)
	}
	word := r.PostFormValue("paid")
	if err == nil && word != "yes" && word != "no" {
		err = input("Choose whether the terminal's own report says paid or not paid. Nothing was changed.")
	}
	if err == nil {
		s.Paid = word == "yes"
		err = p.mayBeSettled(r)
	}
	if err == nil {
		if _, err = p.engine.Settle(context.WithoutCancel(r.Context()), r.PathValue("id"), s); err == nil {
			http.Redirect(w, r, "/operation/"+r.PathValue("id"), http.StatusSeeOther)
			return
		}
	}
	p.form(w, r, "settle", err)
}

// mayBeSettled: as long as the terminal is still being asked, nobody's word takes its
// place (F-02), also from a page that was open before.
func (p *Pages) mayBeSettled(r *http.Request) error {
	v, err := p.story(r.Context(), r.PathValue("id"))
	if err == nil && v.Op.State == payment.InDoubt && !v.Op.Doubt.Parked {
		err = &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: "Paydesk still asks the terminal. Settling by hand becomes possible when it has not told for a while. Nothing was changed."}
	}
	return err
}

// form shows the operation again, with what was typed and what is wrong with it.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, which string, problem error) {
	typed := view.Form{Which: which, Error: payment.TextOf(problem), Operator: r.PostFormValue("operator"), Why: r.PostFormValue("why"),
		Amount: r.PostFormValue("amount"), Code: r.PostFormValue("code"), Paid: r.PostFormValue("paid")}
	from := r.PostFormValue("from") // the panel that the form stands on; empty: the operation
	if which == "alarm" {
		from = which
	}
	if from == "alarm" || from == "settle" {
		p.showPanel(w, r, from, typed, problem)
		return
	}
	v, err := p.story(r.Context(), r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v.Form = typed
	p.shell(w, r, statusOf(problem), p.storyShell(v))
}
