package iotpay

import (
	"context"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		wrong  string // the setting that is named; empty: fine
	}{
		"fine": {nil, ""}, "no merchant": {map[string]string{"mch-id": ""}, "mch-id"}, "no key": {map[string]string{"key": " "}, "key"},
		"no login": {map[string]string{"job-no": ""}, "job-no"}, "address": {map[string]string{"base-url": "iot.example"}, "base-url"},
		"query": {map[string]string{"base-url": "https://iot.example?x=1"}, "base-url"}, "reading": {map[string]string{"response-signature": "c"}, "response-signature"},
		"refund": {map[string]string{"refund": "v2"}, "refund"}, "ip": {map[string]string{"client-ip": "till"}, "client-ip"}, "currency": {map[string]string{"currency": "USD"}, "currency"},
		"accents": {map[string]string{"job-no": "café"}, "job-no"}, "long": {map[string]string{"mch-id": strings.Repeat("1", 31)}, "mch-id"}, "cards": {map[string]string{"card-url": "ftp://x"}, "card-url"},
		"plain http": {map[string]string{"base-url": "http://api.iotpaycloud.com"}, "base-url"}, "plain http for cards": {map[string]string{"card-url": "http://192.0.2.1"}, "card-url"},
		"plain http at home": {map[string]string{"base-url": "http://127.0.0.1:8001", "card-url": "http://localhost:8001"}, ""},
	} {
		settings := payment.Settings{}
		for k, v := range given {
			settings[k] = v
		}
		for k, v := range c.change {
			settings[k] = v
		}
		_, err := New().Open(context.Background(), "till", settings, payment.Deps{})
		if c.wrong == "" != (err == nil) || err != nil && (payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), "Setting "+c.wrong+":")) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), testKey) {
			t.Errorf("%s tells the key", name)
		}
	}
}

// What a terminal can do follows from the settings; the form says why refunds are off.
func TestAbilities(t *testing.T) {
	for mode, can := range map[string][2]bool{"": {false, false}, "off": {false, false}, "manual": {true, false}, "v1": {true, false}, "v3": {true, true}} {
		h := newHouse(t, map[string]string{"refund": mode}, nil)
		_, refunds := h.terminal.(payment.Refunder)
		_, voids := h.terminal.(payment.Voider)
		_, pings := h.terminal.(payment.Pinger)
		if refunds != can[0] || voids != can[1] || !pings {
			t.Errorf("%q: refunds %t, voids %t", mode, refunds, voids)
		}
		if err := h.terminal.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, s := range New().Info().Settings {
		if s.Key == "key" && !s.Secret || s.Key == "refund" && (s.Default != "off" || !strings.Contains(s.Help, "documents no refund")) {
			t.Errorf("%+v", s)
		}
	}
}
