package frontend

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// A refund without a sale is written down first, then looked at once more, and only then
// begun: nothing but the person bounds its amount.

// giveaway shows the empty form.
func (p *Pages) giveaway(w http.ResponseWriter, r *http.Request) {
	v, err := p.givers(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v.Key = uuid.NewString()
	p.showGiveaway(w, r, http.StatusOK, v)
}

func (p *Pages) showGiveaway(w http.ResponseWriter, r *http.Request, status int, v view.Giveaway) {
	p.shell(w, r, status, view.Shell{Title: "Refund without a sale", On: "panel", Stream: streamURL("giveaway"), Body: view.GiveawayBody(v)})
}

// givers are the terminals that can, and the one that is meant: what the form says, else
// the window's own if it can, else the first.
func (p *Pages) givers(r *http.Request) (view.Giveaway, error) {
	v := view.Giveaway{Base: p.base()}
	for _, t := range p.engine.Terminals() {
		if view.GivesAway(t) {
			v.Terminals = append(v.Terminals, t)
		}
	}
	if len(v.Terminals) == 0 {
		return v, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo,
			Text: "No terminal of this till is set up for a refund without a sale. Nothing was sent. Open the sale in the history and refund it there."}
	}
	named := r.PostFormValue("terminal")
	if own, found := p.chosen(r); named == "" && found && view.GivesAway(own) {
		named = own.Name
	}
	at := slices.IndexFunc(v.Terminals, func(t engine.TerminalStatus) bool { return t.Name == named })
	v.On = v.Terminals[max(at, 0)]
	if at < 0 && r.PostFormValue("terminal") != "" {
		return v, input("The chosen terminal is not there any more, or gives no money back without a sale. Nothing was sent. Choose another one.")
	}
	return v, nil
}

// giveAway takes the form: to be looked at, to be changed, or, confirmed, to be begun.
func (p *Pages) giveAway(w http.ResponseWriter, r *http.Request) {
	v, err := p.givers(r)
	if len(v.Terminals) == 0 {
		p.fail(w, r, err)
		return
	}
	v.Key = r.PostFormValue("key")
	v.Form = view.Form{Operator: r.PostFormValue("operator"), Why: r.PostFormValue("why"), Amount: r.PostFormValue("amount")}
	start := engine.Start{FormKey: v.Key, Kind: payment.Refund, Unlinked: true, Terminal: v.On.Name, Currency: v.On.Currency}
	if err == nil && uuid.Validate(v.Key) != nil {
		v.Key = uuid.NewString()
		err = input("This form has lost its one-time key. Nothing was sent. Look at it, and go on again.")
	}
	if err == nil {
		v.Amount, err = readAmount(v.Form.Amount, v.On.Currency, "amount")
		start.Amount = v.Amount.Minor
	}
	if err == nil {
		start.Operator, start.Why, err = person(r)
		v.Form.Operator, v.Form.Why = start.Operator, start.Why
	}
	sure := r.PostFormValue("sure") == "yes"
	if err == nil && sure {
		if err = p.begin(w, r, start); err == nil {
			return
		}
	}
	v.Sure = err == nil && r.PostFormValue("change") != "yes"
	status := http.StatusOK
	if err != nil {
		v.Form.Error, status = payment.TextOf(err), statusOf(err)
	}
	p.showGiveaway(w, r, status, v)
}

// begin starts it and goes to the till of its terminal. A key that was used for something
// else is another window's: then nothing new was begun.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request, start engine.Start) error {
	op, err := p.engine.Start(context.WithoutCancel(r.Context()), start)
	switch {
	case err != nil:
		return err
	case op.Requested != start.Amount || op.Terminal != start.Terminal || !op.Unlinked():
		return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
			Text: fmt.Sprintf("This form has been sent before: that is operation %d in the history. Nothing new was sent. Begin again for another one.", op.Number)}
	}
	p.memory.show(op)
	p.choice(w, op.Terminal)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
