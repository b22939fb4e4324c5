package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

const customersCode = "286498530672949108"

// purse is a scripted terminal for wallets.
type purse struct{ *script }

func (p purse) Open(ctx context.Context, name string, settings payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	_, err := p.script.Open(ctx, name, settings, deps)
	return p, err
}

func (purse) Vendors() []payment.Vendor { return []payment.Vendor{{ID: "alipay", Scan: true}} }

func (purse) CheckCode(code payment.Scanned, vendor string) error {
	if code != customersCode || vendor != "alipay" {
		return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Text: "no code"}
	}
	return nil
}

// A customer's code reaches the terminal with every attempt, and nothing else.
func TestWalletCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: answers(func(context.Context, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, &payment.Error{Code: payment.CodeBusy, Sent: payment.SentNo}
		}, approves)}
		x := newTill(t, s)
		defer x.close()
		if err := x.Add(t.Context(), engine.Terminal{Name: "purse", Provider: purse{s}}, nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for name, wish := range map[string]engine.Start{
			"a card terminal": {Terminal: "one", Amount: 100, Code: customersCode, Vendor: "alipay"},
			"both ways":       {Terminal: "purse", Amount: 100, Code: customersCode, Vendor: "alipay", ShowQR: true},
			"no code":         {Terminal: "purse", Amount: 100, Code: "1", Vendor: "alipay"},
			"no wallet":       {Terminal: "purse", Amount: 100, ShowQR: true, Vendor: "shells"},
			"only scanned":    {Terminal: "purse", Amount: 100, Vendor: "alipay"},
		} {
			if op, err := x.Start(t.Context(), wish); payment.CodeOf(err) != payment.CodeInput || op.ID != "" {
				t.Errorf("%s: %+v, %v", name, op, err)
			}
		}
		op, err := x.Start(t.Context(), engine.Start{Terminal: "purse", Amount: 100, Code: customersCode, Vendor: "alipay"})
		if err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Approved, "")
		synctest.Wait()
		if len(s.sales) != 2 || s.sales[0].Code != customersCode || s.sales[1].Code != customersCode || s.sales[1].Vendor != "alipay" {
			t.Errorf("%d sales", len(s.sales))
		}
		files, err := filepath.Glob(filepath.Join(filepath.Dir(x.path), "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%v, %v", files, err)
		}
		for _, file := range files {
			if raw, err := os.ReadFile(file); err != nil || bytes.Contains(raw, []byte(customersCode)) {
				t.Errorf("%s holds the code, or: %v", file, err)
			}
		}
		for _, status := range x.Terminals() {
			if wallet := strings.HasPrefix(status.Name, "purse"); wallet != (len(status.Vendors) == 1) {
				t.Errorf("%s: %+v", status.Name, status.Vendors)
			}
		}
	})
}
