package frontend

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// The panels are pages about one thing that somebody must decide: where else the card
// is taken, how a doubt is settled, what is done about an alarm.

// panel shows one.
func (p *Pages) panel(which string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { p.showPanel(w, r, which, view.Form{}, nil) }
}

// showPanel shows a panel with what was typed and what is wrong with it.
func (p *Pages) showPanel(w http.ResponseWriter, r *http.Request, which string, typed view.Form, problem error) {
	v, err := p.gather(r.Context(), which, r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	status := http.StatusOK
	if problem != nil {
		status = statusOf(problem)
	}
	v.Form = typed
	s := view.Shell{Title: view.PanelTitle(v), On: "panel", Stream: streamURL(which, "id", v.Op.ID), Body: view.PanelBody(v)}
	if which != "elsewhere" {
		s.About = v.Op.ID
	}
	p.shell(w, r, status, s)
}

// panelPart draws what of a panel follows the news; its form is left as it is typed.
func (p *Pages) panelPart(ctx context.Context, which, id string) (templ.Component, error) {
	v, err := p.gather(ctx, which, id)
	return view.PanelPart(v), err
}

func (p *Pages) gather(ctx context.Context, which, id string) (view.Panel, error) {
	v := view.Panel{Base: p.base(), Which: which}
	var err error
	if v.Op, err = p.journal.Operation(ctx, id); err != nil {
		return v, err
	}
	p.memory.mu.Lock()
	if now := p.memory.live[v.Op.Terminal].op; now.ID == id && !v.Op.State.Final() {
		v.Op = now // the latest that was asked
	}
	p.memory.mu.Unlock()
	if which == "elsewhere" {
		for _, t := range p.engine.Terminals() {
			if t.Name != v.Op.Terminal {
				v.Terminals = append(v.Terminals, t)
			}
		}
		return v, nil
	}
	events, err := p.journal.Events(ctx, id)
	if err != nil {
		return v, err
	}
	related, err := p.journal.Related(ctx, id)
	if err != nil {
		return v, err
	}
	if v.Op.Cart != "" {
		same, err := p.journal.Operations(ctx, payment.Query{Cart: v.Op.Cart, Limit: maxDoubts})
		if err != nil {
			return v, err
		}
		for _, other := range same {
			if other.ID != id {
				v.Same = append(v.Same, other)
			}
		}
	}
	v.Related = related
	v.Till, v.Terminal = view.Sides(v, events)
	if v.Can, err = p.abilities(ctx, v.Op); err != nil {
		return v, err
	}
	story := view.Story{Op: v.Op, Related: related}
	v.VoidKey, v.RefundKey = formKey(story, payment.Void), formKey(story, payment.Refund)
	return v, nil
}

// answerAlarm takes a named person's word that the money is as it should be.
func (p *Pages) answerAlarm(w http.ResponseWriter, r *http.Request) {
	var a payment.AlarmAnswer
	op, err := p.journal.Operation(r.Context(), r.PathValue("id"))
	if err == nil {
		a.Operator, a.Why, err = person(r)
	}
	if err == nil {
		// Those that stood when the page was drawn: a newer one is not answered by it.
		seen, _ := strconv.Atoi(r.PostFormValue("alarms")) // unreadable: none was seen
		a.Alarms = min(seen, len(op.Alarms))
		_, err = p.engine.AnswerAlarms(context.WithoutCancel(r.Context()), op.ID, a)
	}
	if err != nil {
		p.form(w, r, "alarm", err)
		return
	}
	http.Redirect(w, r, "/operation/"+op.ID, http.StatusSeeOther)
}
