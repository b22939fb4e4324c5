package nexo

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// exchange is one post of the till with the message taken apart.
type exchange struct {
	w   http.ResponseWriter
	r   *http.Request
	raw []byte
	*envelope
}

// faultNames are the messages of the till that have switches of their own.
var faultNames = map[string]string{"Payment": "payment", "TransactionStatus": "status", "Abort": "abort",
	"Reversal": "reversal", "Login": "login", "Logout": "logout"}

func (x *exchange) faultName() string { return faultNames[x.category()] }

// serve takes one post.
func (t *Terminal) serve(w http.ResponseWriter, r *http.Request) {
	if t.dead() {
		bench.Cut()
	}
	if strings.TrimRight(r.URL.Path, "/") != Path {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	raw, err := bench.ReadBody(w, r, maxBody)
	if err != nil {
		t.log.Note("A request could not be read: " + err.Error())
		http.Error(w, "request could not be read", http.StatusBadRequest)
		return
	}
	x := &exchange{w: w, r: r, raw: raw, envelope: &envelope{}}
	root, err := parse(raw)
	if err == nil {
		x.envelope, err = open(root, "SaleToPOIRequest")
	}
	if err == nil {
		err = checkHere(x.envelope)
	}
	t.meetRequestFault(x)
	if err != nil {
		t.malformed(x, err)
		return
	}
	t.dispatch(x)
}

// meetRequestFault lets the request get lost, if that is what is to happen.
func (t *Terminal) meetRequestFault(x *exchange) {
	t.mu.Lock()
	silence := t.silence
	if x.category() == "Payment" && t.customer != nil && t.customer.trouble == troubleSilent && silence == nil {
		silence = make(chan struct{})
		t.silence = silence
		t.log.Note("The terminal falls silent")
	}
	t.mu.Unlock()
	if silence != nil {
		t.swallow(x, silence)
	}
	if x.faultName() == "" {
		return
	}
	switch t.faults.Take(x.faultName() + ".request") {
	case "lose":
		t.log.Note(x.category() + " request lost")
		bench.Cut()
	case "refuse":
		t.log.Note(x.category() + " request refused")
		bench.Reset(x.w, t.log)
	case "swallow":
		t.swallow(x, nil)
	}
}

// swallow never answers. The connection breaks when the silence, the power or the
// terminal ends.
func (t *Terminal) swallow(x *exchange, until <-chan struct{}) {
	t.mu.Lock()
	powerOff := t.powerOff
	t.log.Note(x.category() + " request swallowed")
	t.mu.Unlock()
	select {
	case <-until:
	case <-t.unplugged.Cut():
	case <-powerOff:
	case <-t.life.Ctx.Done():
	case <-x.r.Context().Done():
	}
	bench.Cut()
}

// checkHere adds what Swedbank Pay demands beyond the schema (nexo-retailer.md 4.2, 5.1, 6.1, 13).
func checkHere(e *envelope) error {
	device := slices.Contains([]string{"Display", "Input", "Print", "Transmit"}, e.category())
	switch {
	case e.header.get("MessageType") != "Request":
		return fmt.Errorf("MessageHeader/@MessageType: %q is not a request", e.header.get("MessageType"))
	case device && e.header.get("MessageClass") != "Device", !device && e.header.get("MessageClass") != "Service":
		return fmt.Errorf("MessageHeader/@MessageClass: %q does not fit %s", e.header.get("MessageClass"), e.category())
	case e.serviceID() == "":
		return fmt.Errorf("MessageHeader: attribute ServiceID is missing")
	case device && e.header.get("DeviceID") == "":
		return fmt.Errorf("MessageHeader: attribute DeviceID is missing")
	}
	switch e.category() {
	case "Login":
		data := e.body.child("SaleTerminalData")
		switch {
		case e.header.get("ProtocolVersion") == "":
			return fmt.Errorf("MessageHeader: attribute ProtocolVersion is missing")
		case data.get("TerminalEnvironment") != "Attended":
			return fmt.Errorf("LoginRequest/SaleTerminalData/@TerminalEnvironment: only Attended is supported")
		case data.child("SaleCapabilities").value() == "":
			return fmt.Errorf("LoginRequest/SaleTerminalData/SaleCapabilities is missing")
		}
	case "Payment":
		if e.body.at("PaymentTransaction/AmountsReq").get("RequestedAmount") == "" {
			return fmt.Errorf("PaymentRequest/PaymentTransaction/AmountsReq: attribute RequestedAmount is missing")
		}
	case "Reversal":
		original := e.body.child("OriginalPOITransaction")
		if original.get("SaleID") == "" || original.get("POIID") == "" || original.child("POITransactionID") == nil {
			return fmt.Errorf("ReversalRequest/OriginalPOITransaction: SaleID, POIID and POITransactionID are needed")
		}
	}
	return nil
}

// malformed refuses a message that does not follow the schema. What the real
// terminal does is unknown; a switch chooses (nexo-retailer.md 21.2).
func (t *Terminal) malformed(x *exchange, cause error) {
	t.log.Violate("malformed request: " + cause.Error())
	reaction := t.faults.Get("violation")
	readable := x.header != nil && check(x.header, "MessageHeader") == nil
	switch {
	case reaction == "format" && readable:
		t.answer(x, failure(x.envelope, "MessageFormat", cause.Error()))
	case reaction == "reject":
		t.event(nil, "Reject", cause.Error(), el("RejectedMessage", base64.StdEncoding.EncodeToString(x.raw)))
		x.w.WriteHeader(http.StatusNoContent)
	default:
		http.Error(x.w, "malformed request", http.StatusBadRequest)
	}
}

// dispatch serves a well-formed request (nexo-retailer.md 19.2).
func (t *Terminal) dispatch(x *exchange) {
	t.log.Note("Till: " + x.category() + " " + x.serviceID())
	category := x.category()
	if category != "Abort" && x.header.get("POIID") != t.opts.POIID {
		t.log.Violate(fmt.Sprintf("%s is for POIID %q, this is %s", category, bench.Shorten(x.header.get("POIID")), t.opts.POIID))
		condition := "NotAllowed"
		if category == "Login" {
			condition = "Refusal"
		}
		t.answer(x, failure(x.envelope, condition, "This terminal is "+t.opts.POIID))
		return
	}
	t.watchIDs(x)
	if name := x.faultName(); name != "" && category != "Payment" && category != "Abort" && t.faults.Get(name+".answer") == "unknown-condition" {
		t.faults.Take(name + ".answer")
		t.answer(x, failure(x.envelope, strangeCondition, "Something without a name"))
		return
	}
	switch category {
	case "Login":
		t.login(x)
	case "Abort":
		t.abort(x)
	case "TransactionStatus":
		t.status(x)
	case "Logout":
		t.logout(x)
	case "Payment":
		t.payment(x)
	case "Reversal":
		t.reversal(x)
	case "Display", "Input", "Print":
		t.device(x)
	default:
		if refusal := t.admit(x); refusal != nil {
			t.answer(x, refusal)
			return
		}
		t.answer(x, failure(x.envelope, "UnavailableService", category+" is not supported"))
	}
}

// strangeCondition is a vendor value outside the list, as the schema allows (nexo-retailer.md 17).
const strangeCondition = "xy:Strange"
