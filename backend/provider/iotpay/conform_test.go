package iotpay_test

import (
	"context"
	"maps"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/money"
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
		// No void is documented: a signature that does not fit leaves an alarm.
		return conform.Pair{Provider: iotpay.New(), Settings: settings, Practice: c, Faults: faults, SignatureRefused: payment.Approved}
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

// silent hears nothing.
type silent struct{ payment.Reporter }

func (silent) Prompt(payment.Prompt)   {}
func (silent) Message(payment.Message) {}
func (silent) Note(payment.Note)       {}

// 38: by the card API a void before settlement and a refund after it; the other way
// round both are refused, and the books agree.
func TestSeq38AgainstThePracticeCloud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &conform.Network{}
		defer network.Close()
		pair := open(nil, payment.Settings{"refund": "v3"}, [2]string{"card.api", "accepted"})(t, network, t.TempDir())
		defer func() {
			if err := pair.Practice.Close(); err != nil {
				t.Error(err)
			}
		}()
		terminal, err := pair.Provider.Open(context.Background(), "one", pair.Settings, payment.Deps{Transport: network.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		request := func(kind payment.Kind, reference, of string) payment.Request {
			return payment.Request{Kind: kind, Total: money.Amount{Minor: 1000, Currency: "CAD"}, Original: payment.References{Terminal: of},
				Attempt: payment.Attempt{Number: 1, Reference: reference, At: time.Now()}}
		}
		if err := pair.Practice.SetCustomer("chip-pin"); err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		first, err := terminal.Sale(ctx, request(payment.Sale, "1001", ""), silent{})
		second, err2 := terminal.Sale(ctx, request(payment.Sale, "1002", ""), silent{})
		if err != nil || err2 != nil || first.Outcome != payment.Success || second.Outcome != payment.Success {
			t.Fatalf("%+v, %v, %+v, %v", first, err, second, err2)
		}
		refund, void := terminal.(payment.Refunder).Refund, terminal.(payment.Voider).Void
		for _, step := range []struct {
			batch     string
			do        func(context.Context, payment.Request, payment.Reporter) (payment.Result, error)
			kind      payment.Kind
			reference string
			of        payment.Result
			want      payment.Outcome
		}{
			{"open", refund, payment.Refund, "2001", first, payment.Refused}, {"open", void, payment.Void, "2002", first, payment.Success},
			{"settled", void, payment.Void, "2003", second, payment.Refused}, {"settled", refund, payment.Refund, "2004", second, payment.Success},
		} {
			if err := pair.Practice.SetFault("batch", step.batch); err != nil {
				t.Fatal(err)
			}
			r := request(step.kind, step.reference, step.of.References.Terminal)
			if got, err := step.do(ctx, r, silent{}); err != nil || got.Outcome != step.want {
				t.Errorf("%s in a batch that is %s: %+v, %v", step.kind, step.batch, got, err)
			}
			// Whether the card API knows a refund by our number is not documented: it may not.
			told, err := terminal.Lookup(ctx, r, silent{})
			if _, decides := told.Outcome.Trigger(); err != nil || decides && told.Outcome != step.want {
				t.Errorf("looked up: %+v, %v", told, err)
			}
		}
		var sum int64
		for _, minor := range pair.Practice.Charged() {
			sum += minor
		}
		if said := pair.Practice.Violations(); sum != 0 || len(said) > 0 {
			t.Errorf("%d is left, violations %v", sum, said)
		}
	})
}
