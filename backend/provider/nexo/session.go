package nexo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// goodVersion is the terminal software from which on all known faults that touch
// the till are mended (nexo-retailer.md 23).
const goodVersion = "1.3.0.11"

// SignIn opens a session (nexo-retailer.md 5). It resets a terminal, so it must not
// be called while a payment is open, unless all else failed.
func (t *Terminal) SignIn(ctx context.Context, to payment.Reporter) error {
	m, err := t.next(ctx, "Login")
	if err != nil {
		return err
	}
	m.LoginRequest = login(t.settings.light, t.settings.language, t.deps.Software, t.now().In(t.zone))
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	got, err := t.exchange(ctx, m, false, nil, to)
	if err != nil {
		return err
	}
	answer := got.LoginResponse
	if answer == nil {
		return fault(payment.CodeUnreadable, payment.SentMaybe, false, errors.New("a login answer without its body"))
	}
	if answer.Response.Result != resultSuccess {
		return refusedService("sign in", answer.Response)
	}
	if answer.System != nil {
		t.describe(*answer.System, to)
	}
	return nil
}

// describe notes what the terminal is, and warns of old software.
func (t *Terminal) describe(s poiSystem, to payment.Reporter) {
	t.mu.Lock()
	t.version = s.Software.Version
	t.mu.Unlock()
	text := fmt.Sprintf("Terminal software %s %s, serial number %s, status %s.",
		or(s.Software.Name, "unknown"), or(s.Software.Version, "unknown"), or(s.Terminal.Serial, "unknown"), or(s.Status.Global, "unknown"))
	if older(s.Software.Version, goodVersion) {
		text += " Versions below " + goodVersion + " have known faults: let the terminal update itself."
	}
	t.note(to, payment.ReasonNone, text)
}

// SignOut ends the session; maintenance lets the terminal update itself
// (nexo-retailer.md 5.5).
func (t *Terminal) SignOut(ctx context.Context, maintenance bool, to payment.Reporter) error {
	m, err := t.next(ctx, "Logout")
	if err != nil {
		return err
	}
	m.LogoutRequest = &logoutRequest{MaintenanceAllowed: maintenance}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	got, err := t.exchange(ctx, m, false, nil, to)
	if err != nil {
		return err
	}
	if got.LogoutResponse == nil {
		return fault(payment.CodeUnreadable, payment.SentMaybe, false, errors.New("a logout answer without its body"))
	}
	if got.LogoutResponse.Response.Result != resultSuccess {
		return refusedService("sign out", got.LogoutResponse.Response)
	}
	return nil
}

// older compares versions of numbers and points. What is no such version is not
// called old.
func older(version, than string) bool {
	given, wanted := strings.Split(version, "."), strings.Split(than, ".")
	for i := range wanted {
		have := 0
		if i < len(given) {
			n, err := strconv.Atoi(given[i])
			if err != nil {
				return false
			}
			have = n
		}
		want, err := strconv.Atoi(wanted[i])
		if err != nil || have != want {
			return err == nil && have < want
		}
	}
	return false
}
