package netpay

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestToken(t *testing.T) {
	c := newTill(t, Options{})
	r, err := c.askToken("grant_type", "password", "username", "Nacional", "password", "netpay")
	if err != nil || r.status != http.StatusOK {
		t.Fatal(r, err)
	}
	for name, want := range map[string]any{"token_type": "bearer", "expires_in": 43199.0, "scope": "read write"} {
		if r.body[name] != want {
			t.Errorf("%s is %v", name, r.body[name])
		}
	}
	if len(strings.Split(r.text("access_token"), ".")) != 3 || r.text("refresh_token") == "" || r.text("jti") == "" {
		t.Errorf("token %s", r.raw)
	}
	again, err := c.askToken("grant_type", "refresh_token", "refresh_token", r.text("refresh_token"))
	if err != nil || again.text("access_token") == r.text("access_token") || again.text("refresh_token") != r.text("refresh_token") {
		t.Errorf("renewed %d %s %v", again.status, again.raw, err)
	}
	c.set("token.refresh", "rotate")
	if again, err = c.askToken("grant_type", "refresh_token", "refresh_token", r.text("refresh_token")); err != nil || again.text("refresh_token") == r.text("refresh_token") {
		t.Errorf("renewed %d %s %v", again.status, again.raw, err)
	}
	if password, refresh := c.term.Grants(); password != 1 || refresh != 2 {
		t.Errorf("%d grants by password, %d by refresh", password, refresh)
	}
	c.kept()
}

// Every documented error can be told from the others.
func TestTokenErrors(t *testing.T) {
	c := newTill(t, Options{})
	good := url.Values{"grant_type": {"password"}, "username": {"Nacional"}, "password": {"netpay"}}.Encode()
	multipart := "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\npassword\r\n--x--\r\n"
	for name, one := range map[string]struct {
		contentType, authorisation, body string
		status                           int
		problem, description             string
	}{
		"Basic header wrong":   {formType, "Basic d3Jvbmc6d3Jvbmc=", good, 401, "Unauthorized", ""},
		"no Basic header":      {formType, "", good, 401, "Unauthorized", ""},
		"no grant type":        {formType, "Basic " + AuthString, "username=Nacional&password=netpay", 400, "invalid_request", "Missing grant type"},
		"unknown grant type":   {formType, "Basic " + AuthString, "grant_type=magic", 400, "unsupported_grant_type", "Unsupported grant type: magic"},
		"wrong password":       {formType, "Basic " + AuthString, "grant_type=password&username=Nacional&password=x", 400, "invalid_grant", "Bad credentials"},
		"wrong user":           {formType, "Basic " + AuthString, "grant_type=password&username=x&password=netpay", 400, "invalid_grant", "Bad credentials"},
		"garbage to refresh":   {formType, "Basic " + AuthString, "grant_type=refresh_token&refresh_token=x", 400, "invalid_grant", ""},
		"multipart (the page)": {"multipart/form-data; boundary=x", "Basic " + AuthString, multipart, 400, "invalid_request", "Missing grant type"},
	} {
		r, err := c.send(pathToken, one.contentType, one.authorisation, one.body)
		if err != nil || r.status != one.status || r.text("error") != one.problem || one.description != "" && r.text("error_description") != one.description {
			t.Errorf("%s: %d %s %v", name, r.status, r.raw, err)
		}
		if spring := r.body["timestamp"] != nil; spring != (one.problem == "Unauthorized") {
			t.Errorf("%s: the shape of the error is another: %s", name, r.raw)
		}
	}
	c.kept("multipart/form-data")
	r, err := c.askToken("grant_type", "password", "username", "Nacional", "password", "netpay")
	if err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[string]int{"refuse-400": 400, "refuse-401": 401} {
		c.set("token.refresh", mode)
		if r, err := c.askToken("grant_type", "refresh_token", "refresh_token", r.text("refresh_token")); err != nil || r.status != want {
			t.Errorf("%s: %d %s %v", mode, r.status, r.raw, err)
		}
	}
	c.set("token.refresh", "keep")
	if r, err := c.askToken("grant_type", "refresh_token", "refresh_token", r.text("access_token")); err != nil || r.status != 400 {
		t.Errorf("an access token was taken as a refresh token: %d %s %v", r.status, r.raw, err)
	}
}

func TestTokenOfATransaction(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.token = "rubbish"
	sale := func() reply {
		t.Helper()
		r, err := c.push(opSale, map[string]any{"amount": 1, "folioNumber": c.folio()})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := sale(); r.status != 401 || r.text("error") != "invalid_token" || r.text("error_description") != "Cannot convert access token to JSON" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	r, err := c.send(pathPush+"sale", "application/json", "", "{}")
	if err != nil || r.status != 401 || r.text("error") != "unauthorized" {
		t.Errorf("%d %s %v", r.status, r.raw, err)
	}
	c.kept("without a token")
	c.login()
	refresh, err := c.askToken("grant_type", "password", "username", "Nacional", "password", "netpay")
	if err != nil {
		t.Fatal(err)
	}
	good := c.token
	c.token = refresh.text("refresh_token")
	if r := sale(); r.status != 401 {
		t.Errorf("a refresh token was taken: %d %s", r.status, r.raw)
	}
	c.token = good
	c.set("sale.request", "status-401")
	if r := sale(); r.status != 401 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	c.set("sale.request", "expired")
	if r := sale(); r.status != 401 || !strings.Contains(r.text("error_description"), good) {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if r := sale(); r.text("code") != "00" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	c.result()
	if n := len(c.term.Bookings()); n != 1 {
		t.Errorf("%d bookings", n)
	}
}

// Both mounts of the cloud are the same (sequence 69), and nothing else is there.
func TestGateway(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	plain := c.base
	c.base += "/gateway"
	c.sell("1", nil)
	c.base = plain
	c.sell("1", nil)
	c.kept()
	r, err := c.send("/gateway/gateway/oauth-service/oauth/token", formType, "", "")
	if err != nil || r.status != http.StatusNotFound {
		t.Errorf("%d %s %v", r.status, r.raw, err)
	}
	got, err := c.client.Get(c.base + pathPush + "sale")
	if err != nil || got.StatusCode != http.StatusMethodNotAllowed {
		t.Error(got, err)
	}
	got.Body.Close()
	c.kept("there is no", "documented is POST")
}
