package frontend

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// terminalCookie remembers the terminal chosen in this window.
const terminalCookie = "terminal"

// chosen finds the terminal of a request: asked for, remembered, or the default.
// The second value is false when there is no terminal at all.
func (p *Pages) chosen(r *http.Request) (engine.TerminalStatus, bool) {
	wanted := r.FormValue("terminal")
	if wanted == "" {
		if c, err := r.Cookie(terminalCookie); err == nil {
			wanted, _ = url.QueryUnescape(c.Value) // unreadable: the default terminal
		}
	}
	return p.terminal(wanted)
}

// terminal gives the status of a terminal by its name, of the default one if there
// is none of that name.
func (p *Pages) terminal(name string) (engine.TerminalStatus, bool) {
	all := p.engine.Terminals()
	for _, t := range all {
		if t.Name == name {
			return t, true
		}
	}
	if len(all) == 0 {
		return engine.TerminalStatus{}, false
	}
	return all[0], true
}

// state gathers what the till's page shows for a terminal in a window.
func (p *Pages) state(ctx context.Context, t engine.TerminalStatus, window string) (view.Till, error) {
	v := view.Till{Base: p.base(), Terminal: t, Terminals: len(p.engine.Terminals())}
	now, err := p.current(ctx, t)
	if err != nil {
		return v, err
	}
	v.Op, v.Trail, v.Withdrawn = now.op, now.trail, now.withdrawn
	v.Screen = view.ScreenOf(now.op)
	if fenced, err := p.fence(ctx, t.Name, v.Screen); err != nil || fenced.ID != "" {
		v.Screen, v.Op, v.Trail = view.ScreenFence, fenced, nil
		return v, err
	}
	switch v.Screen {
	case view.ScreenSale:
		v.FormKey, v.Again = p.memory.key(t.Name)
		v.Account = p.account(window, t, v.Again)
		err = p.last(ctx, &v)
	case view.ScreenSignature, view.ScreenDoubt: // in doubt, the terminal may still ask about the signature
		v.Merchant = p.slip(now.op, payment.MerchantCopy, 0)
	case view.ScreenResult:
		v.Merchant, v.Customer = p.slips(now.op)
		if v.Can, err = p.abilities(ctx, now.op); err != nil {
			return v, err
		}
		events, err := p.journal.Events(ctx, now.op.ID)
		if err != nil {
			return v, err
		}
		v.Aborted, v.SettledBy = aborted(events), settledBy(events)
	}
	return v, err
}

// last finds the terminal's latest operation, for the card beside the keypad.
func (p *Pages) last(ctx context.Context, v *view.Till) error {
	list, err := p.journal.Operations(ctx, payment.Query{Terminal: v.Terminal.Name, Limit: 1})
	if err == nil && len(list) > 0 {
		v.Last = list[0]
		_, none := p.document(v.Last, payment.CustomerCopy, 0)
		v.LastSlip = none == nil
	}
	return err
}

// current is the operation on the screen of a terminal; the zero value: none.
func (p *Pages) current(ctx context.Context, t engine.TerminalStatus) (live, error) {
	id, now := p.memory.on(t.Name)
	op, err := p.known(ctx, id, now)
	if err != nil {
		return live{}, err
	}
	if t.Operation != "" && t.Operation != op.ID && (op.ID == "" || op.State.Final()) {
		next, err := p.known(ctx, t.Operation, now)
		switch {
		case err == nil:
			op = next
			p.memory.shows(op)
		case payment.CodeOf(err) != payment.CodeNotFound:
			return live{}, err
		}
		// Not found: it holds the terminal already but is not committed yet. The news of
		// it follow, or it never was.
	}
	if op.ID == "" {
		return live{}, nil
	}
	if now.op.ID == op.ID && now.whole {
		return now, nil
	}
	trail, err := p.trail(ctx, op.ID)
	if err != nil {
		return live{}, err
	}
	return p.memory.complete(op, trail), nil
}

// known gives an operation from the news, or from the journal.
func (p *Pages) known(ctx context.Context, id string, now live) (payment.Operation, error) {
	switch id {
	case "":
		return payment.Operation{}, nil
	case now.op.ID:
		return now.op, nil
	}
	return p.journal.Operation(ctx, id)
}

// trail reads the prompts of an operation from its events.
func (p *Pages) trail(ctx context.Context, id string) ([]payment.Prompt, error) {
	events, err := p.journal.Events(ctx, id)
	if err != nil {
		return nil, err
	}
	var trail []payment.Prompt
	for _, e := range events {
		var prompt payment.Prompt
		if e.Kind == payment.EventPrompt && json.Unmarshal(e.Data, &prompt) == nil {
			trail = addPrompt(trail, prompt)
		}
	}
	return trail, nil
}

// maxDoubts bounds the doubts that are shown on every screen.
const maxDoubts = 10

// maxAlarms bounds the operations whose alarms stand on every screen, the newest first.
const maxAlarms = 20

// bands gathers what follows to every screen: doubts and alarms. A page that is about
// one of them shows that itself.
func (p *Pages) bands(ctx context.Context, about string) (view.Bands, error) {
	v := view.Bands{Base: p.base()}
	if p.deps.Seal != nil {
		v.Journal = p.deps.Seal.Alarm()
	}
	var err error
	if v.Doubts, err = p.journal.Operations(ctx, payment.Query{State: payment.InDoubt, Limit: maxDoubts}); err != nil {
		return v, err
	}
	p.memory.mu.Lock()
	for i, op := range v.Doubts {
		if now := p.memory.live[op.Terminal].op; now.ID == op.ID && now.State == payment.InDoubt {
			v.Doubts[i] = now
		}
	}
	p.memory.mu.Unlock()
	// An alarm stands until a named person has answered it: the journal knows.
	v.Alarms, err = p.journal.Operations(ctx, payment.Query{Alarmed: true, Limit: maxAlarms})
	itself := func(op payment.Operation) bool { return op.ID == about }
	v.Doubts, v.Alarms = slices.DeleteFunc(v.Doubts, itself), slices.DeleteFunc(v.Alarms, itself)
	return v, err
}

func (p *Pages) base() view.Base {
	accounts := map[string][]payment.Account{}
	for _, t := range p.engine.Terminals() {
		if len(t.Accounts) > 0 {
			accounts[t.Name] = t.Accounts
		}
	}
	return view.Base{Now: p.deps.Now(), Accounts: accounts, Lang: p.lang, Practice: p.deps.Practice, PinPads: p.deps.PinPads,
		OpensPads: p.deps.OpenPad != nil, OpensCustomer: p.deps.OpenCustomer != nil, Settable: p.deps.Setup != nil, Version: p.deps.Version}
}
