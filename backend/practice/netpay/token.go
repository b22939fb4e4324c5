package netpay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// The credentials of the practice cloud: those that NetPay publishes for its
// sandbox (netpay.md 2.1).
const (
	AuthString = "dHJ1c3RlZC1hcHA6c2VjcmV0" // trusted-app:secret
	Username   = "Nacional"
	Password   = "netpay"
)

// refreshLife is how long a refresh token can be used; the real time is unknown.
const refreshLife = 30 * 24 * time.Hour

// tokens makes and checks tokens. They prove themselves, so that they outlive a
// restart of the cloud.
type tokens struct {
	secret []byte

	mu                  sync.Mutex
	made                int
	passwords, renewals int
}

// claims of a token (netpay.md 2.3).
type claims struct {
	Audience    []string `json:"aud"`
	User        string   `json:"user_name"`
	Scope       []string `json:"scope"`
	Expires     int64    `json:"exp"` // unix seconds
	Authorities []string `json:"authorities"`
	ID          string   `json:"jti"`
	Access      string   `json:"ati,omitempty"` // of a refresh token: the access token it belongs to
	Client      string   `json:"client_id"`
}

// make writes a token of the shape of the real ones. Its signature is not the
// RS256 that its header names: a till must not look into it (netpay.md 2.3).
func (k *tokens) make(c claims) string {
	c.Audience, c.User, c.Scope, c.Authorities, c.Client = []string{"oauth2_id"}, Username, []string{"read", "write"}, []string{"ROLE_USER"}, "trusted-app"
	body, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("claims of our own cannot be written: %v", err))
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(k.sign(text))
}

// sign is a signature as long as that of a 2048-bit key.
func (k *tokens) sign(text string) []byte {
	var out []byte
	for block := byte(0); len(out) < 256; block++ {
		mac := hmac.New(sha256.New, k.secret)
		mac.Write([]byte{block})
		mac.Write([]byte(text))
		out = mac.Sum(out)
	}
	return out
}

// read checks a token; ok is false when it is none of ours.
func (k *tokens) read(token string) (c claims, ok bool) {
	text, signature, found := cutLast(token, ".")
	if !found {
		return claims{}, false
	}
	given, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !hmac.Equal(given, k.sign(text)) {
		return claims{}, false
	}
	_, body, _ := strings.Cut(text, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return claims{}, false
	}
	return c, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Grants tells how many tokens were given out by password and by refresh token.
// A till that asks for one before each sale does not pass NetPay's certification
// (netpay.md 2.4).
func (t *Terminal) Grants() (password, refresh int) {
	t.tokens.mu.Lock()
	defer t.tokens.mu.Unlock()
	return t.tokens.passwords, t.tokens.renewals
}

// token is the token service (netpay.md 2).
func (t *Terminal) token(x *exchange) {
	scheme, credentials, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "basic") || strings.TrimSpace(credentials) != AuthString {
		t.log.Note("Token refused: the Basic header is wrong")
		write(x.w, http.StatusUnauthorized, springError(x.r, http.StatusUnauthorized, "Unauthorized"))
		return
	}
	var form url.Values
	if mediaType(x.r) == "application/x-www-form-urlencoded" {
		form, _ = url.ParseQuery(string(x.raw)) // what cannot be read is missing
	} else {
		t.log.Violate("token request as " + bench.Shorten(x.r.Header.Get("Content-Type")) + ", documented is application/x-www-form-urlencoded")
	}
	if x.r.URL.RawQuery != "" {
		t.log.Violate("token request with parameters in the address, where they are logged")
	}
	refused := func(status int, code, description string) {
		t.log.Note("Token refused: " + description)
		write(x.w, status, oauthError(code, description))
	}
	old, by := "", ""
	switch grant := form.Get("grant_type"); grant {
	case "":
		refused(http.StatusBadRequest, "invalid_request", "Missing grant type")
		return
	case "password":
		if form.Get("username") != Username || form.Get("password") != Password {
			refused(http.StatusBadRequest, "invalid_grant", "Bad credentials")
			return
		}
		by = "password"
	case "refresh_token":
		old, by = form.Get("refresh_token"), "refresh token"
		if status, problem := t.refreshRefused(old); problem != nil {
			refused(status, problem[0], problem[1])
			return
		}
	default:
		refused(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant type: "+bench.Shorten(grant))
		return
	}
	t.log.Note("Token given out by " + by)
	t.reply(x, t.faults.Take("token.answer"), http.StatusOK, t.grant(old))
}

// refreshRefused says why a refresh token is no good. The bodies are those of the
// library that the cloud is known to use (netpay.md 2.6).
func (t *Terminal) refreshRefused(token string) (status int, problem []string) {
	c, ok := t.tokens.read(token)
	switch mode := t.faults.Get("token.refresh"); {
	case mode == "refuse-400", !ok, c.Access == "":
		return http.StatusBadRequest, []string{"invalid_grant", "Invalid refresh token: " + token}
	case mode == "refuse-401", time.Now().Unix() >= c.Expires:
		return http.StatusUnauthorized, []string{"invalid_token", "Invalid refresh token (expired): " + token}
	}
	return 0, nil
}

// grant makes the answer with a new access token; old is the refresh token that
// was used, if any.
func (t *Terminal) grant(old string) map[string]any {
	life, err := strconv.ParseInt(t.faults.Get("token.life"), 10, 64)
	if err != nil {
		panic("the lives of tokens are numbers: " + err.Error())
	}
	rotate := t.faults.Get("token.refresh") == "rotate"
	k := &t.tokens
	k.mu.Lock()
	defer k.mu.Unlock()
	k.made++
	if old == "" {
		k.passwords++
	} else {
		k.renewals++
	}
	now := time.Now()
	id := uuid("token", t.opts.Serial, fmt.Sprint(k.made), fmt.Sprint(now.UnixNano()))
	if old == "" || rotate {
		old = k.make(claims{ID: uuid("refresh", id), Access: id, Expires: now.Add(refreshLife).Unix()})
	}
	return map[string]any{"access_token": k.make(claims{ID: id, Expires: now.Unix() + life}), "token_type": "bearer",
		"refresh_token": old, "expires_in": life, "scope": "read write", "jti": id}
}

// authorised checks the token of a transaction and answers itself when it is not
// good (netpay.md 2.6).
func (t *Terminal) authorised(x *exchange) bool {
	token := bearer(x.r)
	c, ok := t.tokens.read(token)
	var problem map[string]any
	switch {
	case token == "":
		t.log.Violate(x.op + " without a token")
		problem = oauthError("unauthorized", "Full authentication is required to access this resource")
	case !ok, c.Access != "":
		problem = oauthError("invalid_token", "Cannot convert access token to JSON")
	case time.Now().Unix() >= c.Expires:
		problem = oauthError("invalid_token", "Access token expired: "+token)
	default:
		return true
	}
	t.log.Note("The token of a " + x.op + " is refused")
	write(x.w, http.StatusUnauthorized, problem)
	return false
}

// uuid derives an id from what it is for, so that a run can be repeated.
func uuid(of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
