package poynt

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The times of a token.
const (
	tokenLimit    = 15 * time.Second // of one request for a token
	tokenLifetime = 24 * time.Hour   // the longest that is believed (poynt.md 3.2)
	tokenShortest = time.Minute      // what is taken where Poynt tells nothing usable
	clockTolerant = 2 * time.Minute  // a larger difference of the clocks is told
)

// grantJWT asks for a token for a self-signed assertion (poynt.md 3.2).
const grantJWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// tokens keeps one access token; only one request for a new one is under way.
type tokens struct {
	key   *rsa.PrivateKey
	appID string
	base  string
	wire  *wire

	// closing ends with the terminal, and what is under way then with it.
	closing context.Context
	end     context.CancelFunc
	flights sync.WaitGroup

	mu     sync.Mutex
	token  string
	until  time.Time // by the wall clock: it goes on while the computer sleeps
	flight *flight
}

func newTokens(s settings, w *wire) *tokens {
	k := &tokens{key: s.key, appID: s.appID, base: s.base, wire: w}
	k.closing, k.end = context.WithCancel(context.Background())
	return k
}

// close gives up what is under way: after it nothing is sent or told any more.
func (k *tokens) close() {
	k.mu.Lock()
	k.end()
	k.mu.Unlock()
	k.flights.Wait()
}

// flight is a request for a token that all wait for.
type flight struct {
	done  chan struct{}
	token string
	err   error
}

// get gives a token that is good for a while. Its errors have SentNo: without a
// token nothing is carried out.
func (k *tokens) get(ctx context.Context, to payment.Reporter) (string, error) {
	k.mu.Lock()
	if k.token != "" && time.Now().Round(0).Before(k.until) {
		defer k.mu.Unlock()
		return k.token, nil
	}
	if k.closing.Err() != nil {
		defer k.mu.Unlock()
		return "", linkFault(payment.SentNo, errors.New("ask for an access token: the terminal is closed"))
	}
	f := k.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		k.flight = f
		// Whoever asked first may leave: the others wait for the same answer.
		k.flights.Go(func() { k.fly(context.WithoutCancel(ctx), f, to) })
	}
	k.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", linkFault(payment.SentNo, fmt.Errorf("wait for an access token: %w", ctx.Err()))
	}
}

// drop forgets a token that Poynt does not accept.
func (k *tokens) drop(token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token == token {
		k.token = ""
	}
}

func (k *tokens) fly(ctx context.Context, f *flight, to payment.Reporter) {
	ctx, cancel := context.WithTimeout(ctx, tokenLimit)
	defer cancel()
	defer context.AfterFunc(k.closing, cancel)()
	token, lifetime, err := k.fetch(ctx, to)
	k.mu.Lock()
	defer k.mu.Unlock()
	f.token, f.err = token, err
	if err == nil {
		k.token, k.until = token, time.Now().Round(0).Add(lifetime-lifetime/6) // 20 h of 24 h
	}
	k.flight = nil
	close(f.done)
}

// fetch asks for a token (poynt.md 3.2).
func (k *tokens) fetch(ctx context.Context, to payment.Reporter) (string, time.Duration, error) {
	signed, err := assertion(k.key, k.appID, k.base, time.Now(), k.wire.newID())
	if err != nil {
		return "", 0, &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: fmt.Errorf("sign an assertion: %w", err),
			Text: "The app's private key cannot sign. " + moneyNot}
	}
	form := url.Values{"grantType": {grantJWT}, "assertion": {signed}}
	got, err := k.wire.send(ctx, exchange{name: "Token", method: http.MethodPost, path: "/token", id: k.wire.newID(),
		body: []byte(form.Encode()), kind: "application/x-www-form-urlencoded", record: "grantType=" + grantJWT + "&assertion=[signed by the app]"}, "", to)
	if err != nil {
		var e *payment.Error
		if errors.As(err, &e) {
			err = e.Err
		}
		return "", 0, linkFault(payment.SentNo, fmt.Errorf("ask for an access token: %w", err)) // no money hangs on it
	}
	if !got.ok() {
		return "", 0, k.refused(got)
	}
	var answer struct {
		AccessToken string          `json:"accessToken"`
		ExpiresIn   json.RawMessage `json:"expiresIn"`
	}
	if err := json.Unmarshal(got.body, &answer); err != nil || answer.AccessToken == "" {
		return "", 0, &payment.Error{Code: payment.CodeUnreachable, Sent: payment.SentNo, Err: fmt.Errorf("a token answer without a token: %w", err),
			Text: "Something that is not Poynt answers at base-url. " + moneyNot + " Look at the setting and at the network (a sign-in page, a proxy)."}
	}
	return answer.AccessToken, lifetimeOf(answer.ExpiresIn), nil
}

// lifetimeOf reads expiresIn, in seconds.
func lifetimeOf(raw json.RawMessage) time.Duration {
	var seconds int64
	if json.Unmarshal(raw, &seconds) != nil || seconds <= 0 {
		return tokenShortest
	}
	return min(time.Duration(min(seconds, int64(tokenLifetime/time.Second)))*time.Second, tokenLifetime)
}

// refused words a request for a token that was turned down.
func (k *tokens) refused(r reply) error {
	e := &payment.Error{Code: payment.CodeUnreachable, Sent: payment.SentNo, Err: fmt.Errorf("token: HTTP status %d: %s", r.status, r.fault),
		Text: "Poynt gives out no access token at the moment. " + moneyNot + " Wait a moment, then try again."}
	if r.status >= 500 || r.status == http.StatusTooManyRequests {
		return e
	}
	e.Code = payment.CodeSettings
	e.Text = "Poynt does not accept the app's sign-in. " + moneyNot + " Look at app-id, private-key and base-url: they must belong together."
	if off := k.wire.skew(); off > clockTolerant || off < -clockTolerant {
		e.Text = fmt.Sprintf("Poynt does not accept the app's sign-in, and this computer's clock is %s. %s Set the clock right, then try again.", aside(off), moneyNot)
	}
	return e
}

// aside words by how much the clock is wrong.
func aside(off time.Duration) string {
	if off < 0 {
		return fmt.Sprintf("%d minutes slow", int(-off/time.Minute))
	}
	return fmt.Sprintf("%d minutes fast", int(off/time.Minute))
}
