package iotpay

import (
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of one request.
const (
	maxBody = 64 << 10 // bytes
)

// message is a kind of request.
type message struct {
	kind     string // the first part of its switches
	path     string
	raw      bool     // JSON without the wrapper (iotpay.md 4)
	required []string // that must not be empty
	either   []string // of which one must not be empty
	work     func(*Terminal, *exchange)
}

// pathRefundQuery is a guess: only the title of the page is known (iotpay.md 11.2).
const pathRefundQuery = "/v1/query_refund"

func messages() []message {
	return []message{
		{kind: "order", path: "/v1/create_order", work: (*Terminal).create,
			required: []string{"mchId", "mchOrderNo", "channelId", "currency", "amount", "clientIp", "notifyUrl", "subject", "body", "extra", "jobNo", "sign"}},
		{kind: "query", path: "/v1/query_order", work: (*Terminal).query, required: []string{"mchId", "sign"}, either: []string{"mchOrderNo", "payOrderId"}},
		{kind: "refund", path: "/v1/refund_order", work: (*Terminal).refundV1,
			required: []string{"mchId", "mchRefundNo", "refundAmount", "clientIp", "loginName", "payOrderId", "sign"}},
		{kind: "refund-query", path: pathRefundQuery, work: (*Terminal).queryRefund, required: []string{"mchId", "mchRefundNo", "sign"}},
		{kind: "card-query", path: "/v3/cc_query", raw: true, work: (*Terminal).queryV3, required: []string{"mchId", "sign"}, either: []string{"mchOrderNo", "payOrderId"}},
		{kind: "card-void", path: "/v3/cc_void", raw: true, work: (*Terminal).voidV3, required: []string{"mchId", "mchRefundNo", "loginName", "payOrderId", "sign"}},
		{kind: "card-refund", path: "/v3/cc_refund", raw: true, work: (*Terminal).refundV3,
			required: []string{"mchId", "mchRefundNo", "loginName", "payOrderId", "refundAmount", "sign"}},
	}
}

// exchange is one request of the till.
type exchange struct {
	message
	w       http.ResponseWriter
	r       *http.Request
	members map[string]string
}

// away tells that nothing of the cloud can be reached.
func (t *Terminal) away() bool {
	return t.life.Ended() || !t.cloudDown.Whole()
}

// serve takes one request.
func (t *Terminal) serve(w http.ResponseWriter, r *http.Request) {
	if t.away() {
		bench.Cut()
	}
	for _, m := range messages() {
		if m.path != r.URL.Path || m.kind == "refund-query" && t.faults.Get("refund.query") == "absent" {
			continue
		}
		x := &exchange{message: m, w: w, r: r}
		if r.Method != http.MethodPost {
			t.log.Violate(m.kind + " by " + bench.Shorten(r.Method) + ", documented is POST")
			t.write(x, t.fail("use POST"))
			return
		}
		t.receive(x)
		return
	}
	t.log.Violate("there is no " + bench.Shorten(r.Method+" "+r.URL.Path))
	http.NotFound(w, r)
}

// receive reads and checks a request up to its signature, in the order of
// iotpay.md 15, and then does its work.
func (t *Terminal) receive(x *exchange) {
	body, err := bench.ReadBody(x.w, x.r, maxBody)
	if err != nil {
		t.log.Note("A request could not be read: " + err.Error())
		t.write(x, t.fail("request body error."))
		return
	}
	if t.meetRequestFault(x) {
		return
	}
	if err := x.decode(body); err != nil {
		t.log.Violate(x.kind + ": " + err.Error())
		t.write(x, t.fail("request params error."))
		return
	}
	if a, refused := t.check(x); refused {
		t.write(x, a)
		return
	}
	x.work(t, x)
}

// decode takes the members out of the body.
func (x *exchange) decode(body []byte) error {
	wanted := "application/x-www-form-urlencoded"
	if x.raw {
		wanted = "application/json"
	}
	if media, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type")); err != nil || media != wanted {
		return fmt.Errorf("the content type is %q, documented is %s", bench.Shorten(x.r.Header.Get("Content-Type")), wanted)
	}
	text := body
	if !x.raw {
		var err error
		if text, err = unwrap(body); err != nil {
			return err
		}
	}
	var err error
	x.members, err = parse(text)
	return err
}

// check looks for required members, the merchant and the signature.
func (t *Terminal) check(x *exchange) (answer, bool) {
	for _, name := range x.required {
		if x.members[name] == "" {
			return t.wrong(x, name, "is missing"), true
		}
	}
	if len(x.either) > 0 && x.members[x.either[0]] == "" && x.members[x.either[1]] == "" {
		return t.wrong(x, x.either[0], "is missing"), true
	}
	if x.members["mchId"] != MerchantID {
		return t.wrong(x, "mchId", "is not the merchant's"), true
	}
	if !genuine(x.members, Key) {
		t.log.Violate(x.kind + ": wrong signature")
		return t.fail("signature fail"), true
	}
	return answer{}, false
}

// wrong refuses a member, in the words of the ancestor (iotpay.md 12.4), and notes
// it against the till.
func (t *Terminal) wrong(x *exchange, name, why string) answer {
	t.log.Violate(fmt.Sprintf("%s: %s %s: %q", x.kind, name, why, bench.Shorten(x.members[name])))
	return t.fail("request params[" + name + "] error.")
}

// meetRequestFault lets the request get lost or refuses it, if that is what is to
// happen, and says whether it has answered. Nothing of it is carried out then.
func (t *Terminal) meetRequestFault(x *exchange) (answered bool) {
	switch fault := t.faults.Take(x.kind + ".request"); fault {
	case "lose":
		bench.Cut()
	case "refuse":
		bench.Reset(x.w, t.log)
	case "swallow":
		t.hold(x, nil)
		bench.Cut()
	case "fail-signature":
		t.write(x, t.fail("signature fail"))
		return true
	case "fail-system":
		t.write(x, t.failBusiness("SYSTEMERROR", "system error"))
		return true
	case "status-500", "status-502":
		t.write(x, gateway(fault))
		return true
	}
	return false
}

// hold keeps a connection open until something is done; false when the till, the
// line or the cloud was gone before.
func (t *Terminal) hold(x *exchange, done <-chan struct{}) bool {
	return t.life.Hold(x.r, t.cloudDown.Cut(), done)
}

// pause keeps a connection open for a while that is not scaled.
func (t *Terminal) pause(x *exchange, d time.Duration) {
	done := make(chan struct{})
	timer := time.AfterFunc(d, func() { close(done) })
	defer timer.Stop()
	if !t.hold(x, done) {
		bench.Cut()
	}
}
