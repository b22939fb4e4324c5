package pockyt

import (
	"encoding/json"
	"maps"
	"strings"
)

// What falsified answers and notices say.
const (
	otherNo        = "297553699999999999"
	otherReference = "somebody-elses-1"
	otherMerchant  = "200999"
	otherAmount    = "999.99"
	unknownStatus  = "settling"
)

// falsify makes another result of a true one; the kept one is not touched.
func falsify(result map[string]any, fault string) map[string]any {
	if result == nil || fault == "ok" {
		return result
	}
	m := maps.Clone(result)
	put := func(value any, names ...string) {
		for _, name := range names {
			if _, there := m[name]; there {
				m[name] = value
			}
		}
	}
	switch fault {
	case "no-result":
		return nil
	case "other-order":
		put(otherNo, "transactionNo", "refundTransactionNo")
		put(otherReference, "reference")
	case "other-reference":
		put(otherReference, "reference", "refundReference")
	case "other-amount":
		put(otherAmount, "amount", "refundAmount")
	case "other-currency":
		other := "HKD"
		if m["currency"] == other {
			other = "USD"
		}
		put(other, "currency", "settleCurrency")
	case "other-merchant":
		put(otherMerchant, "merchantNo")
	case "unknown-status":
		put(unknownStatus, "status", "transactionStatus")
	case "no-status":
		delete(m, "status")
		delete(m, "transactionStatus")
	case "number-amount":
		if text, is := m["amount"].(string); is {
			m["amount"] = json.Number(text)
		}
	case "upper-case":
		for _, name := range []string{"status", "transactionStatus"} {
			if text, is := m[name].(string); is {
				m[name] = strings.ToUpper(text)
			}
		}
	case "old-names":
		m["oldTransactionId"], m["refundTransactionId"] = m["transactionNo"], m["refundTransactionNo"]
		delete(m, "transactionNo")
		delete(m, "refundTransactionNo")
	}
	return m
}
