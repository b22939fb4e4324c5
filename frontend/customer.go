package frontend

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// The customer's page shows one terminal's customer what to do and how it ended, and
// nothing else. All that it needs is below one path, so that a display can be let in
// there alone (package app): it carries no link and no form, and nothing below that path
// changes anything.

// customerResult is how long a result stays on the customer's page: the next customer
// stands there then.
const customerResult = 90 * time.Second

// CustomerPath is the path of a terminal's customer page, with a slash at its end.
func CustomerPath(terminal string) string { return view.CustomerPath(terminal) }

func (p *Pages) customerRoutes() {
	p.mux.HandleFunc("GET /customer/{terminal}/{$}", p.customer)
	p.mux.HandleFunc("GET /customer/{terminal}/events", p.customerEvents)
	p.mux.HandleFunc("GET /customer/", noCustomer)
	p.mux.HandleFunc("POST /customer", p.openCustomer)
}

// noCustomer stands for every other page below: the ordinary one would show doubts and
// alarms.
func noCustomer(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "There is no such page. Please ask the cashier.", http.StatusNotFound)
}

func (p *Pages) customer(w http.ResponseWriter, r *http.Request) {
	v, found, err := p.customerView(r.Context(), r.PathValue("terminal"))
	switch {
	case err != nil:
		p.noCustomerNow(w, err)
	case !found:
		noCustomer(w, r)
	default:
		p.page(w, r, http.StatusOK, view.CustomerPage(v))
	}
}

func (p *Pages) noCustomerNow(w http.ResponseWriter, err error) {
	p.deps.Log.Error("customer page not drawn", "error", err)
	http.Error(w, "One moment, please. Please ask the cashier.", http.StatusInternalServerError)
}

// customerEvents is the page's stream. It looks again at every beat: a result goes by
// itself, and a code that has run out.
func (p *Pages) customerEvents(w http.ResponseWriter, r *http.Request) {
	name, last := r.PathValue("terminal"), ""
	if _, found := p.named(name); !found {
		noCustomer(w, r)
		return
	}
	draw := func() (string, error) {
		v, found, err := p.customerView(r.Context(), name)
		if err != nil || !found {
			return "", err
		}
		var b bytes.Buffer
		if err := view.CustomerPart(v).Render(r.Context(), &b); err != nil || b.String() == last {
			return "", err
		}
		last = b.String()
		return last, nil
	}
	p.stream(w, r, flow{
		draw: func(u engine.Update, _ bool) (string, error) {
			if u.Terminal != "" && u.Terminal != name {
				return "", nil
			}
			return draw()
		},
		beat: draw,
		fail: func(err error) { p.noCustomerNow(w, err) },
	})
}

// named finds a terminal by its very name.
func (p *Pages) named(name string) (engine.TerminalStatus, bool) {
	t, found := p.terminal(name)
	return t, found && t.Name == name
}

// customerView gathers what a customer may see of a terminal; found is false when there
// is none of that name.
func (p *Pages) customerView(ctx context.Context, name string) (v view.Customer, found bool, err error) {
	t, found := p.named(name)
	if !found {
		return v, false, nil
	}
	now, err := p.current(ctx, t)
	if err != nil {
		return v, true, err
	}
	v = view.Customer{Now: p.deps.Now(), Lang: p.lang, Practice: p.deps.Practice, Wallet: len(t.Vendors) > 0}
	if op := now.op; !op.State.Final() || v.Now.Sub(op.EndedAt) < customerResult {
		v.Op = op
	}
	v.Merchant, err = p.merchant(ctx, name)
	return v, true, err
}

// merchant is the shop's name as the terminal's latest slip has it; empty: not known yet.
func (p *Pages) merchant(ctx context.Context, terminal string) (string, error) {
	op, found, err := p.journal.Last(ctx, terminal)
	if err != nil || !found {
		return "", err
	}
	for _, c := range []payment.Copy{payment.CustomerCopy, payment.MerchantCopy} {
		if slip := op.Slip(c); slip != nil && slip.Merchant.Name != "" {
			return slip.Merchant.Name, nil
		}
	}
	return "", nil
}

// openCustomer has the till open a terminal's customer page in a browser.
func (p *Pages) openCustomer(w http.ResponseWriter, r *http.Request) {
	t, found := p.named(r.PostFormValue("terminal"))
	if !found || p.deps.OpenCustomer == nil {
		p.fail(w, r, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: "There is no such terminal to open the customer's page of. Load the page again."})
		return
	}
	if err := p.deps.OpenCustomer(CustomerPath(t.Name)); err != nil {
		p.deps.Log.Error("open the customer's page", "error", err)
		p.fail(w, r, &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Err: err,
			Text: "The browser could not be opened on this computer. No payment is changed by this."})
		return
	}
	p.done(w, r, "/")
}
