package frontend

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// till is the home page: sale, payment, signature or result, as the chosen
// terminal stands (F-14).
func (p *Pages) till(w http.ResponseWriter, r *http.Request) {
	t, found := p.chosen(r)
	if !found {
		p.shell(w, r, http.StatusOK, view.Shell{Title: "Sale", On: "problem", Body: view.NoTerminal()})
		return
	}
	if r.FormValue("terminal") == t.Name {
		p.choice(w, t.Name)
	}
	nameWindow(w, r)
	state, err := p.state(r.Context(), t, windowOf(r))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.shell(w, r, http.StatusOK, view.Shell{Title: view.TitleOf(state), On: "till", Stream: streamURL("till", "terminal", t.Name), Body: view.TillBody(state)})
}

func streamURL(on string, more ...string) string {
	q := url.Values{"on": {on}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "/events?" + q.Encode()
}

func (p *Pages) choice(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: terminalCookie, Value: url.QueryEscape(name), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// chooser gathers the terminals and what can be said of them.
func (p *Pages) chooser(chosen string) view.Chooser {
	return view.Chooser{Base: p.base(), Terminals: p.engine.Terminals(), Chosen: chosen}
}

func (p *Pages) terminals(w http.ResponseWriter, r *http.Request) {
	t, _ := p.chosen(r)
	p.shell(w, r, http.StatusOK, view.Shell{Title: "Terminals", On: "terminals", Stream: streamURL("terminals", "terminal", t.Name),
		Body: view.Terminals(p.chooser(t.Name))})
}

// openPad has the till open a practice terminal's page, of those that there are.
func (p *Pages) openPad(w http.ResponseWriter, r *http.Request) {
	name := r.PostFormValue("pad")
	at := slices.IndexFunc(p.deps.PinPads, func(pad PinPad) bool { return pad.Name == name })
	if at < 0 || p.deps.OpenPad == nil {
		p.fail(w, r, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: "There is no PIN pad of that name to open. Load the page again."})
		return
	}
	if err := p.deps.OpenPad(p.deps.PinPads[at].URL); err != nil {
		p.deps.Log.Error("open a pin pad's page", "error", err)
		p.fail(w, r, &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Err: err,
			Text: "The browser could not be opened. The page is at " + p.deps.PinPads[at].URL})
		return
	}
	p.done(w, r, "/")
}

// choose remembers the terminal for this window.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request) {
	t, found := p.terminal(r.FormValue("terminal"))
	if !found || t.Name != r.FormValue("terminal") {
		p.fail(w, r, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: "There is no terminal of that name any more. Choose another one."})
		return
	}
	p.choice(w, t.Name)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
