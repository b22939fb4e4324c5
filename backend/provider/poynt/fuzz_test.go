package poynt

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// says is a cloud that answers everything with the same.
type says struct {
	status int
	body   string
}

func (s says) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: s.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

// Whatever the token endpoint answers: a token that is good for a while, or an error that
// says that nothing was sent.
func FuzzTokenAnswer(f *testing.F) {
	for _, seed := range []string{`{"expiresIn":86400,"accessToken":"a"}`, `{"expiresIn":"soon","accessToken":"a"}`, `{"expiresIn":1e300,"accessToken":"a"}`, `{"expiresIn":-9223372036854775808,"accessToken":"a"}`,
		`{"code":"LOGIN_FAILED"}`, `{"code":{"a":[]}}`, "<html>", "", "null"} {
		f.Add(200, seed)
		f.Add(401, seed)
	}
	key := testKey()
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		kept := &book{}
		k := newTokens(settings{key: key, appID: testApp, base: "http://" + cloudAddress}, &wire{base: "http://" + cloudAddress, transport: says{status, body}, newID: uuid.NewString})
		token, life, err := k.fetch(context.Background(), kept)
		switch {
		case err == nil && (token == "" || life <= 0 || life > tokenLifetime || status > 299):
			t.Errorf("%d %q: %q for %s", status, body, token, life)
		case err != nil && (payment.SentOf(err) != payment.SentNo || payment.TextOf(err) == ""):
			t.Errorf("%d %q: %v", status, body, err)
		}
	})
}

// Whatever the cloud answers to a message: nothing but a clear no says that it was not
// taken.
func FuzzMessageAnswer(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"id":"x"}`, `{"code":"INVALID_PARAMETER"}`, `{"code":"REQUEST_ID_DUPLICATE"}`, `{"code":[1]}`, "<html>", "null"} {
		for _, status := range []int{200, 202, 400, 404, 500, 504} {
			f.Add(status, seed)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		w := &wire{base: "http://" + cloudAddress, transport: says{status, body}, newID: uuid.NewString}
		k := newTokens(settings{}, w)
		k.token, k.until = "token", time.Now().Add(time.Hour)
		term := &Terminal{client: &client{w, k}}
		err := term.post(context.Background(), "SaleMessage", "id", []byte("{}"), &book{})
		switch {
		case err == nil && status > 299 && status != 400 && !strings.Contains(body, "REQUEST_"):
			t.Errorf("%d %q counts as taken", status, body)
		case err != nil && payment.SentOf(err) == payment.SentNo && (status < 400 || status >= 500):
			t.Errorf("%d %q counts as not taken: %v", status, body, err)
		case err != nil && payment.TextOf(err) == "":
			t.Errorf("%d %q: nobody is told what it means", status, body)
		}
	})
}

// The answer of the discovery: no terminal is offered that is not activated.
func FuzzBusiness(f *testing.F) {
	for _, seed := range []string{`{"stores":[{"id":"s","storeDevices":[{"deviceId":"urn:tid:1","type":"TERMINAL","status":"ACTIVATED"},{"deviceId":2,"status":[]}]}]}`, `{"stores":null}`, `{"stores":[null]}`, "[]", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = devices(body)
		var b business
		if json.Unmarshal(body, &b) != nil {
			return
		}
		term := &Terminal{settings: settings{device: testDevice, store: testStore}}
		if err := term.listed(b); err == nil {
			for _, store := range b.Stores {
				for _, d := range store.Devices {
					if strings.EqualFold(string(d.ID), testDevice) && d.bar() == "" {
						return
					}
				}
			}
			for _, store := range b.Stores {
				if len(store.Devices) > 0 {
					t.Errorf("%s passes for a business with our terminal", body)
				}
			}
		}
	})
}
