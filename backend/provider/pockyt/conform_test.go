package pockyt_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/pockyt"
	"github.com/paydesk-till/paydesk/backend/provider/pockyt"
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

// scanning is a till whose cashier scans the code of each customer.
type scanning struct{ *pockyt.Provider }

func (p scanning) Open(ctx context.Context, name string, given payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	t, err := p.Provider.Open(ctx, name, given, deps)
	if err != nil {
		return nil, err
	}
	return scanner{t.(*pockyt.Terminal)}, nil
}

type scanner struct{ *pockyt.Terminal }

func (s scanner) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Code = "286498530672949108"
	return s.Terminal.Sale(ctx, r, to)
}

func open(provider payment.Provider, faults map[string][]string, more payment.Settings) conform.Open {
	return func(t *testing.T, network *conform.Network, folder string) conform.Pair {
		t.Helper()
		c, err := practice.New(practice.Options{Ledger: filepath.Join(folder, "ledger.jsonl"), Pace: 1, Client: &http.Client{Transport: network.Transport()}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := network.Listen(cloudAddress, "/", c.Handler()); err != nil {
			t.Fatal(err)
		}
		given := payment.Settings(practice.Settings(cloudAddress))
		given["listen"] = doorAddress
		for k, v := range more {
			given[k] = v
		}
		return conform.Pair{Provider: provider, Settings: given, Practice: cloud{c}, Faults: faults}
	}
}

// Where the customer's code is scanned.
func TestConformScanned(t *testing.T) {
	conform.Test(t, open(scanning{pockyt.New()}, map[string][]string{
		"lost request":             {"add.request=lose", "query.answer=always:lose"},
		"refused connection":       {"add.request=always:refuse"},
		"lost answer":              {"prepay.answer=lose"},
		"lost answer of a decline": {"prepay.answer=lose"},
		"late answer":              {"prepay.answer=delay"},
		"slow body":                {"prepay.answer=slow"},
		"duplicate answer":         {"notice=flood"},
		"truncated answer":         {"prepay.answer=truncate", "query.answer=truncate"},
		"unreadable answer":        {"prepay.answer=garbage", "query.answer=html"},
		"empty answer":             {"prepay.answer=empty", "query.answer=empty"},
		"server error":             {"prepay.answer=status-500", "query.answer=status-500"},
		"wrong id":                 {"prepay.answer=other-order", "query.answer=other-order"},
		"wrong reference":          {"prepay.answer=other-reference", "query.answer=other-reference"},
		"unknown result":           {"prepay.answer=unknown-status", "query.answer=unknown-status"},
		"lost status answers":      {"prepay.answer=lose", "query.answer=lose", "add.answer=lose"},
		"abort lost":               {"cancel.request=lose"},
		"abort too late":           {"cancel.effect=refused"},
	}, nil))
}

// Where the till's code is shown.
func TestConformShown(t *testing.T) {
	conform.Test(t, open(pockyt.New(), map[string][]string{
		"lost request":             {"qr.request=always:lose"},
		"refused connection":       {"qr.request=always:refuse"},
		"lost answer":              {"query.answer=lose"},
		"lost answer of a decline": {"query.answer=lose"},
		"late answer":              {"query.answer=delay"},
		"slow body":                {"query.answer=slow"},
		"duplicate answer":         {"notice=duplicate"},
		"truncated answer":         {"query.answer=truncate", "notice=truncate"},
		"unreadable answer":        {"query.answer=garbage", "notice=garbage"},
		"empty answer":             {"query.answer=empty", "notice=empty"},
		"server error":             {"query.answer=status-500"},
		"wrong id":                 {"query.answer=other-order", "notice=forged"},
		"wrong reference":          {"query.answer=other-reference", "notice=other-reference"},
		"unknown result":           {"query.answer=unknown-status", "notice=unknown-status"},
		"lost status answers":      {"query.answer=lose", "notice=lose"},
		"abort lost":               {"cancel.answer=lose"},
	}, nil))
}

// Where nothing is delivered, asking alone tells everything.
func TestConformByAskingAlone(t *testing.T) {
	conform.Test(t, open(scanning{pockyt.New()}, map[string][]string{
		"lost answer":         {"prepay.answer=lose"},
		"lost status answers": {"prepay.answer=lose", "query.answer=lose"},
		"another amount":      {"prepay.answer=other-amount", "query.answer=other-amount"},
	}, payment.Settings{"listen": ""}))
}
