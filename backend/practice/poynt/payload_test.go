package poynt

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func asJSON(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// envelope is the body of a cloud message around a payload.
func (c *till) envelope(data string, more map[string]any) string {
	c.t.Helper()
	body := map[string]any{"ttl": 45, "businessId": BusinessID, "storeId": StoreID, "deviceId": DeviceID, "data": data}
	for k, v := range more {
		if v == nil {
			delete(body, k)
		} else {
			body[k] = v
		}
	}
	return asJSON(c.t, body)
}

// nested is a payload of generation B.
func (c *till) nested(reference string, minor int64, more map[string]any) string {
	c.t.Helper()
	payment := map[string]any{"amount": minor, "currency": "USD", "referenceId": reference, "enableStatusUpdates": true, "disableTip": false}
	for k, v := range more {
		payment[k] = v
	}
	return asJSON(c.t, map[string]any{"callbackUrl": c.back, "payment": asJSON(c.t, payment)})
}

// flat is a payload of generation A.
func (c *till) flat(action, reference string, more map[string]any) string {
	c.t.Helper()
	body := map[string]any{"action": action, "referenceId": reference, "callbackUrl": url.QueryEscape(c.back)}
	for k, v := range more {
		body[k] = v
	}
	return asJSON(c.t, body)
}

// sell sends a sale and expects the 202.
func (c *till) sell(reference string, minor int64, more map[string]any) {
	c.t.Helper()
	c.send(c.nested(reference, minor, more), nil)
}

func (c *till) send(data string, more map[string]any) {
	c.t.Helper()
	if a := c.post("/cloudMessages", c.envelope(data, more)); a.status != http.StatusAccepted || len(a.raw) != 0 {
		c.t.Fatalf("the cloud message was answered with %d %s %v", a.status, a.raw, a.err)
	}
}

// transactionsOf are those of a payment or a list.
func transactionsOf(payment map[string]any) []map[string]any {
	var list []map[string]any
	given, _ := payment["transactions"].([]any)
	for _, one := range given {
		if tx, isObject := one.(map[string]any); isObject {
			list = append(list, tx)
		}
	}
	return list
}

func field(tx map[string]any, path string) any {
	var at any = tx
	for part := range strings.SplitSeq(path, ".") {
		m, _ := at.(map[string]any)
		at = m[part]
	}
	return at
}

func minorOf(tx map[string]any, path string) int64 {
	f, _ := field(tx, path).(float64)
	return int64(f)
}
