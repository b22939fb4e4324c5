package poynt

import (
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

func practiceKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := appKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// claims are those of a correct assertion (poynt.md 3.1).
func claims() jwt.MapClaims {
	now := time.Now().Unix()
	return jwt.MapClaims{"iss": AppID, "sub": AppID, "aud": "https://services.poynt.net", "iat": now, "exp": now + 300, "jti": uuid.NewString()}
}

func (c *till) assertion(with jwt.MapClaims) string {
	c.t.Helper()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, with).SignedString(practiceKey(c.t))
	if err != nil {
		c.t.Fatal(err)
	}
	return signed
}

// reply is what the cloud answered.
type reply struct {
	status int
	raw    []byte
	body   map[string]any
	header http.Header
	err    error
}

func (r reply) code() string { return text(r.body["code"]) }

func (c *till) do(r *http.Request) reply {
	response, err := c.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	a := reply{status: response.StatusCode, raw: raw, header: response.Header, err: err}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &a.body); err != nil && a.err == nil {
			a.err = err
		}
	}
	return a
}

func (c *till) askToken(form url.Values) reply {
	r := c.request(http.MethodPost, "/token", form.Encode(), "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Del("Authorization")
	return c.do(r)
}

func (c *till) signIn() {
	c.t.Helper()
	a := c.askToken(url.Values{"grantType": {grantJWT}, "assertion": {c.assertion(claims())}})
	if a.status != http.StatusOK {
		c.t.Fatalf("no token: %+v", a)
	}
	c.token = text(a.body["accessToken"])
}

func (c *till) request(method, path, body, id string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Api-Version", "1.2")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if id != "" {
		r.Header.Set("Poynt-Request-Id", id)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (c *till) get(path string) reply { return c.do(c.request(http.MethodGet, path, "", "")) }

func (c *till) post(path, body string) reply {
	return c.do(c.request(http.MethodPost, path, body, uuid.NewString()))
}

const transactionsPath = "/businesses/" + BusinessID + "/transactions"

func (c *till) refused(a reply, status int, code string) {
	c.t.Helper()
	if a.status != status || a.code() != code {
		c.t.Fatalf("got %d %s (%v), want %d %s", a.status, a.raw, a.err, status, code)
	}
	if int(a.body["httpStatus"].(float64)) != status || text(a.body["message"]) == "" || text(a.body["requestId"]) == "" {
		c.t.Fatalf("the error body is not whole: %s", a.raw)
	}
}
