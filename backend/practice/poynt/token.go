package poynt

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of the token service.
const (
	maxAssertion     = 8 << 10 // bytes
	maxRefreshTokens = 1000
	maxSeen          = 10_000 // assertion ids and message references that are remembered
	// strictLifetime bounds how far ahead a strict service lets exp lie; the
	// documentation's longest example is 2900 s (poynt.md 3.1).
	strictLifetime = time.Hour
	strictSkew     = time.Minute
	msThreshold    = 100_000_000_000 // a time above it cannot be in seconds

	grantJWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// signingMethods are those that Poynt accepts (poynt.md 3.1).
var signingMethods = []string{"RS256", "RS384", "PS256", "PS384", "PS512"}

// token is POST /token (poynt.md 3.2).
func (c *Cloud) token(x *exchange) answer {
	if kind, _, _ := strings.Cut(x.r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		c.log.Violate("/token was posted as " + bench.Shorten(kind) + ", not as a form")
		return refuse("INVALID_REQUEST", "The body must be a form.")
	}
	form, err := url.ParseQuery(string(x.body))
	if err != nil {
		c.log.Violate("/token with a malformed form")
		return refuse("INVALID_REQUEST", "The form could not be read.")
	}
	if x.r.Header.Get("Authorization") != "" && form.Get("grant_type") == "" {
		c.log.Violate("/token with an Authorization header, which only the merchant's consent code needs")
	}
	switch grant := form.Get("grantType"); grant {
	case grantJWT:
		return c.tokenByAssertion(x, form.Get("assertion"))
	case "REFRESH_TOKEN":
		return c.tokenByRefresh(form.Get("refreshToken"))
	case "":
		if form.Get("grant_type") == "authorization_code" {
			return refuse("UNSUPPORTED_OPERATION", "The practice merchant has given its consent already; there is no code to exchange.")
		}
		c.log.Violate("/token without grantType (camel case for this grant)")
		return refuse("MISSING_PARAMETER", "grantType is missing.")
	default:
		c.log.Violate("/token with the unknown grantType " + bench.Shorten(grant))
		return refuse("INVALID_PARAMETER", "grantType is unknown.")
	}
}

func (c *Cloud) tokenByAssertion(x *exchange, assertion string) answer {
	if assertion == "" {
		c.log.Violate("/token without an assertion")
		return refuse("MISSING_PARAMETER", "assertion is missing.")
	}
	claims, err := verifyAssertion(assertion, c.keys, c.audiences(x.r), time.Now())
	if err != nil {
		c.log.Violate("the assertion was refused: " + err.Error())
		return refuse("LOGIN_FAILED", err.Error())
	}
	if note := claims.odd(time.Now()); note != "" {
		c.log.Violate("the assertion is odd: " + note)
		if c.faults.Get("token.assertion") == "strict" {
			return refuse("LOGIN_FAILED", note)
		}
	}
	if c.replayed(claims.ID) {
		c.log.Violate("the assertion's jti was used before")
		if c.faults.Get("token.assertion") == "strict" {
			return refuse("LOGIN_FAILED", "The assertion was used before.")
		}
	}
	return c.issue()
}

// replayed remembers an assertion's id and tells whether it was seen before.
func (c *Cloud) replayed(jti string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.assertions) >= maxSeen {
		clear(c.assertions)
	}
	seen := c.assertions[jti]
	c.assertions[jti] = true
	return seen && jti != ""
}

// audiences are the names of this service: those of both regions, and the
// address at which the till reached it.
func (c *Cloud) audiences(r *http.Request) []string {
	return []string{serviceIssuer, serviceEU, "http://" + r.Host, "https://" + r.Host}
}

// assertion are the claims of the self-signed token (poynt.md 3.1).
type assertion struct{ jwt.RegisteredClaims }

// odd tells what official clients get away with and a correct one does not do.
func (a assertion) odd(now time.Time) string {
	switch {
	case a.IssuedAt == nil:
		return "iat is missing"
	case a.ID == "":
		return "jti is missing"
	case a.IssuedAt.Unix() > msThreshold || a.ExpiresAt.Unix() > msThreshold:
		return "iat or exp is in milliseconds"
	case a.IssuedAt.After(now.Add(strictSkew)):
		return "iat lies in the future; the service's clock says " + now.UTC().Format(time.RFC3339)
	case a.ExpiresAt.After(now.Add(strictLifetime)):
		return "exp is more than an hour ahead; the service's clock says " + now.UTC().Format(time.RFC3339)
	}
	return ""
}

// verifyAssertion checks signature, issuer, subject, audience and expiry.
func verifyAssertion(text string, keys jwt.VerificationKeySet, audiences []string, now time.Time) (assertion, error) {
	if len(text) > maxAssertion {
		return assertion{}, fmt.Errorf("the assertion is longer than %d bytes", maxAssertion)
	}
	parser := jwt.NewParser(jwt.WithValidMethods(signingMethods), jwt.WithIssuer(AppID), jwt.WithSubject(AppID),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	var a assertion
	_, err := parser.ParseWithClaims(text, &a, func(*jwt.Token) (any, error) { return keys, nil })
	if errors.Is(err, jwt.ErrTokenExpired) {
		return assertion{}, fmt.Errorf("%w; the service's clock says %s", err, now.UTC().Format(time.RFC3339))
	}
	if err != nil {
		return assertion{}, fmt.Errorf("verifying the assertion: %w", err)
	}
	if !slices.ContainsFunc(a.Audience, func(name string) bool { return slices.Contains(audiences, strings.TrimRight(name, "/")) }) {
		return assertion{}, fmt.Errorf("aud is none of the names of this service: %s", bench.Shorten(strings.Join(a.Audience, " ")))
	}
	return a, nil
}

func (c *Cloud) tokenByRefresh(token string) answer {
	c.mu.Lock()
	known := c.refresh[token]
	delete(c.refresh, token)
	c.mu.Unlock()
	if !known {
		return refuse("INVALID_REFRESH_TOKEN", "The refresh token is not known.")
	}
	return c.issue()
}

// grant is the answer of the token service (poynt.md 3.2).
type grant struct {
	ExpiresIn    int64  `json:"expiresIn"` // seconds
	AccessToken  string `json:"accessToken"`
	RefreshToken string `json:"refreshToken"`
	Scope        string `json:"scope"`
	TokenType    string `json:"tokenType"`
}

// access are the claims of an access token (poynt.md 3.2).
type access struct {
	jwt.RegisteredClaims
	Sct string `json:"poynt.sct"`
	Org string `json:"poynt.org"`
	Kid int64  `json:"poynt.kid"`
	Aty string `json:"poynt.aty"`
	// Era counts the tokens issued; with one token at a time only the newest is good.
	Era int `json:"practice.era"`
}

// issue makes a new pair of tokens.
func (c *Cloud) issue() answer {
	key, err := serviceKey()
	if err != nil {
		return refuse("INTERNAL_ERROR", err.Error())
	}
	lifetime, err := time.ParseDuration(c.faults.Get("token.lifetime"))
	if err != nil {
		return refuse("INTERNAL_ERROR", err.Error())
	}
	now := time.Now()
	id := c.nextID("token")
	c.mu.Lock()
	c.era++
	claims := access{RegisteredClaims: jwt.RegisteredClaims{Subject: AppID, Audience: jwt.ClaimStrings{AppID}, Issuer: serviceIssuer,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)), ID: id},
		Sct: "J", Org: organisationID, Kid: tokenKeyID, Aty: "S", Era: c.era}
	if len(c.refresh) >= maxRefreshTokens {
		clear(c.refresh)
	}
	refresh := "1:1:1:2:" + strings.ReplaceAll(id, "-", "")
	c.refresh[refresh] = true
	c.mu.Unlock()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	delete(token.Header, "typ") // as observed
	signed, err := token.SignedString(key)
	if err != nil {
		return refuse("INTERNAL_ERROR", err.Error())
	}
	c.log.Note("An access token was issued for " + lifetime.String())
	return ok(grant{ExpiresIn: int64(lifetime / time.Second), AccessToken: signed, RefreshToken: refresh, Scope: "ALL", TokenType: "BEARER"})
}

// admit checks headers, access token, consent and permission (poynt.md 21.2).
func (c *Cloud) admit(x *exchange, needs right) (answer, bool) {
	if a, refused := c.checkHead(x); refused {
		return a, true
	}
	if needs == rightNone {
		return answer{}, false
	}
	if err := c.checkAccess(x.r.Header.Get("Authorization")); err != nil {
		return refuse("INVALID_ACCESS_TOKEN", err.Error()), true
	}
	if c.faults.Get("access.consent") == "missing" {
		return refuse("UNAUTHORIZED_ACCESS", "The business has not given its consent."), true
	}
	rights := c.faults.Get("access.rights")
	if needs == rightMessages && rights == "no-messages" || needs == rightRead && rights == "no-reading" || needs == rightWrite && rights == "no-writing" {
		return refuse("UNAUTHORIZED_ACCESS", "The application lacks the permission."), true
	}
	return answer{}, false
}

// checkAccess verifies the access token of a request.
func (c *Cloud) checkAccess(header string) error {
	scheme, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || text == "" {
		c.log.Violate("a request without an access token")
		return errors.New("the access token is missing")
	}
	key, err := serviceKey()
	if err != nil {
		return err
	}
	var claims access
	_, err = jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(serviceIssuer), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(time.Now)).ParseWithClaims(strings.TrimSpace(text), &claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil })
	if err != nil {
		return fmt.Errorf("the access token is not good: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults.Get("token.old") == "invalid" && claims.Era != c.era {
		return errors.New("a newer access token has replaced this one")
	}
	return nil
}
