package poynt

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func byAssertion(text string) url.Values {
	return url.Values{"grantType": {grantJWT}, "assertion": {text}}
}

// The answer of the token service, field by field (poynt.md 3.2).
func TestToken(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, c *till) {
		r := c.request(http.MethodPost, "/token", byAssertion(c.assertion(claims())).Encode(), "0e6f7a54-4c1f-4f9e-8f6e-2f2d0c8a4b11")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Del("Authorization")
		a := c.do(r)
		if a.status != 200 || a.body["expiresIn"] != 86400.0 || a.body["scope"] != "ALL" || a.body["tokenType"] != "BEARER" ||
			a.header.Get("Poynt-Request-Id") != "0e6f7a54-4c1f-4f9e-8f6e-2f2d0c8a4b11" || !strings.HasPrefix(text(a.body["refreshToken"]), "1:1:1:2:") {
			t.Fatalf("answer %d %s %v", a.status, a.raw, a.header)
		}
		parts := strings.Split(text(a.body["accessToken"]), ".")
		head, _ := base64.RawURLEncoding.DecodeString(parts[0])
		if string(head) != `{"alg":"RS256"}` {
			t.Errorf("header %s", head)
		}
		raw, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil || !strings.Contains(string(raw), `"poynt.kid":9007199254740993117`) {
			t.Errorf("claims %s", raw)
		}
		var got struct{ Iat, Exp int64 }
		if err := json.Unmarshal(raw, &got); err != nil || got.Exp-got.Iat != 86400 {
			t.Errorf("lifetime %+v", got)
		}
		c.noViolations()
	})
}

// What is wrong with an assertion is found out.
func TestAssertionsRefused(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(key string, value any) func(*till) string {
		return func(c *till) string {
			with := claims()
			if with[key] = value; value == nil {
				delete(with, key)
			}
			return c.assertion(with)
		}
	}
	signedWith := func(method jwt.SigningMethod, key func(*till) any) func(*till) string {
		return func(c *till) string {
			text, err := jwt.NewWithClaims(method, claims()).SignedString(key(c))
			if err != nil {
				c.t.Fatal(err)
			}
			return text
		}
	}
	cases := map[string]struct {
		make   func(*till) string
		strict bool // only a strict service refuses it
	}{
		"another key": {make: signedWith(jwt.SigningMethodRS256, func(*till) any { return stranger })},
		"no signature": {make: signedWith(jwt.SigningMethodNone, func(*till) any {
			return jwt.UnsafeAllowNoneSignatureType
		})},
		"the public key as a secret": {make: signedWith(jwt.SigningMethodHS256, func(c *till) any { return []byte(c.cloud.portal) })},
		"an algorithm that is not accepted": {make: signedWith(jwt.SigningMethodRS512, func(c *till) any {
			return practiceKey(c.t)
		})},
		"another issuer":       {make: changed("iss", "urn:aid:00000000-0000-4000-8000-000000000001")},
		"no issuer":            {make: changed("iss", nil)},
		"another subject":      {make: changed("sub", "urn:aid:00000000-0000-4000-8000-000000000001")},
		"another audience":     {make: changed("aud", "https://services.example")},
		"no audience":          {make: changed("aud", nil)},
		"no expiry":            {make: changed("exp", nil)},
		"expired":              {make: func(c *till) string { return changed("exp", time.Now().Unix()-1)(c) }},
		"rubbish":              {make: func(*till) string { return "a.b.c" }},
		"too long":             {make: func(*till) string { return strings.Repeat("x", maxAssertion+1) }},
		"milliseconds":         {strict: true, make: func(c *till) string { return changed("iat", time.Now().UnixMilli())(c) }},
		"a year ahead":         {strict: true, make: func(c *till) string { return changed("exp", time.Now().Unix()+31_536_000)(c) }},
		"a clock that is fast": {strict: true, make: func(c *till) string { return changed("iat", time.Now().Unix()+600)(c) }},
		"no iat":               {strict: true, make: changed("iat", nil)},
		"no jti":               {strict: true, make: changed("jti", nil)},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{}, func(t *testing.T, c *till) {
				if one.strict {
					if a := c.askToken(byAssertion(one.make(c))); a.status != 200 {
						t.Fatalf("a lenient service answered %d %s", a.status, a.raw)
					}
					c.fault("token.assertion", "strict")
				}
				c.refused(c.askToken(byAssertion(one.make(c))), 401, "LOGIN_FAILED")
				c.violated("assertion")
			})
		})
	}
}

// Every documented algorithm, audience and clock that is right.
func TestAssertionsTaken(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, c *till) {
		c.fault("token.assertion", "strict")
		for _, method := range []jwt.SigningMethod{jwt.SigningMethodRS256, jwt.SigningMethodRS384, jwt.SigningMethodPS256, jwt.SigningMethodPS384, jwt.SigningMethodPS512} {
			signed, err := jwt.NewWithClaims(method, claims()).SignedString(practiceKey(t))
			if err != nil {
				t.Fatal(err)
			}
			if a := c.askToken(byAssertion(signed)); a.status != 200 {
				t.Errorf("%s: %d %s", method.Alg(), a.status, a.raw)
			}
		}
		for _, audience := range []any{"https://services-eu.poynt.net", "https://services.poynt.net/", []string{"https://services.poynt.net"}, c.base} {
			with := claims()
			with["aud"] = audience
			if a := c.askToken(byAssertion(c.assertion(with))); a.status != 200 {
				t.Errorf("aud %v: %d %s", audience, a.status, a.raw)
			}
		}
		c.noViolations()
		same := c.assertion(claims())
		c.askToken(byAssertion(same))
		c.refused(c.askToken(byAssertion(same)), 401, "LOGIN_FAILED")
		c.violated("jti was used before")
	})
}

// The published claim set of poynt.md 22.1 is verified as it stands, at its time.
func TestPublishedClaims(t *testing.T) {
	key := practiceKey(t)
	with := jwt.MapClaims{"iss": AppID, "sub": AppID, "aud": "https://services.poynt.net", "iat": 1768472430, "exp": 1768472730, "jti": "77777777-7777-4777-8777-777777777777"}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, with).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	keys := jwt.VerificationKeySet{Keys: []jwt.VerificationKey{&key.PublicKey}}
	if _, err := verifyAssertion(signed, keys, []string{serviceIssuer}, time.Unix(1768472729, 0)); err != nil {
		t.Error(err)
	}
	if _, err := verifyAssertion(signed, keys, []string{serviceIssuer}, time.Unix(1768472730, 0)); err == nil || !strings.Contains(err.Error(), "2026-01-15T10:25:30Z") {
		t.Errorf("expired, but %v", err)
	}
}

func TestTokenForms(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, c *till) {
		c.refused(c.askToken(url.Values{"assertion": {"x"}}), 400, "MISSING_PARAMETER")
		c.refused(c.askToken(url.Values{"grantType": {grantJWT}}), 400, "MISSING_PARAMETER")
		c.refused(c.askToken(url.Values{"grantType": {"password"}}), 400, "INVALID_PARAMETER")
		c.refused(c.askToken(url.Values{"grant_type": {"authorization_code"}, "code": {"x"}}), 400, "UNSUPPORTED_OPERATION")
		c.refused(c.post("/token", `{"grantType":"x"}`), 400, "INVALID_REQUEST")
	})
}

func TestRefresh(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, c *till) {
		first := c.askToken(byAssertion(c.assertion(claims())))
		refresh := url.Values{"grantType": {"REFRESH_TOKEN"}, "refreshToken": {text(first.body["refreshToken"])}}
		second := c.askToken(refresh)
		if second.status != 200 || second.body["accessToken"] == first.body["accessToken"] {
			t.Fatalf("refresh: %d %s", second.status, second.raw)
		}
		c.refused(c.askToken(refresh), 401, "INVALID_REFRESH_TOKEN")
	})
}

// The two kinds of 401, and how long a token is good (poynt.md 3.3, 3.4).
func TestAccess(t *testing.T) {
	business := "/businesses/" + BusinessID
	bubble(t, Options{}, func(t *testing.T, c *till) {
		if a := c.get(business); a.status != 200 {
			t.Fatal(a)
		}
		time.Sleep(24*time.Hour - time.Second)
		if a := c.get(business); a.status != 200 {
			t.Fatal("a token ended early", a)
		}
		time.Sleep(time.Second)
		c.refused(c.get(business), 401, "INVALID_ACCESS_TOKEN")
		c.token = "rubbish"
		c.refused(c.get(business), 401, "INVALID_ACCESS_TOKEN")
		c.token = c.assertion(claims()) // an assertion is no access token
		c.refused(c.get(business), 401, "INVALID_ACCESS_TOKEN")
		c.token = ""
		c.refused(c.get(business), 401, "INVALID_ACCESS_TOKEN")
		c.violated("without an access token")

		c.fault("token.lifetime", "10s")
		c.signIn()
		time.Sleep(10 * time.Second)
		c.refused(c.get(business), 401, "INVALID_ACCESS_TOKEN")

		c.fault("token.lifetime", "24h")
		c.signIn()
		old := c.token
		c.signIn()
		newest := c.token
		c.token = old
		if a := c.get(business); a.status != 200 {
			t.Error("two tokens may live side by side", a)
		}
		c.fault("token.old", "invalid")
		c.refused(c.get(business), 401, "INVALID_ACCESS_TOKEN")
		c.token = newest
		if a := c.get(business); a.status != 200 {
			t.Error("the newest token is good", a)
		}
		c.fault("lookup.request", "invalid-token")
		c.refused(c.get(transactionsPath+"/x"), 401, "INVALID_ACCESS_TOKEN")
		c.refused(c.get(transactionsPath+"/x"), 404, "TRANSACTION_NOT_FOUND")
	})
}

func TestRights(t *testing.T) {
	message := func(c *till) reply { return c.post("/cloudMessages", c.envelope(c.nested("sale-1", 100, nil), nil)) }
	search := func(c *till) reply { return c.get(transactionsPath) }
	refund := func(c *till) reply { return c.post(transactionsPath, `{"action":"REFUND","parentId":"x"}`) }
	for rights, refusedOne := range map[string]func(*till) reply{"no-messages": message, "no-reading": search, "no-writing": refund} {
		bubble(t, Options{}, func(t *testing.T, c *till) {
			c.fault("access.rights", rights)
			c.refused(refusedOne(c), 401, "UNAUTHORIZED_ACCESS")
			refusals := 0
			for _, ask := range []func(*till) reply{message, search, refund} {
				if a := ask(c); a.code() == "UNAUTHORIZED_ACCESS" {
					refusals++
				}
			}
			if refusals != 1 {
				t.Errorf("%s refuses %d of three", rights, refusals)
			}
			if n := len(c.cloud.Bookings()); n != 0 {
				t.Errorf("%d bookings", n)
			}
		})
	}
	bubble(t, Options{}, func(t *testing.T, c *till) {
		c.fault("access.consent", "missing")
		a := search(c)
		c.refused(a, 401, "UNAUTHORIZED_ACCESS")
		if a.body["message"] != "Access not authorized for the requested resource." {
			t.Errorf("message %v", a.body["message"])
		}
	})
}

// Two clouds with one ledger, one after the other: a till keeps its key.
func TestKeyBesideTheLedger(t *testing.T) {
	file := ledgerFile(t)
	old, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := encodeKey(old)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file+keySuffix, kept)
	bubble(t, Options{Ledger: file}, func(t *testing.T, c *till) { // signs in with this process's key
		signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims()).SignedString(old)
		if err != nil {
			t.Fatal(err)
		}
		if a := c.askToken(byAssertion(signed)); a.status != 200 {
			t.Errorf("the kept key: %d %s", a.status, a.raw)
		}
		r := c.request(http.MethodGet, "/practice/private-key.pem", "", "")
		response, err := c.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if got := readAll(t, response.Body); got != kept {
			t.Error("the portal hands out another key")
		}
	})
	fresh := ledgerFile(t)
	bubble(t, Options{Ledger: fresh}, func(*testing.T, *till) {})
	if got := read(t, fresh+keySuffix); got != Settings("x")["private-key"] {
		t.Error("the key of the process was not kept")
	}
	write(t, file+keySuffix, "rubbish")
	if _, err := New(Options{Ledger: file}); err == nil {
		t.Error("a damaged key was taken")
	}
}
