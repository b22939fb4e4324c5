package poynt_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/poynt"
	"github.com/paydesk-till/paydesk/backend/provider/poynt"
)

const (
	cloudAddress = "127.0.0.1:8001"
	doorAddress  = "127.0.0.1:8002"
)

// cloud is the practice cloud as the suite plays it.
type cloud struct{ *practice.Cloud }

func (c cloud) Charged() map[string]int64 {
	sums := map[string]int64{}
	for _, b := range c.Bookings() {
		switch {
		case !b.Charged:
		case b.Kind == "refund":
			sums[b.Reference] -= b.AmountMinor
		default:
			sums[b.Reference] += b.AmountMinor
		}
	}
	return sums
}

// always are switches that stand from the beginning.
func open(faults map[string][]string, traceless []string, more payment.Settings, always ...[2]string) conform.Open {
	return func(t *testing.T, network *conform.Network, folder string) conform.Pair {
		t.Helper()
		c, err := practice.New(practice.Options{Ledger: filepath.Join(folder, "ledger.jsonl"), Pace: 1, Client: &http.Client{Transport: network.Transport()}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range always {
			if err := c.SetFault(s[0], s[1]); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := network.Listen(cloudAddress, "/", c.Handler()); err != nil {
			t.Fatal(err)
		}
		given := payment.Settings(practice.Settings(cloudAddress))
		given["listen"] = doorAddress
		for k, v := range more {
			given[k] = v
		}
		return conform.Pair{Provider: poynt.New(), Settings: given, Practice: cloud{c}, Faults: faults, Traceless: traceless}
	}
}

// troubles are the switches for the cases of the suite, where results are delivered.
var troubles = map[string][]string{
	"lost request":             {"message.request=lose"},
	"refused connection":       {"message.request=refuse"},
	"lost answer":              {"callback.result=lose"},
	"lost answer of a decline": {"callback.result=lose"},
	"late answer":              {"callback.result=late"},
	"slow body":                {"message.answer=slow"},
	"duplicate answer":         {"callback.result=flood"},
	"duplicate display":        {"callback.progress=always:duplicate"},
	"reordered display":        {"callback.progress=always:late"},
	"lost displays":            {"callback.progress=always:lose"},
	"foreign displays":         {"callback.progress=always:wrong-reference"},
	"truncated answer":         {"callback.result=truncate"},
	"unreadable answer":        {"callback.result=garbage"},
	"empty answer":             {"callback.result=empty"},
	"server error":             {"message.answer=status-500"},
	"wrong id":                 {"callback.result=forged"},
	"wrong reference":          {"callback.result=wrong-reference"},
	"unknown result":           {"callback.result=unknown-status"},
	"lost status answers":      {"callback.result=lose", "list.answer=lose", "lookup.answer=lose"},
	"another amount":           {"payment.approved-amount=nine-tenths"},
	"abort too late":           {"till-cancel=ignored"},
}

func TestConformGenerationB(t *testing.T) { conform.Test(t, open(troubles, nil, nil)) }

func TestConformGenerationA(t *testing.T) {
	conform.Test(t, open(troubles, nil, payment.Settings{"payload": "a"}, [2]string{"callback.gzip", "on"}))
}

// Without a door approvals and declines end right; a cancel leaves no trace (design
// 10.11).
func TestConformByAskingAlone(t *testing.T) {
	alone := map[string][]string{
		"lost request":             {"message.request=lose"},
		"refused connection":       {"message.request=refuse"},
		"lost answer":              {"message.answer=lose"},
		"lost answer of a decline": {"message.answer=lose"},
		"late answer":              {"message.answer=delay"},
		"slow body":                {"list.answer=slow"},
		"truncated answer":         {"list.answer=truncate"},
		"unreadable answer":        {"list.answer=garbage"},
		"empty answer":             {"list.answer=empty"},
		"server error":             {"list.answer=status-500"},
		"another amount":           {"payment.approved-amount=nine-tenths"},
		"abort too late":           {"till-cancel=ignored"},
	}
	conform.Test(t, open(alone, []string{"cancelled by the customer", "aborted by the cashier"}, payment.Settings{"listen": ""}))
}
