package conform_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/nexo"
	"github.com/paydesk-till/paydesk/backend/provider/nexo"
)

// terminal is the nexo practice terminal as the suite plays it.
type terminal struct{ *practice.Terminal }

func (t terminal) Charged() map[string]int64 {
	sums := map[string]int64{}
	for _, b := range t.Bookings() {
		switch {
		case !b.Charged:
		case b.Kind == "refund":
			sums[b.SaleTransactionID] -= b.AmountMinor
		default:
			sums[b.SaleTransactionID] += b.AmountMinor
		}
	}
	return sums
}

func open(mode string) conform.Open {
	return func(t *testing.T, network *conform.Network, folder string) conform.Pair {
		t.Helper()
		p, err := practice.New(practice.Options{POIID: "KASSA-01", Ledger: filepath.Join(folder, "ledger.jsonl"), Pace: 1,
			Till: "http://127.0.0.1:11001", Client: &http.Client{Transport: network.Transport()}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := network.Listen("127.0.0.1:11000", "/", p.Handler()); err != nil {
			t.Fatal(err)
		}
		refused := payment.Declined
		if mode == "light" {
			refused = payment.Cancelled
		}
		faults := map[string][]string{
			"lost request":             {"payment.request=lose"},
			"refused connection":       {"payment.request=refuse"},
			"lost answer":              {"payment.answer=lose"},
			"lost answer of a decline": {"payment.answer=lose"},
			"late answer":              {"payment.answer=delay"},
			"slow body":                {"payment.answer=slow"},
			"duplicate answer":         {"payment.answer=duplicate"},
			"truncated answer":         {"payment.answer=truncate"},
			"unreadable answer":        {"payment.answer=garbage"},
			"empty answer":             {"payment.answer=empty-200"},
			"server error":             {"payment.answer=status-500"},
			"wrong id":                 {"payment.answer=wrong-id"},
			"wrong reference":          {"payment.answer=wrong-reference"},
			"unknown result":           {"payment.answer=unknown-result"},
			"unknown code":             {"payment.answer=unknown-condition"},
			"lost status answers":      {"payment.answer=lose", "status.answer=lose"},
			"another amount":           {"payment.answer=other-amount"},
			"abort too late":           {"abort.effect=late"},
		}
		if mode == "default" {
			for name, value := range map[string]string{"duplicate display": "duplicate", "reordered display": "reorder", "lost displays": "always:lose", "foreign displays": "always:wrong-id"} {
				faults[name] = []string{"display=" + value}
			}
			faults["abort lost"] = []string{"abort.request=lose"}
		}
		var updated func() bool
		if mode == "default" { // light mode hears no events
			faults["update"] = []string{"maintenance=waiting"}
			updated = func() bool { return setting(p, "maintenance") == "none" }
		}
		return conform.Pair{
			Updated: updated, Provider: nexo.New(), Practice: terminal{p}, Faults: faults, SignatureRefused: refused,
			Settings: payment.Settings{"address": "127.0.0.1:11000", "poiid": "KASSA-01", "mode": mode, "listen": "127.0.0.1:11001"},
		}
	}
}

// setting reads a switch of the terminal as its page shows it.
func setting(p *practice.Terminal, name string) string {
	for _, s := range p.Device().View().Switches {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

func TestNexoDefaultMode(t *testing.T) { conform.Test(t, open("default")) }

func TestNexoLightMode(t *testing.T) { conform.Test(t, open("light")) }
