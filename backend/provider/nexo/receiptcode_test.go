package nexo

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestReceiptCodes: only the codes that the vendor's samples explain are read; any
// other claims nothing (nexo-retailer.md 8.2, R-75).
func TestReceiptCodes(t *testing.T) {
	for _, c := range []struct {
		source, method string
		entry          payment.Entry
		cvm            payment.CVM
	}{
		{"C", "a", payment.EntryChip, payment.CVMPin},
		{"K", "/", payment.EntryContactless, ""},
		{"X", "A", "", ""},
		{"", "", "", ""},
	} {
		raw := fmt.Sprintf(`{"Cardholder":{"Mandatory":{"Payment":{"TransactionSource":%q,"CardholderVerificationMethod":%q}}}}`, c.source, c.method)
		slip := slipFrom("CustomerReceipt", outputContent{Texts: []string{base64.StdEncoding.EncodeToString([]byte(raw))}}, "", payment.Sale, time.Time{})
		if slip.Entry != c.entry || slip.CVM != c.cvm {
			t.Errorf("%s%s: %q, %q", c.source, c.method, slip.Entry, slip.CVM)
		}
	}
}
