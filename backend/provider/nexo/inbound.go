package nexo

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// slipLimit ends the wait for the journal before a print request is answered.
const slipLimit = 10 * time.Second

// open gives the reporter of the operation that is open on this terminal. Without
// one it is the session's, and ok is false.
func (t *Terminal) open() (to payment.Reporter, ok bool) {
	if t.deps.Inbound == nil {
		return t.deps.Session, false
	}
	to = t.deps.Inbound()
	if to == nil {
		return t.deps.Session, false
	}
	return to, to != t.deps.Session
}

// receive takes one message of this terminal. It mirrors and asks; it never decides
// an outcome (design 10.6).
func (t *Terminal) receive(w http.ResponseWriter, r *http.Request, m *message, body []byte) {
	to, open := t.open()
	t.mu.Lock()
	t.heardAny = true
	t.mu.Unlock()
	switch {
	case m.DisplayRequest != nil:
		t.display(w, m, body, to)
	case m.PrintRequest != nil:
		t.print(w, r, m, body, to)
	case m.InputRequest != nil:
		t.input(w, r, m, body, to, open)
	case m.Event != nil:
		t.event(m.Event, to)
		t.acknowledge(w, m, body, to)
	case m.TransmitRequest != nil:
		if !t.proposalDue() {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		t.transmit(m.TransmitRequest, r.RemoteAddr)
		t.acknowledge(w, m, body, t.deps.Session)
	default:
		t.note(to, payment.ReasonNone, "The terminal sent "+short(m.name())+", which the till does not know; it was acknowledged.")
		t.acknowledge(w, m, body, to)
	}
}

// acknowledge answers that no answer is due.
func (t *Terminal) acknowledge(w http.ResponseWriter, m *message, body []byte, to payment.Reporter) {
	w.WriteHeader(http.StatusNoContent)
	t.heard(to, m, body, http.StatusNoContent)
}

// heard keeps an incoming message in the timeline.
func (t *Terminal) heard(to payment.Reporter, m *message, body []byte, status int) {
	t.told(to, payment.Message{In: true, Name: m.name(), ID: or(m.Header.DeviceID, m.Header.ServiceID), Status: status}, body)
}

// reply answers with a message that repeats the ids of the request.
func (t *Terminal) reply(w http.ResponseWriter, m *message, fill func(*message), began time.Time, to payment.Reporter) {
	h := *m.Header
	h.Type, h.ProtocolVersion = "Response", ""
	out := &message{XMLName: xml.Name{Local: rootResponse}, Header: &h}
	fill(out)
	raw, err := out.encode()
	if err != nil {
		t.note(to, payment.ReasonNone, "An answer to the terminal could not be written: "+err.Error())
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	sent := payment.Message{Name: out.name(), ID: or(h.DeviceID, h.ServiceID), Status: http.StatusOK, Took: t.now().Sub(began)}
	w.Header().Set("Content-Type", contentTypeXML)
	if _, err := w.Write(raw); err != nil {
		sent.Fault = err.Error()
	}
	t.told(to, sent, raw)
}

// display mirrors a DisplayRequest and answers at once, as its flags want it: an
// absent flag asks for an answer (nexo-retailer.md 10.2, 0.3).
func (t *Terminal) display(w http.ResponseWriter, m *message, body []byte, to payment.Reporter) {
	began := t.now()
	pin, due := false, false
	for _, o := range m.DisplayRequest.Outputs {
		due = due || o.Required.is(true)
		if p, ok := promptOf(o, began); ok {
			pin = p.Code == payment.PromptPINDigits
			to.Prompt(p)
		}
	}
	// PIN progress is kept once (design 10.7), without the number of digits.
	quiet := t.pinAgain(pin)
	if pin {
		body = slices.DeleteFunc(slices.Clone(body), func(c byte) bool { return c == '*' })
	}
	if !due {
		w.WriteHeader(http.StatusNoContent)
		if !quiet {
			t.heard(to, m, body, http.StatusNoContent)
		}
		return
	}
	if !quiet {
		t.heard(to, m, body, 0)
	}
	t.reply(w, m, func(out *message) {
		out.DisplayResponse = &displayResponse{}
		for _, o := range m.DisplayRequest.Outputs {
			out.DisplayResponse.Results = append(out.DisplayResponse.Results, shown(o))
		}
	}, began, to)
}

// pinAgain tells whether this is one more step of the same PIN entry.
func (t *Terminal) pinAgain(pin bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	again := pin && t.pin
	t.pin = pin
	return again
}

func shown(o displayOutput) outputResult {
	return outputResult{Device: o.Device, Info: o.Info, Response: response{Result: resultSuccess}}
}

// print hands on a slip and answers once it is committed, whatever the mode says
// about printing (design 10.5). It is taken at any time.
func (t *Terminal) print(w http.ResponseWriter, r *http.Request, m *message, body []byte, to payment.Reporter) {
	began := t.now()
	o := m.PrintRequest.Output
	t.heard(to, m, body, 0)
	t.mu.Lock()
	kind := t.kind
	t.mu.Unlock()
	// The slip is wanted even when the terminal hangs up meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), slipLimit)
	defer cancel()
	result := response{Result: resultSuccess}
	if err := to.Slip(ctx, slipFrom(o.Qualifier, o.Content, o.Signature, kind, began)); err != nil {
		t.note(to, payment.ReasonJournal, "The slip from the terminal could not be kept: "+err.Error())
		result = response{Result: resultFailure, Condition: "DeviceOut"}
	}
	if o.Mode == "NotRequired" && result.Result == resultSuccess {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	t.reply(w, m, func(out *message) {
		out.PrintResponse = &printResponse{Qualifier: o.Qualifier, Response: result}
	}, began, to)
}

// input asks the cashier about the signature and holds the request open until
// there is an answer (nexo-retailer.md 10.4). Any other input, and any question
// without an open operation, is refused at once.
func (t *Terminal) input(w http.ResponseWriter, r *http.Request, m *message, body []byte, to payment.Reporter, open bool) {
	began := t.now()
	t.heard(to, m, body, 0)
	data := m.InputRequest.Data
	result := inputResult{Device: data.Device, Info: data.Info}
	switch {
	case data.Command != "GetConfirmation" || data.Immediate.is(false):
		result.Response = response{Result: resultFailure, Condition: "UnavailableService"}
		t.note(to, payment.ReasonUnsupported, "The terminal asked for "+short(data.Command)+", which the till does not offer.")
	case !open:
		result.Response = response{Result: resultFailure, Condition: "Aborted"}
		t.note(to, payment.ReasonForeign, "The terminal asked a question while no payment was open; it was not shown.")
	default:
		answer, err := t.ask(r.Context(), m, to)
		if r.Context().Err() != nil {
			t.note(to, payment.ReasonLinkLost, "The terminal closed the connection before its question was answered.")
			return
		}
		if err != nil {
			result.Response = response{Result: resultFailure, Condition: "Aborted"}
			t.note(to, payment.ReasonNone, "The question was not answered: "+err.Error())
			break
		}
		result.Response = response{Result: resultSuccess}
		result.Input = &input{Command: data.Command, Confirmed: answer.Yes}
	}
	t.reply(w, m, func(out *message) {
		out.InputResponse = &inputResponse{Result: result}
		if o := m.InputRequest.Output; o != nil {
			shown := shown(*o)
			out.InputResponse.Output = &shown
		}
	}, began, to)
}

// proposalEvery bounds what configuration messages write into the journal: they are
// taken from any address on the network.
const proposalEvery = 10 * time.Second

func (t *Terminal) proposalDue() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.proposed) < proposalEvery {
		return false
	}
	t.proposed = now
	return true
}

// configurationMarker is the destination that marks a configuration message
// (nexo-retailer.md 18); it is not a real address.
const configurationMarker = "127.0.0.1:15022"

// transmit reads a terminal's word about its own address as a proposal: the address
// is never changed by it.
func (t *Terminal) transmit(m *transmitRequest, from string) {
	var told struct {
		Configuration struct {
			EndPoint struct {
				Address text `json:"ipV4Address"`
				Port    text `json:"ipPort"`
			} `json:"ipEndPoint"`
		} `json:"saleTerminalconfiguration"`
	}
	plain, err := unpack(m.Message)
	if err == nil {
		err = json.Unmarshal([]byte(plain), &told)
	}
	end := told.Configuration.EndPoint
	switch {
	case m.Destination != configurationMarker:
		t.note(t.deps.Session, payment.ReasonForeign, fmt.Sprintf("A transmit request to %q from %s was ignored.", short(m.Destination), from))
	case err != nil || end.Address == "" || end.Port == "":
		t.note(t.deps.Session, payment.ReasonUnreadable, "A configuration message from "+from+" cannot be read; nothing was changed.")
	default:
		t.note(t.deps.Session, payment.ReasonNone, fmt.Sprintf("A message from %s says that terminal %s is at %s:%s; set is %s:%s. Nothing was changed: if it is right, change the setting address.",
			from, t.name, short(string(end.Address)), short(string(end.Port)), t.settings.host, t.settings.port))
	}
}
