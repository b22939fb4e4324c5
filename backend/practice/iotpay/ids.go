package iotpay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // Canada's zones, also on computers without a list of zones
)

// Every id follows from the moment and the running number of the ledger, so that a
// run can be repeated.

// Prefixes of order ids (iotpay.md 7.2).
const (
	prefixOrder  = "CP"
	prefixRefund = "RP"
)

// payOrderID is a prefix, the moment in UTC and 12 digits, four of them of the seed.
func payOrderID(prefix string, at time.Time, seed int64, number int) string {
	const first, span = 6852, 10_000
	return prefix + at.UTC().Format("20060102150405") + fmt.Sprintf("%04d%08d", (first+seed%span+span)%span, number%100_000_000)
}

// authNum is five digits and a letter, as in the sample (iotpay.md 8).
func authNum(id string) string {
	sum := sha256.Sum256([]byte("authorisation " + id))
	return fmt.Sprintf("%05dZ", (int(sum[0])<<16|int(sum[1])<<8|int(sum[2]))%100_000)
}

// cryptogram is 16 hexadecimal digits.
func cryptogram(id string) string {
	sum := sha256.Sum256([]byte("cryptogram " + id))
	return strings.ToUpper(hex.EncodeToString(sum[:8]))
}

// zone is one of Canada's. Each is in the list that the program carries with it.
func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return z
}

// hostStamp is the host's time, Eastern, with hundredths (iotpay.md 8).
func hostStamp(at time.Time) string {
	eastern := at.In(zone(zoneEastern))
	return eastern.Format("20060102-150405") + fmt.Sprintf("%02d", eastern.Nanosecond()/10_000_000)
}

// The zones of the protocol's clocks: the host's, paySuccTime's, and that of a
// terminal far from both.
const (
	zoneEastern  = "America/Toronto"
	zonePacific  = "America/Vancouver"
	zoneNewfound = "America/St_Johns"
)
