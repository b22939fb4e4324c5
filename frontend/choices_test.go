package frontend_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/frontend"
)

// keeper keeps choices as the app does.
type keeper map[string]string

func (k keeper) Accounts() map[string]string { return maps.Clone(k) }

func (k keeper) KeepAccount(terminal, account string) error {
	k[terminal] = account
	return nil
}

// After a restart of the till the account that was charged for last stands in the form,
// unless the terminal has it no more.
func TestAccountSurvivesARestart(t *testing.T) {
	kept := keeper{"terrace": "700102"}
	begin := func() (*desk, http.Handler) {
		d := newDesk()
		stores(d, 2)
		p := frontend.New(frontend.Deps{Engine: d, Journal: d, Choices: kept})
		t.Cleanup(p.Close)
		return d, p
	}
	_, p := begin()
	f := saleForm("125.00")
	f.Set("account", "700102")
	if w := call(t, p, "POST", "/sale", f, false); w.Code != http.StatusSeeOther || kept["front"] != "700102" {
		t.Fatalf("%d, kept %v", w.Code, kept)
	}
	checked := func(p http.Handler, id string) bool {
		_, after, _ := strings.Cut(get(t, p, "/"), `value="`+id+`" id="account-`)
		tag, _, _ := strings.Cut(after, ">")
		return strings.Contains(tag, "checked")
	}
	if _, p = begin(); !checked(p, "700102") {
		t.Error("it was forgotten")
	}
	kept["front"] = "700199"
	if _, p = begin(); !checked(p, "700101") {
		t.Error("a store that the terminal has no more was taken")
	}
}
