package pockyt

import (
	"fmt"
	"net/http"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of one request.
const (
	maxBody = 64 << 10 // bytes
)

// exchange is one request of the till.
type exchange struct {
	w    http.ResponseWriter
	r    *http.Request
	kind string // its name in the switches
	f    fields
	told <-chan struct{} // closed after the first notice of the order; nil: there is none
	paid string          // the order of which the answer says that it is paid
}

// answer is what goes back: a code, a text and the result; status 0 is 200.
type answer struct {
	status     int
	code, text string
	result     map[string]any
}

const codeSuccess = "000100"

// done is the answer of a call that worked. Its texts end with a blank, as the real
// ones often do (pockyt.md 3.1).
func done(text string, result map[string]any) answer {
	return answer{code: codeSuccess, text: text + " ", result: result}
}

func refuse(code, text string) answer { return answer{code: code, text: text} }

// refusals that a switch asks for (pockyt.md 10.1).
var refusals = map[string]answer{
	"status-500":     {status: http.StatusInternalServerError, code: "000000", text: "system error"},
	"system-error":   {code: "000000", text: "system error"},
	"supplier-error": {code: "000080", text: "supplier error"},
	"no-rights":      {code: "000030", text: "no rights"},
	"not-matching":   {code: "000022", text: "parameters do not match"},
	"version-error":  {code: "000010", text: "API version error"},
	"strange-code":   {code: "990817", text: "?"},
	"not-found":      {code: "000021", text: "no such record"},
}

// route serves one kind of call: limits, faults, signature, work, answer.
func (c *Cloud) route(kind string, work func(*exchange) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c.unreachable() {
			bench.Cut()
		}
		x := &exchange{w: w, r: r, kind: kind}
		if r.Method != http.MethodPost {
			c.violate(fmt.Sprintf("%s %s instead of POST", r.Method, r.URL.Path))
			c.write(x, answer{status: http.StatusMethodNotAllowed, code: "000000", text: "POST only"})
			return
		}
		body, err := bench.ReadBody(w, r, maxBody)
		if err != nil {
			c.log.Note("A request could not be read: " + err.Error())
			c.write(x, refuse("000000", "the body could not be read"))
			return
		}
		fault := c.faults.Take(kind + ".request")
		if a, met := c.meetRequestFault(x, fault); met {
			c.write(x, a)
			return
		}
		c.log.Note("Till: " + kind)
		if a, refused := c.admit(x, body); refused {
			c.write(x, a)
			return
		}
		c.reply(x, c.carryOut(x, work, fault == "duplicate"))
	}
}

// carryOut works under the lock. A request that somebody on the way sends twice is no
// fault of the till, and the answer is that to the second one.
func (c *Cloud) carryOut(x *exchange, work func(*exchange) answer, twice bool) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := work(x)
	if twice {
		c.muted = true
		a = work(x)
		c.muted = false
	}
	return a
}

// meetRequestFault lets a request meet what is to happen to it before it is
// processed. It returns the answer, if there is one and nothing else is to be done.
func (c *Cloud) meetRequestFault(x *exchange, fault string) (answer, bool) {
	if fault != "ok" {
		c.log.Note("The " + x.kind + " request: " + fault)
	}
	c.mu.Lock()
	silent := c.customer != nil && c.customer.trouble == troubleSilent && x.kind != "add" && x.kind != "qr"
	c.mu.Unlock()
	switch {
	case fault == "lose":
		bench.Cut()
	case fault == "refuse":
		bench.Reset(x.w, c.log)
	case fault == "swallow" || silent:
		c.hold(x)
	}
	a, met := refusals[fault]
	return a, met
}

// hold never answers; the connection breaks when the till, the line or the cloud ends.
func (c *Cloud) hold(x *exchange) {
	c.life.Hold(x.r, c.lineCut(), nil)
	bench.Cut()
}

// admit reads a request and checks who sends it.
func (c *Cloud) admit(x *exchange, body []byte) (answer, bool) {
	f, odd, err := decode(x.r.Header.Get("Content-Type"), body)
	if err != nil {
		c.violate(x.kind + ": " + err.Error())
		return refuse("000023", "the body could not be read"), true
	}
	for _, what := range odd {
		c.violate(x.kind + ": " + what)
	}
	x.f = f
	for _, name := range []string{"merchantNo", "storeNo", signField} {
		if f[name] == "" {
			c.violate(x.kind + " without " + name)
			return refuse("000020", "parameter missing: "+name), true
		}
	}
	if f["merchantNo"] != MerchantNo || f["storeNo"] != StoreNo {
		c.violate(x.kind + " of another merchant or store")
		return refuse("000022", "merchantNo and storeNo do not match"), true
	}
	if !verify(f, Token, c.faults.Get("sign.empty")) {
		c.violate(x.kind + " with a wrong verifySign")
		return refuse(c.faults.Get("sign.refusal"), "verifySign error"), true
	}
	return answer{}, false
}
