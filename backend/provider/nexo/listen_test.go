package nexo

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestSeq69Strangers: another POIID or another address is acknowledged and ignored.
func TestSeq69Strangers(t *testing.T) {
	h := paying(t)
	if status, _ := h.post(t, strings.Replace(display("Approved", ""), "KASSA-01", "KASSA-99", 1)); status != http.StatusNoContent {
		t.Errorf("other POIID: %d", status)
	}
	if !h.session.noted("KASSA-99") || h.op.promptCount() != 0 {
		t.Errorf("notes %+v, %d prompts", h.session.notes, h.op.promptCount())
	}
	far := open(t, "192.0.2.15:11000", nil)
	far.inbound.Store(far.op)
	for _, body := range []string{display("Approved", ""), golden(t, "in-print"), golden(t, "in-input"), golden(t, "in-event")} {
		if status, _ := far.post(t, body); status != http.StatusNoContent {
			t.Errorf("other address: %d", status)
		}
	}
	if !far.session.noted("not from its address") || len(far.session.notes) != 2 || far.op.promptCount() != 0 || len(far.op.slips) != 0 || len(far.op.asked) != 0 {
		t.Errorf("notes %+v, operation %s", far.session.notes, far.op.everything())
	}
}

// TestSenders: which addresses are a terminal's own.
func TestSenders(t *testing.T) {
	cases := []struct {
		host, remote string
		want         bool
	}{
		{"192.0.2.15", "192.0.2.15:4711", true},
		{"192.0.2.15", "192.0.2.16:4711", false},
		{"192.0.2.15", "[::ffff:192.0.2.15]:4711", true},
		{"localhost", "127.0.0.1:1", true},
		{"localhost", "[::1]:1", true},
		{"127.0.0.1", "[::1]:1", true},
		{"localhost", "192.0.2.1:1", false},
		{"fe80::1", "[fe80::1%eth0]:1", true},
		{"192.0.2.15", "rubbish", false},
	}
	for _, c := range cases {
		if got := (&sender{host: c.host}).allows(t.Context(), c.remote); got != c.want {
			t.Errorf("%s from %s: %v", c.host, c.remote, got)
		}
	}
}

// TestSeq70BadBodies: the broken ones get 400 or 413, nothing is fatal, and the
// listener goes on.
func TestSeq70BadBodies(t *testing.T) {
	h := paying(t)
	cases := map[string]int{
		"":          http.StatusBadRequest,
		"not XML":   http.StatusBadRequest,
		"<a/>":      http.StatusBadRequest,
		"<a>":       http.StatusBadRequest,
		"\xff\xfe<": http.StatusBadRequest,
		`<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]>` + display("&c;", ""):                        http.StatusBadRequest,
		strings.ReplaceAll(display("x", ""), "SaleToPOIRequest", "SaleToPOIResponse"):                       http.StatusBadRequest,
		"<SaleToPOIRequest><DisplayRequest/></SaleToPOIRequest>":                                            http.StatusBadRequest,
		display(strings.Repeat("x", 5<<20), ""):                                                             http.StatusRequestEntityTooLarge,
		strings.Replace(display("x", ""), "</SaleToPOIRequest>", "", 1):                                     http.StatusBadRequest,
		strings.ReplaceAll(display("x", quiet), `"Display"`, `"Unknown"`):                                   http.StatusNoContent,
		strings.Replace(strings.ReplaceAll(display("x", ""), "DisplayRequest", "InputUpdate"), "x", "y", 1): http.StatusNoContent,
	}
	for body, want := range cases {
		if status, _ := h.post(t, body); status != want {
			t.Errorf("%.80q: %d, want %d", body, status, want)
		}
	}
	got, err := http.Get(h.listening)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Body.Close(); err != nil || got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d, %v", got.StatusCode, err)
	}
	if status, _ := h.post(t, display("Welcome", quiet)); status != http.StatusNoContent {
		t.Errorf("afterwards: %d", status)
	}
	if len(h.session.notes) > 3 {
		t.Errorf("strangers wrote %d notes", len(h.session.notes))
	}
}

// TestPanicIsAnswered: a fault of ours is a 500 and a note.
func TestPanicIsAnswered(t *testing.T) {
	h := paying(t)
	h.Terminal.deps.Inbound = func() payment.Reporter { panic("oops") }
	if status, _ := h.post(t, display("x", "")); status != http.StatusInternalServerError || !h.session.noted("oops") {
		t.Errorf("status %d, notes %+v", status, h.session.notes)
	}
}

// TestSeq86TwoTerminals: one listener, told apart by POIID; the last one to leave
// ends it.
func TestSeq86TwoTerminals(t *testing.T) {
	p := New()
	var houses []*house
	var stops int
	for _, id := range []string{"KASSA-01", "KASSA-02"} {
		h := &house{session: newBook(), op: newBook()}
		h.inbound.Store(h.op)
		deps := h.deps()
		deps.Listen = func(address, path string, handler http.Handler) (string, func(), error) {
			actual, stop, err := h.listen(address, path, handler)
			return actual, func() { stops++; stop() }, err
		}
		opened, err := p.Open(t.Context(), id, payment.Settings{"address": "127.0.0.1", "poiid": id, "listen": "127.0.0.1:11000"}, deps)
		if err != nil {
			t.Fatal(err)
		}
		h.Terminal = opened.(*Terminal)
		houses = append(houses, h)
	}
	_, err := p.Open(t.Context(), "third", payment.Settings{"address": "127.0.0.1", "poiid": "KASSA-02", "listen": "127.0.0.1:11000"}, houses[0].deps())
	if payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), "poiid") {
		t.Errorf("the same POIID twice: %v", err)
	}
	first, second := houses[0], houses[1]
	if second.listening != "" {
		t.Fatal("equal addresses have two listeners")
	}
	first.post(t, strings.Replace(display("Enter PIN", quiet), "KASSA-01", "KASSA-02", 1))
	if first.op.promptCount() != 0 || second.op.lastPrompt().Code != payment.PromptPIN {
		t.Errorf("cross talk: %+v, %+v", first.op.prompts, second.op.prompts)
	}
	for i, h := range houses {
		if stops != 0 {
			t.Errorf("stopped before terminal %d left", i)
		}
		for range 2 {
			if err := h.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if stops != 1 || len(p.boards) != 0 {
		t.Errorf("%d stops, boards %v", stops, p.boards)
	}
}

// TestSeq66PortTaken: the message names the setting and offers light mode.
func TestSeq66PortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := taken.Close(); err != nil {
			t.Error(err)
		}
	}()
	h := &house{session: newBook()}
	deps := h.deps()
	deps.Listen = func(address, _ string, _ http.Handler) (string, func(), error) {
		_, err := net.Listen("tcp", address)
		return "", nil, err
	}
	_, err = New().Open(t.Context(), "t1", payment.Settings{"address": "127.0.0.1", "poiid": "K", "listen": taken.Addr().String()}, deps)
	if payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), "listen") || !strings.Contains(payment.TextOf(err), "light") {
		t.Errorf("%v", err)
	}
}

// serve hands a body to the listener's handler without a socket.
func serve(b *board, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, servicePath, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4711"
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}
