package iotpay

import (
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// order is what the till asked for, as answers echo it.
type order struct {
	Order   string `json:"order"` // mchOrderNo
	Amount  int64  `json:"amount"`
	Tip     int64  `json:"tip,omitempty"`
	Client  string `json:"client"`
	Device  string `json:"device,omitempty"`
	Notify  string `json:"notify"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
	Extra   string `json:"extra"`
	JobNo   string `json:"job_no"`
	Remarks string `json:"remarks,omitempty"`
}

const (
	channelCard = "CC_PAX"
	// notifyNobody is the literal that CC_PAX wants: nothing is notified (iotpay.md 6).
	notifyNobody = "http://localhost"
	// maxAmount is the highest sensible amount, in minor units (iotpay.md, sequence 42).
	maxAmount = 99_999_999
)

// lengths are the limits of texts, in characters (iotpay.md 6, 11.1).
var lengths = map[string]int{"mchOrderNo": 30, "clientIp": 32, "device": 64, "notifyUrl": 200, "subject": 64, "body": 255, "extra": 512, "jobNo": 50,
	"remarks": 200, "mchRefundNo": 30, "loginName": 32, "payOrderId": 64}

// create takes an order and answers when the customer is done.
func (t *Terminal) create(x *exchange) {
	o, a, refused := t.readOrder(x)
	if refused {
		t.write(x, a)
		return
	}
	op, a, refused := t.admitOrder(x, o)
	if refused {
		t.write(x, a)
		return
	}
	if fault := t.faults.Get("order.answer"); fault == "cut" || fault == "gateway" || t.troubled(troubleGateway) {
		t.faults.Take("order.answer")
		t.log.Note("The till's connection ends while the customer pays")
		if fault == "cut" {
			bench.Cut()
		}
		t.write(x, gateway("status-502"))
		return
	}
	t.outlast(x, op)
}

// readOrder checks what the order says.
func (t *Terminal) readOrder(x *exchange) (order, answer, bool) {
	m := x.members
	for name, limit := range lengths {
		if len([]rune(m[name])) > limit {
			return order{}, t.wrong(x, name, "is longer than "+strconv.Itoa(limit)), true
		}
	}
	amount, err := strconv.ParseInt(m["amount"], 10, 64)
	if err != nil || amount < 1 || amount > maxAmount {
		return order{}, t.wrong(x, "amount", "is no amount in cents"), true
	}
	tip := int64(0)
	if m["tip"] != "" {
		if tip, err = strconv.ParseInt(m["tip"], 10, 64); err != nil || tip < 0 || tip > maxAmount-amount {
			return order{}, t.wrong(x, "tip", "is no amount in cents"), true
		}
	}
	for name, wanted := range map[string]string{"channelId": channelCard, "currency": Currency, "jobNo": JobNo} {
		if m[name] != wanted {
			return order{}, t.wrong(x, name, "is not "+wanted), true
		}
	}
	return order{Order: m["mchOrderNo"], Amount: amount, Tip: tip, Client: m["clientIp"], Device: m["device"], Notify: m["notifyUrl"], Subject: m["subject"],
		Body: m["body"], Extra: m["extra"], JobNo: m["jobNo"], Remarks: m["remarks"]}, answer{}, false
}

// admitOrder books an order as open and puts it on the PIN pad; no two orders are looked
// at together. The operation is nil when the order is known and its answer is there.
func (t *Terminal) admitOrder(x *exchange, o order) (*operation, answer, bool) {
	t.admit.Lock()
	defer t.admit.Unlock()
	if old, known := t.byOrder(o.Order); known {
		t.log.Violate("order: mchOrderNo " + bench.Shorten(o.Order) + " is used again")
		switch t.faults.Get("order.reuse") {
		case "replay":
			return t.again(old), answer{}, false
		case "refuse":
			return nil, t.failBusiness("0113", "order already exists"), true
		}
	}
	if o.Notify != notifyNobody {
		return nil, t.wrong(x, "notifyUrl", "is not "+notifyNobody), true
	}
	t.mu.Lock()
	busy, offline := t.running != nil || t.off, !t.unplugged.Whole()
	t.mu.Unlock()
	now := time.Now()
	number := t.ledger.number()
	rec := record{Request: o, Detail: detail{Number: number, Status: statusCreated}, Booking: Booking{ID: payOrderID(prefixOrder, now, t.opts.Seed, number), At: now,
		Order: o.Order, Kind: kindPurchase, AmountMinor: o.Amount, Outcome: outcomeOpen}}
	how, end := "begin", notOnline
	switch {
	case busy:
		how, end = t.faults.Get("busy"), busyNow
		t.log.Note("The PIN pad is busy")
	case offline:
		how = t.faults.Get("offline")
	}
	switch how {
	case "ret-fail":
		return nil, t.fail(end.english), true
	case "res-fail":
		return nil, t.failBusiness("SYSTEMERROR", end.english), true
	case "declined":
		rec = ended(rec, end, now)
	}
	if err := t.ledger.Book(rec); err != nil {
		t.log.Note(err.Error())
		return nil, t.failBusiness("SYSTEMERROR", "the order could not be saved"), true
	}
	if how == "declined" {
		return t.again(rec), answer{}, false
	}
	t.log.Note("Order " + bench.Shorten(o.Order) + ": " + shownAmount(o.Amount))
	op := t.newOperation(rec)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.startLocked(op)
	return op, answer{}, false
}

// again is an operation that is over, or the one that still runs.
func (t *Terminal) again(rec record) *operation {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running != nil && t.running.first.Booking.ID == rec.Booking.ID {
		return t.running
	}
	op := t.newOperation(rec)
	op.cancel()
	op.tell()
	return op
}

// byOrder finds the newest purchase with the till's number.
func (t *Terminal) byOrder(number string) (record, bool) {
	return t.ledger.Newest(func(r *record) bool { return r.Booking.Kind == kindPurchase && r.Booking.Order == number })
}

// limits are how long the cloud keeps the connection open; the documentation names none.
var limits = map[string]time.Duration{"30s": 30 * time.Second, "60s": time.Minute, "120s": 2 * time.Minute}

// outlast holds the connection until the customer is done. A till that hangs up
// changes nothing, unless the switch says so.
func (t *Terminal) outlast(x *exchange, op *operation) {
	var limit <-chan time.Time
	if d := limits[t.faults.Get("order.limit")]; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		limit = timer.C
	}
	select {
	case <-op.told:
	case <-limit:
		t.log.Note("The cloud does not keep the connection any longer")
	case <-t.cloudDown.Cut():
		bench.Cut()
	case <-t.life.Ctx.Done():
		bench.Cut()
	case <-x.r.Context().Done():
		t.hungUp(op)
		bench.Cut()
	}
	t.reply(x, op.known(), t.orderAnswer)
}

// known is the outcome of an order, or what was booked at first.
func (op *operation) known() record {
	select {
	case <-op.told:
		return op.final
	default:
		rec := op.first
		rec.Detail.Status = statusPaying
		return rec
	}
}

// hungUp is what happens when the till leaves.
func (t *Terminal) hungUp(op *operation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.life.Ended() {
		return
	}
	t.log.Note("The till hangs up")
	if t.faults.Get("order.hang-up") == "stops" && !op.past {
		op.hungUp = true
		op.cancel()
	}
}
