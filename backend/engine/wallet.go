package engine

import (
	"fmt"
	"slices"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// shown is what a wallet's sale needs beside the operation. It lives as long as the
// conversation and is never recorded: after a restart a sale is only asked about.
type shown struct {
	code   payment.Scanned
	qr     bool
	vendor string
}

// takesCode checks the customer's code before anything is recorded.
func (w *worker) takesCode(s Start) error {
	switch {
	case s.Code == "" && !s.ShowQR && s.Vendor == "":
		return nil
	case w.wallet == nil:
		return input(fmt.Sprintf("Terminal %s takes cards, not the codes of wallets. Nothing was sent.", w.name))
	case s.Kind != payment.Sale:
		return input("Only a sale takes a customer's code. Nothing was sent.")
	case s.Code != "" && s.ShowQR:
		return input("Either the customer's code is scanned, or the customer scans the till's: choose one. Nothing was sent.")
	case s.Code != "":
		return w.wallet.CheckCode(s.Code, s.Vendor)
	case s.Vendor != "" && !slices.ContainsFunc(w.wallet.Vendors(), func(v payment.Vendor) bool { return v.ID == s.Vendor && v.Show }):
		return input(fmt.Sprintf("No code can be shown for a wallet called %.20q on terminal %s. Nothing was sent. Scan the customer's code, or choose another wallet.", s.Vendor, w.name))
	}
	return nil
}
