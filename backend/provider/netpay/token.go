package netpay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// The limits of tokens (netpay.md 2.4).
const (
	tokenPath   = "/oauth-service/oauth/token"
	tokenLimit  = 20 * time.Second
	tokenMargin = 600 * time.Second // so long before its end a token is renewed
	leastLife   = time.Minute       // of a token that names none, or a silly one
	maxText     = 200               // runes of what NetPay says
)

// tokens keeps the token of one terminal. One renewal at a time: the others wait for
// it, as long as they may.
type tokens struct {
	settings settings
	client   *link.Client
	turn     chan struct{} // holds one while somebody uses what follows

	access  string
	refresh string
	until   time.Time
}

// noPermission is said when the token endpoint does not answer.
const noPermission = "NetPay gave no permission to send: it could not be reached, or did not answer. Nothing was sent to the terminal, so nothing was charged. Check this computer's internet connection, then try again."

// get gives a token that is good for a while. Nothing was sent to the terminal when
// it fails: the error has SentNo.
func (t *tokens) get(ctx context.Context, tell func(payment.Message)) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", &payment.Error{Code: payment.CodeNoAnswer, Sent: payment.SentNo, Err: fmt.Errorf("wait for another request for a token: %w", context.Cause(ctx)), Text: noPermission}
	}
	if t.access != "" && time.Now().Before(t.until) {
		return t.access, nil
	}
	form := url.Values{"grant_type": {"password"}, "username": {t.settings.user}, "password": {t.settings.password}}
	if t.settings.renew == renewRefresh && t.refresh != "" {
		err := t.ask(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}}, tell)
		if err == nil {
			return t.access, nil
		}
		t.refresh = "" // once by password, then; what that says counts
	}
	if err := t.ask(ctx, form, tell); err != nil {
		return "", err
	}
	return t.access, nil
}

// drop forgets a token that NetPay has refused, unless there is a newer one already.
func (t *tokens) drop(refused string) {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if t.access == refused {
		t.access = ""
	}
}

// granted is the answer of the token endpoint, in both of its shapes (netpay.md 2.3, 2.6).
type granted struct {
	Access      string  `json:"access_token"`
	Refresh     string  `json:"refresh_token"`
	ExpiresIn   float64 `json:"expires_in"`
	Error       string  `json:"error"`
	Description string  `json:"error_description"`
	Status      int     `json:"status"`
}

func (t *tokens) ask(ctx context.Context, form url.Values, tell func(payment.Message)) error {
	begun := time.Now()
	reply, err := t.client.Do(ctx, link.Call{
		Method: http.MethodPost, URL: t.settings.base + tokenPath, Name: "TokenRequest", Limit: tokenLimit, Secret: true, Body: []byte(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Basic " + t.settings.auth}, "Accept": {"application/json"}},
	}, tell)
	if err != nil {
		return &payment.Error{Code: payment.CodeOf(err), Sent: payment.SentNo, Err: err,
			Text: noPermission}
	}
	var got granted
	if err := json.Unmarshal(reply.Body, &got); err != nil && reply.Status == http.StatusOK {
		return &payment.Error{Code: payment.CodeUnreadable, Sent: payment.SentNo, Err: fmt.Errorf("the token's answer: %w", err),
			Text: "NetPay's answer to the login cannot be read. Nothing was sent to the terminal, so nothing was charged. Look at the setting base-url, then try again."}
	}
	if reply.Status == http.StatusOK && got.Access != "" && got.Error == "" {
		life := time.Duration(got.ExpiresIn) * time.Second
		if got.ExpiresIn <= 0 || got.ExpiresIn > float64(48*time.Hour/time.Second) {
			life = leastLife + tokenMargin
		}
		t.access, t.until = got.Access, begun.Add(max(life-tokenMargin, leastLife))
		if got.Refresh != "" {
			t.refresh = got.Refresh
		}
		return nil
	}
	return tokenRefused(reply.Status, got)
}

// tokenRefused tells the documented errors apart (netpay.md 2.6), by status and
// error, never by the description, which may hold a token.
func tokenRefused(status int, got granted) error {
	what, code := "", payment.CodeRejected
	switch {
	case got.Error == "invalid_grant":
		what, code = "The API user or its password is wrong, or was changed at NetPay. Look at the settings username and password.", payment.CodeSettings
	case got.Error == "unsupported_grant_type":
		what = "NetPay does not take this way to log in. Look at the setting token-renewal."
	case got.Error == "invalid_request":
		what = "NetPay says that the login is incomplete. This is an error of Paydesk: tell its makers."
	case got.Error == "invalid_token":
		what = "NetPay does not take the renewal of the login any more."
	case status == http.StatusUnauthorized || strings.EqualFold(got.Error, "unauthorized"):
		what, code = "NetPay does not know this API client. Look at the setting auth-string: it may be wrong, or switched off at NetPay.", payment.CodeSettings
	case status >= http.StatusInternalServerError:
		what, code = fmt.Sprintf("NetPay's login service has a fault (status %d). Try again in a moment.", status), payment.CodeNoAnswer
	default:
		what = fmt.Sprintf("NetPay refused the login (status %d). Look at the setting base-url.", status)
	}
	return &payment.Error{Code: code, Sent: payment.SentNo, Err: fmt.Errorf("token endpoint: status %d, error %s", status, redact.Text(shorten(got.Error))),
		Text: what + " Nothing was sent to the terminal, so nothing was charged."}
}
