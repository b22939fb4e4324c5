package netpay_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/netpay"
	"github.com/paydesk-till/paydesk/backend/provider/netpay"
)

const (
	cloudAddress = "127.0.0.1:8001"
	doorAddress  = "127.0.0.1:8002"
)

// typing types the whole address of the till into the terminal, as its owner does.
type typing struct {
	payment.Provider
	terminal *practice.Terminal
}

func (p typing) Open(ctx context.Context, name string, given payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	t, err := p.Provider.Open(ctx, name, given, deps)
	if err == nil {
		p.terminal.SetTill(t.(payment.Receiver).Door().URL)
	}
	return t, err
}

// open makes pairs. always are switches that stand from the beginning.
func open(faults map[string][]string, more payment.Settings, always ...[2]string) conform.Open {
	return func(t *testing.T, network *conform.Network, folder string) conform.Pair {
		t.Helper()
		terminal, err := practice.New(practice.Options{Ledger: filepath.Join(folder, "ledger.jsonl"), Pace: 1, Client: &http.Client{Transport: network.Transport()}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range always {
			if err := terminal.SetFault(s[0], s[1]); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := network.Listen(cloudAddress, "/", terminal.Handler()); err != nil {
			t.Fatal(err)
		}
		given := payment.Settings{"base-url": "http://" + cloudAddress, "auth-string": practice.AuthString, "username": practice.Username, "password": practice.Password,
			"store-id": practice.DefaultStores()[0].ID, "serial-number": practice.DefaultSerial, "listen": doorAddress}
		for k, v := range more {
			given[k] = v
		}
		return conform.Pair{Provider: typing{netpay.New(), terminal}, Settings: given, Practice: terminal, Faults: faults}
	}
}

// troubles are the switches for the cases of the suite. NetPay's answer to a payment
// is the result that the terminal posts.
var troubles = map[string][]string{
	"lost request":             {"sale.request=lose"},
	"refused connection":       {"sale.request=refuse"},
	"lost answer":              {"sale.result=lose"},
	"lost answer of a decline": {"sale.result=lose"},
	"late answer":              {"sale.result=late"},
	"slow body":                {"sale.answer=slow"},
	"duplicate answer":         {"sale.result=duplicate"},
	"truncated answer":         {"sale.result=truncate"},
	"unreadable answer":        {"sale.result=garbage"},
	"empty answer":             {"sale.result=empty"},
	"server error":             {"sale.answer=status-502"},
	"wrong id":                 {"result.forged=other-till"},
	"wrong reference":          {"result.forged=unknown-folio"},
	"unknown result":           {"sale.result=lose", "reprint.module=unknown"},
	"unknown code":             {"sale.bank=unknown-code"},
	"lost status answers":      {"sale.result=lose", "reprint.result=lose"},
	"another amount":           {"sale.bank=other-amount"},
	"session lost":             {"sale.request=expired"},
}

func TestConform(t *testing.T) { conform.Test(t, open(troubles, nil)) }

func TestConformSmartAccounts(t *testing.T) {
	conform.Test(t, open(troubles, payment.Settings{"smart-accounts": "string", "stores": "700101,Uno,7000001;700102,Dos,7000002", "terminal-prints": "no"}, [2]string{"result.types", "cycle"}))
}

func TestConformConfirmedByReprint(t *testing.T) {
	conform.Test(t, open(troubles, payment.Settings{"confirm": "reprint", "token-renewal": "refresh"}, [2]string{"result.profile", "2022"}, [2]string{"token.life", "60"}))
}
