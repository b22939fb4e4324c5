package receipt_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Helper()
	Fatal(...any)
}

func render(t fataler, op payment.Operation, c payment.Copy, o receipt.Options) receipt.Document {
	t.Helper()
	d, err := receipt.Render(op, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestGolden compares whole slips. sale-customer-sv-42.txt is the example of
// receipts.md 6, character for character; it is never written by -update.
func TestGolden(t *testing.T) {
	with := func(change func(*receipt.Options)) receipt.Options {
		o := swedish
		change(&o)
		return o
	}
	in := func(lang string) receipt.Options { return with(func(o *receipt.Options) { o.Language = lang }) }
	reprint := with(func(o *receipt.Options) {
		o.Reprint, o.PrintedAt = 2, time.Date(2026, 11, 21, 13, 3, 0, 0, time.UTC)
	})
	own := with(func(o *receipt.Options) { o.Merchant = shop })
	for _, c := range []struct {
		name    string
		op      payment.Operation
		copy    payment.Copy
		options receipt.Options
		columns int
		fixed   bool
	}{
		{"sale-customer-sv-42", sale(), payment.CustomerCopy, swedish, 42, true},
		{"sale-merchant-sv-42", sale(), payment.MerchantCopy, swedish, 42, false},
		{"sale-customer-en-24", sale(), payment.CustomerCopy, in("en"), 24, false},
		{"sale-customer-nb-32", sale(), payment.CustomerCopy, in("nb"), 32, false},
		{"sale-customer-da-42", sale(), payment.CustomerCopy, in("da"), 42, false},
		{"sale-customer-fi-48", sale(), payment.CustomerCopy, in("fi"), 48, false},
		{"signature-merchant-sv-42", signed(), payment.MerchantCopy, swedish, 42, false},
		{"declined-customer-sv-42", declined(), payment.CustomerCopy, swedish, 42, false},
		{"cancelled-customer-sv-42", cancelled(), payment.CustomerCopy, own, 42, false},
		{"void-customer-sv-42", void(), payment.CustomerCopy, swedish, 42, false},
		{"refund-customer-sv-42", refund(), payment.CustomerCopy, swedish, 42, false},
		{"tip-cashback-customer-sv-42", tipped(), payment.CustomerCopy, swedish, 42, false},
		{"test-customer-sv-42", sale(), payment.CustomerCopy, with(func(o *receipt.Options) { o.Test = true }), 42, false},
		{"reprint-customer-sv-42", sale(), payment.CustomerCopy, reprint, 42, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := render(t, c.op, c.copy, c.options).Text(c.columns)
			file := filepath.Join("testdata", c.name+".txt")
			if *update && !c.fixed {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
