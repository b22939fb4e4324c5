package nexo

import (
	"net/http"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestSeq01SignIn: what the terminal is goes into the timeline (nexo-retailer.md 5.3).
func TestSeq01SignIn(t *testing.T) {
	f := newFake(t, func(m *message) (int, string) {
		return http.StatusOK, strings.Replace(golden(t, "in-login"), "1776000001", m.Header.ServiceID, 1)
	})
	h := open(t, f.address(), nil)
	if err := h.SignIn(t.Context(), h.session); err != nil {
		t.Fatal(err)
	}
	if !h.session.noted("1.3.0.11") || !h.session.noted("2290000001") || h.session.noted("known faults") {
		t.Errorf("notes %+v", h.session.notes)
	}
	if got := f.all("Login")[0].LoginRequest; got.Terminal.Capabilities != capabilitiesDefault || got.Software.Name != "Cashier" || got.Language != "sv" {
		t.Errorf("sent %+v", got)
	}
}

// TestSeq03SignInRefused: sequences 3 and 6; the terminal's words reach the person.
func TestSeq03SignInRefused(t *testing.T) {
	cases := map[string]payment.Code{
		`Result="Failure" ErrorCondition="Busy"`:               payment.CodeBusy,
		`Result="Failure" ErrorCondition="NotAllowed"`:         payment.CodeNotSignedIn,
		`Result="Failure" ErrorCondition="Refusal"`:            payment.CodeRejected,
		`Result="Failure" ErrorCondition="UnavailableService"`: payment.CodeUnsupported,
		`Result="Failure"`: payment.CodeRejected,
		`Result="Partial"`: payment.CodeRejected,
	}
	for result, want := range cases {
		f := newFake(t, func(m *message) (int, string) {
			return http.StatusOK, answerTo(m, `<LoginResponse><Response `+result+`><AdditionalResponse>New Poi ID detected</AdditionalResponse></Response></LoginResponse>`)
		})
		h := open(t, f.address(), light)
		err := h.SignIn(t.Context(), h.session)
		if payment.CodeOf(err) != want || payment.SentOf(err) != payment.SentNo || !strings.Contains(payment.TextOf(err), "New Poi ID detected") {
			t.Errorf("%s: %v", result, err)
		}
		if got := f.all("Login")[0].LoginRequest.Terminal.Capabilities; got != capabilitiesLight {
			t.Errorf("light mode offers %s", got)
		}
	}
}

// TestOldSoftware is warned about (nexo-retailer.md 23).
func TestOldSoftware(t *testing.T) {
	for version, old := range map[string]bool{"1.2.17.0": true, "1.3.0.9": true, "1.3.0.10": true, "1.3.0.11": false, "1.3.1": false, "1.3": true, "2": false, "": false, "x.y": false} {
		if got := older(version, goodVersion); got != old {
			t.Errorf("%q: %v", version, got)
		}
	}
}

// TestSignOut passes the maintenance flag.
func TestSignOut(t *testing.T) {
	result := `Result="Success"`
	f := newFake(t, func(m *message) (int, string) {
		return http.StatusOK, answerTo(m, `<LogoutResponse><Response `+result+`/></LogoutResponse>`)
	})
	h := open(t, f.address(), light)
	for _, maintenance := range []bool{true, false} {
		if err := h.SignOut(t.Context(), maintenance, h.session); err != nil {
			t.Error(err)
		}
	}
	if sent := f.all("Logout"); !sent[0].LogoutRequest.MaintenanceAllowed || sent[1].LogoutRequest.MaintenanceAllowed {
		t.Errorf("sent %q", f.raw)
	}
	result = `Result="Failure" ErrorCondition="Busy"`
	if err := h.SignOut(t.Context(), true, h.session); payment.CodeOf(err) != payment.CodeBusy {
		t.Errorf("%v", err)
	}
}

// TestPing: any well-formed answer is life, and nothing else is (F-21, F-22); that the
// session is gone is told, so that the till signs in again.
func TestPing(t *testing.T) {
	for body, want := range map[string]payment.Code{
		statusFailure("NotAllowed"): payment.CodeNotSignedIn, statusFailure("LoggedOut"): payment.CodeNotSignedIn, statusFailure("NotFound"): "", statusFailure("Busy"): "", statusOf("Payment", "1", paid(`Result="Success"`, "")): "",
		"<Other/>": payment.CodeUnreadable, "": payment.CodeUnreadable,
	} {
		f := looks(t, body)
		h := open(t, f.address(), light)
		err := h.Ping(t.Context(), h.session)
		if (err == nil) != (want == "") || (err != nil && payment.CodeOf(err) != want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestSeq93Language: what the terminal has no texts for becomes English.
func TestSeq93Language(t *testing.T) {
	for tag, want := range map[string]string{"sv": "sv", "sv-SE": "sv", "nb_NO": "no", "nn": "no", "fi": "fi", "DA": "da", "en": "en", "de": "en", "": "en", "??": "en"} {
		if got := language(tag); got != want {
			t.Errorf("%q: %q", tag, got)
		}
	}
}

// TestSettings: a wrong setting is named.
func TestSettings(t *testing.T) {
	good := payment.Settings{"address": "192.0.2.15:11000", "poiid": "KASSA-01"}
	cases := []struct{ key, value, names string }{
		{"address", "", "address"},
		{"address", "http://192.0.2.15", "address"},
		{"address", ":11000", "address"},
		{"address", "192.0.2.15:0", "address"},
		{"address", "192.0.2.15:99999", "address"},
		{"address", "a:b:c", "address"},
		{"poiid", " ", "poiid"},
		{"poiid", strings.Repeat("x", 33), "poiid"},
		{"poiid", "a\nb", "poiid"},
		{"saleid", strings.Repeat("x", 33), "saleid"},
		{"mode", "heavy", "mode"},
		{"listen", "11000", "listen"},
		{"listen", "x:y", "listen"},
		{"not-found", "maybe", "not-found"},
		{"currency", "USD", "currency"},
	}
	for _, c := range cases {
		given := payment.Settings{c.key: c.value}
		for k, v := range good {
			if k != c.key {
				given[k] = v
			}
		}
		h := &house{session: newBook()}
		_, err := New().Open(t.Context(), "t1", given, h.deps())
		if payment.CodeOf(err) != payment.CodeSettings || !strings.HasPrefix(payment.TextOf(err), "Setting "+c.names+":") {
			t.Errorf("%s=%q: %v", c.key, c.value, err)
		}
	}
	for address, want := range map[string]string{
		"192.0.2.15": "192.0.2.15:11000", "192.0.2.15:12000": "192.0.2.15:12000", "till.example": "till.example:11000", "[fe80::1]": "[fe80::1]:11000", "::1": "[::1]:11000", "[::1]:5": "[::1]:5",
	} {
		h := open(t, address, light)
		if h.client.url != "http://"+want+servicePath {
			t.Errorf("%s: %s", address, h.client.url)
		}
	}
	h := &house{session: newBook()}
	deps := h.deps()
	deps.Serial = nil
	if _, err := New().Open(t.Context(), "t1", good, deps); payment.CodeOf(err) != payment.CodeInternal {
		t.Errorf("without a counter: %v", err)
	}
}

// TestAbilities: what the engine finds by type assertion, and the limits of a mode.
func TestAbilities(t *testing.T) {
	h := open(t, "192.0.2.15", light)
	var terminal payment.Terminal = h.Terminal
	for name, ok := range map[string]bool{
		"Refunder": is[payment.Refunder](terminal), "Voider": is[payment.Voider](terminal), "Aborter": is[payment.Aborter](terminal),
		"SignIner": is[payment.SignIner](terminal), "Pinger": is[payment.Pinger](terminal),
		"Limits": is[interface{ Limits() payment.Limits }](terminal),
	} {
		if !ok {
			t.Errorf("a terminal is no %s", name)
		}
	}
	if l := h.Limits(); l.Mirror || l.Inbound || !l.VoidLastOnly {
		t.Errorf("light: %+v", l)
	}
	if info := New().Info(); info.Name != "nexo" || !info.Limits.Mirror || !info.Limits.Inbound || info.Limits.AbortEffect == "" {
		t.Errorf("%+v", info)
	}
}

func is[T any](v any) bool { _, ok := v.(T); return ok }
