package frontend_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend"
)

// workshop is a scripted Setup.
type workshop struct {
	mu      sync.Mutex
	list    []frontend.Configured
	put     []frontend.Configured
	removed []string
	tests   []string
	found   []payment.Found
	asked   []frontend.Configured
	fail    error
}

const key = "-----BEGIN PRIVATE KEY-----\ninvented\n-----END PRIVATE KEY-----"

func newWorkshop() *workshop {
	return &workshop{list: []frontend.Configured{
		{Name: "front", Provider: "cloudy", Default: true, Values: map[string]string{"address": "cloud.example:443", "mode": "fast"}, Set: map[string]bool{"private-key": true}},
		{Name: "cellar", Provider: "cloudy", Values: map[string]string{}, Problem: "The setting \"listen\": the address is in use by another program."},
	}}
}

func (w *workshop) Providers() []payment.Info {
	return []payment.Info{
		{Name: "cloudy", Title: "Cloudy (card terminals by way of a cloud)", Settings: []payment.Setting{
			{Key: "address", Label: "Address of the cloud", Required: true, Help: "Host and port, for example cloud.example:443."},
			{Key: "private-key", Label: "Private key", Secret: true, Lines: true, Help: "The key file's content, as the portal gave it once."},
			{Key: "password", Label: "Password", Secret: true},
			{Key: "mode", Label: "Mode", Default: "slow", Choices: []string{"slow", "fast"}, Help: "slow is the safe one."},
			{Key: "stores", Label: "Stores", Lines: true, Help: "One in each line: id, name, affiliation."},
		}},
		{Name: "plain", Title: "Plain terminal"},
	}
}

func (w *workshop) Configured(context.Context) ([]frontend.Configured, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.list), nil
}

func (w *workshop) Put(_ context.Context, t frontend.Configured) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.put = append(w.put, t)
	return w.fail
}

func (w *workshop) Remove(_ context.Context, name, operator string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.removed = append(w.removed, name+" by "+operator)
	return w.fail
}

func (w *workshop) Discovers(provider string) bool { return provider == "cloudy" }

func (w *workshop) Discover(_ context.Context, t frontend.Configured) ([]payment.Found, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, t)
	return w.found, w.fail
}

func (w *workshop) try(what, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tests = append(w.tests, what+" "+name)
	return w.fail
}

func (w *workshop) Test(_ context.Context, name string) error  { return w.try("terminal", name) }
func (w *workshop) Probe(_ context.Context, name string) error { return w.try("door", name) }

// receiving makes the desk's first terminal one whose outcomes arrive from outside.
func receiving(d *desk) {
	d.terminals[0].Receives = true
	d.terminals[0].Door = payment.Door{Listening: "127.0.0.1:8443", URL: "https://till.example/cb", Without: "A cancel on the device stays in doubt.",
		Probe: func(context.Context) error { return nil }}
}

func setupPages(t *testing.T, w *workshop) (*desk, *frontend.Pages) {
	t.Helper()
	d := newDesk()
	receiving(d)
	p := frontend.New(frontend.Deps{Engine: d, Journal: d, Setup: w, Version: "test"})
	t.Cleanup(p.Close)
	return d, p
}

func send(p *frontend.Pages, method, path string, form url.Values, script bool) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if script {
		r.Header.Set("HX-Request", "true")
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// filled is a form that is in order.
func filled() url.Values {
	return url.Values{"provider": {"cloudy"}, "name": {"bar"}, "operator": {"anna"}, "set-address": {" cloud.example:443 "},
		"set-private-key": {strings.ReplaceAll(key, "\n", "\r\n")}, "set-mode": {"fast"}, "set-unheard-of": {"x"}, "default": {"yes"}}
}

func TestTerminalIsStored(t *testing.T) {
	shop := newWorkshop()
	_, p := setupPages(t, shop)
	if w := send(p, "POST", "/settings/terminal", filled(), false); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/settings?saved=bar" {
		t.Fatalf("%d, %s: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	got := shop.put[0]
	if got.Name != "bar" || got.Provider != "cloudy" || !got.Default || got.Operator != "anna" || got.Values["address"] != "cloud.example:443" ||
		got.Values["private-key"] != key || got.Values["mode"] != "fast" {
		t.Errorf("stored %+v", got)
	}
	if _, there := got.Values["unheard-of"]; there {
		t.Error("a setting that the provider does not describe was taken")
	}
	if w := send(p, "GET", "/settings?saved=bar", nil, false); !strings.Contains(w.Body.String(), "Terminal bar is stored.") {
		t.Error("nobody is told that it is stored")
	}
}

// What is wrong stands at the form with what was typed, except secrets.
func TestWrongTerminalForm(t *testing.T) {
	for name, c := range map[string]struct {
		change func(url.Values, *workshop)
		status int
		text   string
		put    int
	}{
		"no name":   {func(f url.Values, _ *workshop) { f.Set("name", " ") }, 422, "Give the terminal a name", 0},
		"nobody":    {func(f url.Values, _ *workshop) { f.Del("operator") }, 422, "Say who changes this", 0},
		"long name": {func(f url.Values, _ *workshop) { f.Set("name", strings.Repeat("x", 41)) }, 422, "41", 0},
		"huge key":  {func(f url.Values, _ *workshop) { f.Set("set-private-key", strings.Repeat("x", 17<<10)) }, 422, "too long", 0},
		"refused": {func(_ url.Values, w *workshop) {
			w.fail = &payment.Error{Code: payment.CodeConflict, Text: "Operation 3 is open."}
		}, 409, "Operation 3 is open.", 1},
		"no provider": {func(f url.Values, _ *workshop) { f.Set("provider", "nobody") }, 422, "Choose the provider", 0},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newWorkshop()
			_, p := setupPages(t, shop)
			f := filled()
			c.change(f, shop)
			w := send(p, "POST", "/settings/terminal", f, false)
			if w.Code != c.status || (name != "long name" && !strings.Contains(w.Body.String(), c.text)) || len(shop.put) != c.put {
				t.Errorf("%d, put %d: %s", w.Code, len(shop.put), w.Body)
			}
			if strings.Contains(w.Body.String(), "invented") {
				t.Error("a secret is shown again")
			}
			if name != "no provider" && !strings.Contains(w.Body.String(), `value="cloud.example:443"`) && name != "huge key" {
				t.Error("what was typed is lost")
			}
		})
	}
}

func TestSettingsTrial(t *testing.T) {
	shop := newWorkshop()
	_, p := setupPages(t, shop)
	form := url.Values{"name": {"front"}, "what": {"door"}}
	if w := send(p, "POST", "/settings/test", form, true); !strings.Contains(w.Body.String(), "A test delivery arrived here.") || !strings.Contains(w.Body.String(), "tried-front") {
		t.Errorf("%s", w.Body)
	}
	shop.fail = &payment.Error{Code: payment.CodeUnreachable, Text: "Nobody answers there."}
	form.Set("what", "terminal")
	if w := send(p, "POST", "/settings/test", form, false); w.Code != 200 || !strings.Contains(w.Body.String(), "Nobody answers there.") || !strings.Contains(w.Body.String(), "<h1>Settings</h1>") {
		t.Errorf("without script: %d %s", w.Code, w.Body)
	}
	if !slices.Equal(shop.tests, []string{"door front", "terminal front"}) {
		t.Errorf("tried %v", shop.tests)
	}
}

func TestRemoveTerminal(t *testing.T) {
	shop := newWorkshop()
	_, p := setupPages(t, shop)
	if w := send(p, "POST", "/settings/remove", url.Values{"name": {"cellar"}}, false); w.Code != 422 || len(shop.removed) != 0 {
		t.Errorf("without a name: %d, removed %v", w.Code, shop.removed)
	}
	if w := send(p, "POST", "/settings/remove", url.Values{"name": {"cellar"}, "operator": {"anna"}}, false); w.Code != http.StatusSeeOther || !slices.Equal(shop.removed, []string{"cellar by anna"}) {
		t.Errorf("%d, removed %v", w.Code, shop.removed)
	}
}

func TestNoSettingsWithoutSetup(t *testing.T) {
	p := pages(t, newDesk(), false)
	if w := send(p, "GET", "/settings", nil, false); w.Code != 404 {
		t.Errorf("%d", w.Code)
	}
	if w := send(p, "GET", "/", nil, false); strings.Contains(w.Body.String(), "/settings") {
		t.Error("a way to settings that are not there")
	}
}

func findings() []payment.Found {
	return []payment.Found{
		{Title: "Café, Centro: counter (P61)", Settings: payment.Settings{"address": "store-1.example:443", "mode": "fast"}},
		{Title: "Café, Centro: kitchen (P62)", Bar: "it is not activated (DEACTIVATED)"},
	}
}

// The search gets what is filled in so far, and shows no secret.
func TestFindTerminals(t *testing.T) {
	shop := newWorkshop()
	shop.found = findings()
	_, p := setupPages(t, shop)
	if w := send(p, "GET", "/settings/terminal?provider=plain", nil, false); strings.Contains(w.Body.String(), "Find my terminals") {
		t.Error("a search is offered that the provider cannot do")
	}
	w := send(p, "POST", "/settings/discover", filled(), true)
	for _, text := range []string{"counter (P61)", "store-1.example:443", "Not this one: it is not activated"} {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("%q is missing: %s", text, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "invented") || strings.Count(w.Body.String(), "data-fill=") != 1 {
		t.Errorf("%s", w.Body)
	}
	if got := shop.asked[0]; got.Name != "bar" || got.Values["private-key"] != key {
		t.Errorf("asked with %+v", got)
	}
	shop.fail = &payment.Error{Code: payment.CodeSettings, Text: "The setting \"business-id\": it is missing."}
	if w := send(p, "POST", "/settings/discover", url.Values{"provider": {"cloudy"}}, true); !strings.Contains(w.Body.String(), "business-id") {
		t.Errorf("%s", w.Body)
	}
}

// TestFindTerminalsInABrowser fills the form with the chosen one; the typed secret stays.
func TestFindTerminalsInABrowser(t *testing.T) {
	shop := newWorkshop()
	shop.found = findings()
	b := openWith(t, false, shop)
	b.visit("/settings/terminal?provider=cloudy")
	b.do("a secret", chromedp.SendKeys("#field-password", "invented-9"))
	b.until(`document.querySelector("#find").hasAttribute("data-htmx-powered")`)
	b.do("find", chromedp.Click("#find"))
	b.until(`document.querySelector("[data-fill]") !== null`)
	b.do("choose", chromedp.Click("[data-fill]"))
	b.until(`document.querySelector("[data-fill]").getAttribute("aria-pressed") === "true" && !document.querySelector("[data-filled]").hidden`)
	if got := value[string](b, `["address", "mode", "password"].map(k => document.querySelector("[name=set-" + k + "]").value).join(" ")`); got != "store-1.example:443 fast invented-9" {
		t.Errorf("the form holds %q", got)
	}
	b.check("settings-found")
	b.quiet()
}

// TestSettingsInABrowser goes through the pages, with pictures and axe-core.
func TestSettingsInABrowser(t *testing.T) {
	shop := newWorkshop()
	b := openWith(t, false, shop)
	receiving(b.desk)
	b.visit("/settings")
	b.sees("Nothing from outside has arrived yet")
	b.do("test the way in", chromedp.Click("#try-door-front"))
	b.sees("A test delivery arrived here.")
	b.check("settings")
	b.do("change", chromedp.Click("#change-front"))
	b.sees("Private key")
	if got := value[string](b, `document.querySelector("#field-private-key").placeholder + document.querySelector("#field-private-key").value`); got != "Stored. Leave empty to keep it." {
		t.Errorf("the secret's field says %q", got)
	}
	b.check("settings-change")
	b.visit("/settings")
	b.do("add", chromedp.Click("#add-cloudy"))
	b.sees("Name at the till")
	b.keys("\tbar")
	b.check("settings-add")
	b.quiet()
}
