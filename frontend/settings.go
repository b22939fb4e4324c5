package frontend

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// The limits of what the settings pages do.
const (
	maxName  = 40               // characters of a terminal's name
	maxValue = 16 << 10         // bytes of one setting: a private key fits
	tryTime  = 45 * time.Second // of a live test
)

// Configured is a terminal as it is set up.
type Configured = view.Configured

// Setup changes which terminals there are. Errors are *payment.Error with a
// sentence for a person, and leave everything as it was.
type Setup interface {
	// Providers describes those that can be added.
	Providers() []payment.Info
	// Configured lists the terminals as they are set up, without their secrets.
	Configured(ctx context.Context) ([]Configured, error)
	// Put adds a terminal or changes the one of that name. A secret that is left
	// empty stays as it is.
	Put(ctx context.Context, t Configured) error
	// Remove forgets how a terminal is reached; its operations stay.
	Remove(ctx context.Context, name, operator string) error
	// Discovers tells whether a provider can be asked which terminals there are;
	// Discover asks it, with the settings that are filled in so far and what is stored
	// of the terminal's secrets.
	Discovers(provider string) bool
	Discover(ctx context.Context, t Configured) ([]payment.Found, error)
	// Test asks a terminal for a sign of life; Probe delivers something to its door.
	Test(ctx context.Context, name string) error
	Probe(ctx context.Context, name string) error
}

func (p *Pages) setupRoutes() {
	if p.deps.Setup == nil {
		return
	}
	p.mux.HandleFunc("GET /settings", p.settings)
	p.mux.HandleFunc("GET /settings/terminal", p.terminalForm)
	p.mux.HandleFunc("POST /settings/terminal", p.putTerminal)
	p.mux.HandleFunc("POST /settings/discover", p.discover)
	p.mux.HandleFunc("POST /settings/remove", p.removeTerminal)
	p.mux.HandleFunc("POST /settings/test", p.tryTerminal)
}

// settings lists the terminals with what can be done about them.
func (p *Pages) settings(w http.ResponseWriter, r *http.Request) {
	v, err := p.setupView(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v.Saved = r.FormValue("saved")
	p.shell(w, r, http.StatusOK, view.Shell{Title: "Settings", On: "settings", Body: view.SettingsBody(v)})
}

func (p *Pages) setupView(ctx context.Context) (view.Settings, error) {
	list, err := p.deps.Setup.Configured(ctx)
	return view.Settings{Base: p.base(), Providers: p.deps.Setup.Providers(), Configured: list, Terminals: p.engine.Terminals()}, err
}

// terminalForm is the form of a new terminal of a provider, or of one that exists.
func (p *Pages) terminalForm(w http.ResponseWriter, r *http.Request) {
	v, err := p.setupView(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	f := view.TerminalForm{Settings: v, Terminal: view.Configured{Provider: r.FormValue("provider"), Values: map[string]string{}}}
	if name := r.FormValue("name"); name != "" {
		at := slices.IndexFunc(v.Configured, func(t view.Configured) bool { return t.Name == name })
		if at < 0 {
			p.fail(w, r, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: "There is no terminal of that name any more."})
			return
		}
		f.Terminal, f.Known = v.Configured[at], true
	}
	p.showForm(w, r, http.StatusOK, f)
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, status int, f view.TerminalForm) {
	at := slices.IndexFunc(f.Providers, func(i payment.Info) bool { return i.Name == f.Terminal.Provider })
	if at < 0 {
		p.fail(w, r, input("Choose the provider of the terminal first."))
		return
	}
	f.Info, f.Discovers = f.Providers[at], p.deps.Setup.Discovers(f.Terminal.Provider)
	title := "Add a terminal"
	if f.Known {
		title = "Terminal " + f.Terminal.Name
	}
	p.shell(w, r, status, view.Shell{Title: title, On: "settings", Body: view.TerminalFormBody(f)})
}

// putTerminal saves the form. What is wrong stands at the form, with what was typed.
func (p *Pages) putTerminal(w http.ResponseWriter, r *http.Request) {
	t, known, err := p.readTerminal(r)
	if err == nil {
		err = p.deps.Setup.Put(context.WithoutCancel(r.Context()), t)
	}
	if err == nil {
		http.Redirect(w, r, "/settings?saved="+url.QueryEscape(t.Name), http.StatusSeeOther)
		return
	}
	v, failed := p.setupView(r.Context())
	if failed != nil {
		p.fail(w, r, failed)
		return
	}
	p.showForm(w, r, statusOf(err), view.TerminalForm{Settings: v, Terminal: t, Known: known, Error: payment.TextOf(err)})
}

// discover asks the provider which terminals there are. The page's script fills the
// chosen one into the form: a secret that was typed there is never sent back.
func (p *Pages) discover(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), tryTime)
	defer cancel()
	t, _, err := p.readSettings(r)
	var v view.Discovered
	t.Name = r.PostFormValue("name")
	if err == nil {
		v.List, err = p.deps.Setup.Discover(ctx, t)
	}
	if err != nil {
		v.Wrong = payment.TextOf(err)
	}
	p.page(w, r, http.StatusOK, view.DiscoveredPart(v))
}

// readTerminal takes a terminal out of its form.
func (p *Pages) readTerminal(r *http.Request) (t view.Configured, known bool, err error) {
	known = r.PostFormValue("known") == "yes"
	t, described, err := p.readSettings(r)
	if err != nil {
		return t, known, err
	}
	if t.Name, err = readText(r.PostFormValue("name"), "name", maxName); err != nil {
		return t, known, err
	}
	if t.Operator, err = readText(r.PostFormValue("operator"), "name", maxText); err != nil {
		return t, known, err
	}
	switch {
	case !described:
		err = input("Choose the provider of the terminal first. Nothing was changed.")
	case t.Name == "":
		err = input("Give the terminal a name, as people at the till call it. Nothing was changed.")
	case t.Operator == "":
		err = input("Say who changes this. Nothing was changed.")
	}
	return t, known, err
}

// readSettings takes what is set out of a terminal's form; values of settings that the
// provider does not describe are none, and described is false where it is unknown.
func (p *Pages) readSettings(r *http.Request) (t view.Configured, described bool, err error) {
	t = view.Configured{Provider: r.PostFormValue("provider"), Default: r.PostFormValue("default") == "yes", Values: map[string]string{}, Set: map[string]bool{}}
	for _, info := range p.deps.Setup.Providers() {
		if info.Name != t.Provider {
			continue
		}
		described = true
		for _, s := range info.Settings {
			value := r.PostFormValue("set-" + s.Key)
			if len(value) > maxValue {
				return t, true, input("The value of " + s.Label + " is too long. Nothing was changed.")
			}
			t.Values[s.Key] = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
		}
	}
	return t, described, nil
}

func (p *Pages) removeTerminal(w http.ResponseWriter, r *http.Request) {
	operator, err := readText(r.PostFormValue("operator"), "name", maxText)
	if err == nil && operator == "" {
		err = input("Say who removes it. Nothing was changed.")
	}
	if err == nil {
		err = p.deps.Setup.Remove(context.WithoutCancel(r.Context()), r.PostFormValue("name"), operator)
	}
	p.after(w, r, err, "/settings")
}

// tryTerminal tries one live: the terminal itself, or the way from outside to the
// till. The answer stands at its card.
func (p *Pages) tryTerminal(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), tryTime)
	defer cancel()
	name, what := r.PostFormValue("name"), r.PostFormValue("what")
	try, good := p.deps.Setup.Test, "It answers."
	if what == "door" {
		try, good = p.deps.Setup.Probe, "A test delivery arrived here."
	}
	v := view.Tried{Name: name, Good: true, Text: good, At: p.deps.Now()}
	if err := try(ctx, name); err != nil {
		v.Good, v.Text = false, payment.TextOf(err)
	}
	if part(r) {
		p.page(w, r, http.StatusOK, view.TriedPart(v))
		return
	}
	s, err := p.setupView(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	s.Tried = v
	p.shell(w, r, http.StatusOK, view.Shell{Title: "Settings", On: "settings", Body: view.SettingsBody(s)})
}
