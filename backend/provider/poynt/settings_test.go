package poynt

import (
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestSettings(t *testing.T) {
	network := &conform.Network{}
	defer network.Close()
	good := payment.Settings{"app-id": testApp, "private-key": testPEM(), "business-id": testBusiness, "store-id": testStore, "device-id": testDevice}
	deps := payment.Deps{Listen: network.Listen, Session: &book{}, Inbox: &box{}}
	for _, c := range []struct {
		key, value string
		wrong      string // a word of the complaint; empty: none
	}{
		{"", "", ""},
		{"app-id", "00000000-0000-4000-8000-000000000001=" + testApp, ""},
		{"app-id", "00000000-0000-4000-8000-000000000001", "urn:aid:"},
		{"app-id", "", "missing"},
		{"private-key", strings.ReplaceAll(testPEM(), "\n", `\n`), ""},
		{"private-key", "key.pem", "@file"},
		{"private-key", "-----BEGIN PUBLIC KEY-----\nMDww\n-----END PUBLIC KEY-----", "public half"},
		{"private-key", "-----BEGIN PRIVATE KEY-----\nMDww\n-----END PRIVATE KEY-----", "can be read"},
		{"business-id", "corner shop", "UUID"},
		{"store-id", "7", "UUID"},
		{"device-id", "", "every terminal"},
		{"device-id", "P61SWTEST00001", "serial number"},
		{"device-id", "33333333-3333-3333-8333-333333333333", "urn:tid:"},
		{"device-id", "urn:tid:7", "urn:tid:"},
		{"base-url", "services.poynt.net", "https://"},
		{"base-url", "http://services.poynt.net", "https://"},
		{"base-url", "https://services-eu.poynt.net/", ""},
		{"ttl", "5", "from 10 to 120"},
		{"ttl", "an hour", "from 10 to 120"},
		{"payload", "c", "a, b"},
		{"currency", "JPY", "USD"},
		{"listen", "8443", "host:port"},
		{"listen", "0.0.0.0:8443", "callback-url"},
		{"listen", "127.0.0.1:0", ""},
		{"callback-url", "https://till.example", "listen"},
		{"allow", "shop", "network"},
		{"allow", "192.0.2.7, 198.51.100.0/24", ""},
	} {
		given := payment.Settings{}
		for k, v := range good {
			given[k] = v
		}
		if given[c.key] = c.value; c.key == "" {
			delete(given, "")
		}
		opened, err := New().Open(t.Context(), "t1", given, deps)
		if (err == nil) != (c.wrong == "") || err != nil && (payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), c.wrong) || !strings.HasPrefix(payment.TextOf(err), "Setting ")) {
			t.Errorf("%s=%.40q: %v", c.key, c.value, err)
		}
		if err == nil {
			if err := opened.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSecretsAreMarked(t *testing.T) {
	for _, s := range New().Info().Settings {
		if s.Secret != (s.Key == "private-key") {
			t.Errorf("%s: secret is %t", s.Key, s.Secret)
		}
		if s.Help == "" || s.Label == "" {
			t.Errorf("%s is not explained", s.Key)
		}
	}
}
