package poynt

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// serveBusiness answers discovery.
func (h *house) serveBusiness(body string) {
	h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if r.URL.Path != "/businesses/"+testBusiness {
			return false
		}
		_, _ = w.Write([]byte(body))
		return true
	}
}

const exampleBusiness = `{"id":"` + testBusiness + `","doingBusinessAs":"Corner Shop","stores":[
{"id":"` + testStore + `","displayName":"Main street","currency":"USD","storeDevices":[
 {"deviceId":"` + testDevice + `","serialNumber":"P61SWTEST00001","name":"Counter 1","type":"TERMINAL","status":"ACTIVATED"},
 {"deviceId":"urn:tid:44444444-3333-3333-8333-333333333333","name":"Counter 2","status":"DEACTIVATED"},
 {"deviceId":"urn:tid:55555555-3333-3333-8333-333333333333","type":"WIFI_SENSOR","status":"ACTIVATED"}]},
{"id":"77777777-2222-4222-8222-222222222222","displayName":"Empty","currency":"JPY"}]}`

func TestSeq59_Discovery(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.serveBusiness(exampleBusiness)
		given := payment.Settings{"base-url": "http://" + cloudAddress, "app-id": "x=" + testApp, "private-key": testPEM(), "business-id": testBusiness}
		list, err := New().Discover(context.Background(), given, payment.Deps{Session: h.session, Transport: h.network.Transport()})
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v, %v", list, err)
		}
		first := list[0]
		if first.Bar != "" || first.Settings["device-id"] != testDevice || first.Settings["store-id"] != testStore || first.Settings["currency"] != "USD" ||
			first.Title != "Corner Shop, Main street: Counter 1 (P61SWTEST00001)" {
			t.Errorf("%+v", first)
		}
		for i, word := range map[int]string{1: "DEACTIVATED", 2: "WIFI_SENSOR"} {
			if !strings.Contains(list[i].Bar, word) {
				t.Errorf("%+v", list[i])
			}
		}
		h.clean()
	})
}

func TestDiscoveryFails(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		given := payment.Settings{"base-url": "http://" + cloudAddress, "app-id": testApp, "private-key": testPEM(), "business-id": testBusiness}
		deps := payment.Deps{Session: h.session, Transport: h.network.Transport()}
		for _, c := range []struct {
			status int
			code   string
			want   payment.Code
		}{{401, codeUnauthorized, payment.CodeSettings}, {404, "BUSINESS_NOT_FOUND", payment.CodeSettings}, {500, "DATABASE_ERROR", payment.CodeUnreachable}} {
			h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if r.URL.Path == "/token" {
					return false
				}
				refuse(w, c.status, c.code)
				return true
			}
			if list, err := New().Discover(context.Background(), given, deps); payment.CodeOf(err) != c.want || len(list) != 0 {
				t.Errorf("%s: %+v, %v", c.code, list, err)
			}
		}
		delete(given, "business-id")
		if _, err := New().Discover(context.Background(), given, deps); payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), "business-id") {
			t.Errorf("%v", err)
		}
	})
}

// A ping proves the app, the business and the terminal's activation, and sends the
// connectivity profile once a day, for which nobody waits (60).
func TestSeq60_PingAndProfile(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.serveBusiness(exampleBusiness)
		for range 3 {
			if err := h.Ping(context.Background(), h.session); err != nil {
				t.Fatal(err)
			}
		}
		if len(h.messages) != 1 || h.messages[0].data["action"] != actionProfile || h.messages[0].TTL != 86400 || h.messages[0].data["callbackUrl"] != nil {
			t.Errorf("%+v", h.messages)
		}
		time.Sleep(profileAgain)
		if err := h.Ping(context.Background(), h.session); err != nil || len(h.messages) != 2 {
			t.Errorf("after a day: %d messages, %v", len(h.messages), err)
		}
	})
}

func TestPingFindsWhatIsWrong(t *testing.T) {
	for want, body := range map[string]string{
		"":              `{"stores":[{"id":"` + testStore + `"}]}`, // devices are not always told
		"does not list": strings.Replace(exampleBusiness, testDevice, "urn:tid:99999999-3333-3333-8333-333333333333", 1),
		"not activated": strings.Replace(exampleBusiness, `"ACTIVATED"`, `"REMOVED"`, 1),
		"store-id":      strings.Replace(exampleBusiness, testStore, "88888888-2222-4222-8222-222222222222", 1),
	} {
		play(t, polling, func(t *testing.T, h *house) {
			h.serveBusiness(body)
			err := h.Ping(context.Background(), h.session)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(payment.TextOf(err), want) {
				t.Errorf("%q: %v", want, err)
			}
		})
	}
}
