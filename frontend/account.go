package frontend

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// windowCookie tells windows apart: each remembers its own choices of account. The
// choice itself is not in the cookie, because a stream that stands sees old cookies.
const windowCookie = "window"

// maxChoices bounds the choices of account that are remembered, over all windows and
// terminals; beyond, all are forgotten and the terminals' first accounts stand again.
const maxChoices = 500

// windowOf names the window of a request; empty: it has no name yet.
func windowOf(r *http.Request) string {
	c, err := r.Cookie(windowCookie)
	if err != nil || uuid.Validate(c.Value) != nil {
		return ""
	}
	return c.Value
}

// nameWindow gives a window its name.
func nameWindow(w http.ResponseWriter, r *http.Request) {
	if windowOf(r) == "" {
		http.SetCookie(w, &http.Cookie{Name: windowCookie, Value: uuid.NewString(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
}

// Choices keep, over a restart of the till, who got the money last on each terminal.
type Choices interface {
	// Accounts gives the ids of the accounts by the terminals' names, as they were kept.
	Accounts() map[string]string
	KeepAccount(terminal, account string) error
}

// seat is one terminal in one window.
type seat struct{ window, terminal string }

// chose remembers the account that a window charged for last on a terminal, and keeps
// it for the next start of the till. Without it the next start offers the first one.
func (p *Pages) chose(window, terminal, account string) {
	p.memory.chose(window, terminal, account)
	if p.deps.Choices == nil || account == "" {
		return
	}
	if err := p.deps.Choices.KeepAccount(terminal, account); err != nil {
		p.deps.Log.Warn("keep the chosen account", "terminal", terminal, "error", err)
	}
}

func (m *memory) chose(window, terminal, account string) {
	if window == "" || account == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.accounts) >= maxChoices {
		clear(m.accounts)
	}
	m.accounts[seat{window, terminal}] = account
}

// account chooses the account that stands in the form of the next sale: the one of
// the sale that is offered again, else this window's last one, else the last one before
// the till was started, else the first. One that the terminal has no more is none.
func (p *Pages) account(window string, t engine.TerminalStatus, again payment.Operation) string {
	if len(t.Accounts) == 0 {
		return ""
	}
	p.memory.mu.Lock()
	last := p.memory.accounts[seat{window, t.Name}]
	p.memory.mu.Unlock()
	for _, id := range []string{again.Account, last, p.kept[t.Name]} {
		if hasAccount(t, id) {
			return id
		}
	}
	return t.Accounts[0].ID
}

func hasAccount(t engine.TerminalStatus, id string) bool {
	return slices.ContainsFunc(t.Accounts, func(a payment.Account) bool { return a.ID == id })
}

// readAccount takes the account out of a sale's form. Where there are several, one
// must be named: the money is never sent to one that nobody chose.
func readAccount(t engine.TerminalStatus, id string) (string, error) {
	switch {
	case id == "" && len(t.Accounts) < 2:
		return "", nil
	case id == "":
		return "", input(fmt.Sprintf("Terminal %s charges for several accounts, and none is chosen. Nothing was sent. Choose who gets the money.", t.Name))
	case !hasAccount(t, id):
		return "", input(fmt.Sprintf("The account %.40q is none of terminal %s. Nothing was sent. Load the page again and choose who gets the money.", id, t.Name))
	}
	return id, nil
}
