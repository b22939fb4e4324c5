package iotpay_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/iotpay"
	"github.com/paydesk-till/paydesk/backend/provider/iotpay"
)

const cloudAddress = "127.0.0.1:8001"

// open gives the suite a fresh practice cloud; always are switches that stand from the
// beginning.
func open(faults map[string][]string, more payment.Settings, always ...[2]string) conform.Open {
	return func(t *testing.T, network *conform.Network, folder string) conform.Pair {
		t.Helper()
		c, err := practice.New(practice.Options{Ledger: filepath.Join(folder, "ledger.jsonl"), Pace: 1})
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
		settings := payment.Settings{"base-url": "http://" + cloudAddress, "card-url": "http://" + cloudAddress, "mch-id": practice.MerchantID, "job-no": practice.JobNo, "key": practice.Key,
			"refund": "v1"}
		for k, v := range more {
			settings[k] = v
		}
		return conform.Pair{Provider: iotpay.New(), Settings: settings, Practice: c, Faults: faults}
	}
}

// troubles are the switches for the cases of the suite. A cancel at the PIN pad has the
// status of a decline (design 10.12) unless the cloud tells them apart.
var troubles = map[string][]string{
	"cancelled by the customer": {"status.cancelled=4"},
	"lost request":              {"order.request=lose"},
	"refused connection":        {"order.request=refuse"},
	"lost answer":               {"order.answer=lose"},
	"lost answer of a decline":  {"order.answer=lose"},
	"late answer":               {"order.answer=late"},
	"slow body":                 {"order.answer=slow"},
	"duplicate answer":          {"order.answer=duplicate"},
	"truncated answer":          {"order.answer=truncate"},
	"unreadable answer":         {"order.answer=garbage"},
	"empty answer":              {"order.answer=empty"},
	"server error":              {"order.answer=status-502"},
	"wrong id":                  {"order.answer=wrong-signature"},
	"wrong reference":           {"order.answer=wrong-order"},
	"unknown result":            {"order.answer=unknown-status"},
	"unknown code":              {"payment.bank=unknown-code"},
	"lost status answers":       {"order.answer=lose", "query.answer=lose"},
	"another amount":            {"payment.bank=partial"},
	"refund and void":           {"refund.cards=accepted"},
}

func TestConform(t *testing.T) { conform.Test(t, open(troubles, nil)) }

// The same with the other reading of everything that is not documented.
func TestConformOtherReadings(t *testing.T) {
	conform.Test(t, open(troubles, payment.Settings{"response-signature": "b", "language": "fr", "bilingual": "yes"},
		[2]string{"answers.signature", "b"}, [2]string{"failures.signature", "signed"}, [2]string{"answers.type", "text"}, [2]string{"answers.numbers", "strings"},
		[2]string{"answers.paid", "ms"}, [2]string{"answers.totals", "told"}, [2]string{"status.approved", "3"}, [2]string{"query.shape", "result"}, [2]string{"query.not-found", "res-fail"},
		[2]string{"query.progress", "not-found"}, [2]string{"query.lag", "5s"}, [2]string{"order.limit", "30s"}, [2]string{"busy", "res-fail"}, [2]string{"extra.amounts", "decimal"},
		[2]string{"card.number", "first6-last4"}, [2]string{"declined.card", "told"}))
}

// An account that was set up with the wrong reading: every payment is confirmed by a
// query, and nothing else changes but that another amount stays in doubt.
func TestConformWrongReading(t *testing.T) {
	same := maps.Clone(troubles)
	delete(same, "another amount")
	conform.Test(t, open(same, payment.Settings{"response-signature": "a"}, [2]string{"answers.signature", "b"}, [2]string{"query.shape", "payOrder"}))
}
