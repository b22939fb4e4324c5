package pockyt

import (
	"context"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change payment.Settings
		key    string // of the complaint; empty: taken
	}{
		"as given":               {nil, ""},
		"Seq40 another host":     {payment.Settings{"base-url": "https://mapi.yuansfer.yunkeguan.com/"}, ""},
		"Seq40 angle brackets":   {payment.Settings{"base-url": "https://<mapi.yuansferdev.com>"}, "base-url"},
		"brackets around it all": {payment.Settings{"base-url": "<https://mapi.yuansferdev.com>"}, "base-url"},
		"plain http":             {payment.Settings{"base-url": "http://mapi.yuansfer.com"}, "base-url"},
		"plain http at home":     {payment.Settings{"base-url": "http://127.0.0.1:8420"}, ""},
		"a query":                {payment.Settings{"base-url": "https://mapi.yuansfer.com?x=1"}, "base-url"},
		"callback by http":       {payment.Settings{"callback-url": "http://till.example"}, "callback-url"},
		"no token":               {payment.Settings{"token": " "}, "token"},
		"a token with a break":   {payment.Settings{"token": "a\nb"}, "token"},
		"no merchant":            {payment.Settings{"merchant-no": ""}, "merchant-no"},
		"an odd store":           {payment.Settings{"store-no": "1&2"}, "store-no"},
		"unionpay shows none":    {payment.Settings{"vendor": "unionpay"}, "vendor"},
		"no decimals":            {payment.Settings{"currency": "KRW"}, "currency"},
		"odd settlement":         {payment.Settings{"settle-currency": "CNY"}, "settle-currency"},
		"an odd network":         {payment.Settings{"allow": "10.0.0.0/99"}, "allow"},
		"networks":               {payment.Settings{"allow": "10.0.0.0/8, 192.0.2.1"}, ""},
	} {
		settings := payment.Settings{}
		for k, v := range given {
			settings[k] = v
		}
		for k, v := range c.change {
			settings[k] = v
		}
		_, err := check(settings)
		if c.key == "" && err != nil || c.key != "" && (payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), c.key)) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), token1) {
			t.Errorf("%s: the token is told: %v", name, err)
		}
	}
	gbp, err := check(payment.Settings{"merchant-no": "1", "store-no": "2", "token": "t", "currency": "GBP"})
	if err != nil || gbp.settle != "GBP" || gbp.base != production || gbp.vendor != "alipay" {
		t.Errorf("%+v, %v", gbp, err)
	}
}

func TestInfo(t *testing.T) {
	info := New().Info()
	secret := 0
	for _, s := range info.Settings {
		if s.Secret {
			secret++
		}
	}
	if secret != 1 || !info.Limits.PartialRefund || info.Clocks.Silence <= showFor+closeFor {
		t.Errorf("%+v", info)
	}
	for _, c := range info.Currencies {
		if n, err := text("1.50").minor(c); err != nil || n != 150 {
			t.Errorf("%s: %d, %v", c, n, err)
		}
	}
	if _, err := New().Open(context.Background(), "till", given, payment.Deps{}); payment.CodeOf(err) != payment.CodeInternal {
		t.Error(err)
	}
	if _, err := New().Open(context.Background(), "till", nil, payment.Deps{}); payment.CodeOf(err) != payment.CodeSettings {
		t.Error(err)
	}
}
