package netpay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Every id follows from the serial number and the running number of the ledger,
// so that a run can be repeated.

// orderLayout is the time in an order id, in Mexico City (netpay.md 5.3).
const orderLayout = "060102150405"

func orderID(at time.Time, serial string) string {
	return at.In(mexico).Format(orderLayout) + "-" + serial
}

// orderTime is the time that an order id begins with.
func orderTime(id string) (time.Time, bool) {
	text, _, found := strings.Cut(id, "-")
	at, err := time.ParseInLocation(orderLayout, text, mexico)
	return at, found && err == nil
}

func transactionID(serial, id string) string {
	return strings.ToUpper(uuid("transaction", serial, id))
}

// authCode is six digits.
func authCode(serial, id string) string {
	sum := sha256.Sum256([]byte("authorisation " + serial + " " + id))
	return fmt.Sprintf("%06d", (int(sum[0])<<16|int(sum[1])<<8|int(sum[2]))%1_000_000)
}

// cryptogram is 16 hexadecimal digits, as ARQC and TC have.
func cryptogram(kind, serial, id string) string {
	sum := sha256.Sum256([]byte(kind + " " + serial + " " + id))
	return strings.ToUpper(hex.EncodeToString(sum[:8]))
}
