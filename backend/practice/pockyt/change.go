package pockyt

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// cancelLocked closes what is not paid and gives back what is (pockyt.md 5.5).
func (c *Cloud) cancelLocked(x *exchange) answer {
	o, a, refused := c.findLocked(x)
	if refused {
		return a
	}
	if o.open() && o.Status != statusInit && c.customer != nil && c.customer.trouble == troubleAtCancel {
		c.log.Note("The customer pays at this very moment")
		c.payLocked(o)
	}
	switch effect := c.faults.Take("cancel.effect"); effect {
	case "refused":
		return refuse("000040", "transaction status error")
	case "ignored":
		c.log.Note("The cancel does not take")
		return done("cancel success", o.closedObject())
	}
	switch {
	case o.Status == statusSuccess:
		if a, refused := c.cancelPaidLocked(o); refused {
			return a
		}
	case o.Status == statusFailed, o.Status == statusClosed && c.faults.Get("cancel.same") == "000040":
		return refuse("000040", "transaction status error")
	case o.open():
		c.endLocked(o, statusClosed, outcomeCancelled)
	}
	return done("cancel success", o.closedObject())
}

// closedObject is the answer to a cancel: the amount is a number here.
func (o *order) closedObject() map[string]any {
	return map[string]any{"amount": json.Number(decimal(o.Minor, o.Currency)), "currency": o.Currency, "reference": o.Reference,
		"status": statusClosed, "transactionNo": o.No}
}

// crossing is how long after the till was told that an order is paid a cancel of it may
// still arrive without blame: both may have been under way at once.
const crossing = time.Second

// tellsLocked keeps when the till was first told that an order is paid.
func (c *Cloud) tellsLocked(no string) {
	if _, told := c.told[no]; !told {
		c.told[no] = time.Now()
	}
}

func (c *Cloud) cancelPaidLocked(o *order) (answer, bool) {
	back := o.refunded()
	if at, told := c.told[o.No]; told && back == 0 && time.Since(at) >= crossing {
		c.violateLocked("cancel of order " + o.No + " although the till was told that it is paid: that refunds everything")
	}
	switch {
	case back == o.Minor:
		if o.cancelled() && c.faults.Get("cancel.same") == "closed" {
			return answer{}, false
		}
		return refuse("000040", "transaction status error"), true
	case c.faults.Get("cancel.paid") == "refused", back > 0 && c.faults.Get("cancel.part-refunded") == "refused":
		return refuse("000040", "transaction status error"), true
	}
	_, err := c.giveBackLocked(o, refund{Minor: o.Minor - back, Status: statusSuccess, Cancel: true})
	if err != nil {
		return refuse("000000", "system error"), true
	}
	c.log.Note("The cancel refunds " + shownAmount(o.Minor-back, o.Currency))
	return answer{}, false
}

// giveBackLocked books a refund.
func (c *Cloud) giveBackLocked(o *order, r refund) (refund, error) {
	next := *o
	r.Serial, r.Booked, r.At = c.ledger.serial+1, c.ledger.booked+1, time.Now()
	r.No = number(c.opts.Seed, r.Serial)
	next.Refunds = append(slices.Clone(o.Refunds), r)
	if err := c.ledger.write(next); err != nil {
		c.log.Note(err.Error())
		return refund{}, err
	}
	return r, nil
}

// pendingTakes is how long a refund shows as pending that is to.
const pendingTakes = 3 * time.Second

// refundLocked gives back the whole or a part (pockyt.md 5.6).
func (c *Cloud) refundLocked(x *exchange) answer {
	f := x.f
	for _, name := range []string{"refundAmount", "currency", "settleCurrency"} {
		if f[name] == "" {
			return c.badLocked("000020", "refund without "+name)
		}
	}
	if f["refundReference"] == "" && c.faults.Get("refund.reference") == "refused" {
		return c.badLocked("000020", "refund without refundReference")
	}
	o, a, refused := c.findLocked(x)
	if refused {
		return a
	}
	if f["currency"] != o.Currency || f["settleCurrency"] != o.Settle {
		return c.badLocked("000022", "refund in another currency than the payment")
	}
	minor, err := parseAmount(f["refundAmount"], o.Currency)
	if err != nil {
		return c.badLocked("000023", "refund: "+err.Error())
	}
	if known, a, met := c.knownRefundLocked(o, f["refundReference"], minor); met {
		if known != nil {
			return done("refund success", o.refundObject(*known))
		}
		return a
	}
	if a, refused := c.mayRefundLocked(o, minor); refused {
		return a
	}
	r := refund{Reference: f["refundReference"], Minor: minor, Status: statusSuccess}
	switch c.faults.Take("refund.outcome") {
	case "pending":
		r.Due = time.Now().Add(pendingTakes)
	case "pending-failed":
		r.Due, r.Status = time.Now().Add(pendingTakes), statusFailed
	case "pending-for-ever":
		r.Due = time.Now().AddDate(100, 0, 0)
	case "failed":
		r.Status = statusFailed
	}
	r, err = c.giveBackLocked(o, r)
	if err != nil {
		return refuse("000000", "system error")
	}
	c.log.Note(fmt.Sprintf("Refund %s of order %s: %s, %s", shownAmount(minor, o.Currency), o.No, r.Reference, r.Status))
	c.announceRefundLocked(o, r)
	return done("refund success", o.refundObject(r))
}

// knownRefundLocked meets a refundReference that was used already. Whether the real
// service repeats its answer is unknown (pockyt.md, unknown 5).
func (c *Cloud) knownRefundLocked(o *order, reference string, minor int64) (*refund, answer, bool) {
	owner := c.ledger.index[codeOfBackR+reference]
	if reference == "" || owner == nil {
		return nil, answer{}, false
	}
	c.violateLocked("refundReference " + bench.Shorten(reference) + " is used already")
	switch c.faults.Get("refund.same") {
	case "again":
		return nil, answer{}, false
	case "replay":
		i := slices.IndexFunc(o.Refunds, func(r refund) bool { return r.Reference == reference && r.Minor == minor })
		if i >= 0 {
			return &o.Refunds[i], answer{}, true
		}
	}
	return nil, refuse("000023", "refundReference exists"), true
}

func (c *Cloud) mayRefundLocked(o *order, minor int64) (answer, bool) {
	age := 90 * 24 * time.Hour
	if c.faults.Get("refund.age") == "1h" {
		age = time.Hour
	}
	switch {
	case o.Status != statusSuccess:
		return c.badLocked("000040", "refund of an order that is "+o.Status), true
	case minor > o.Minor-o.refunded() || len(o.Refunds) >= maxRefunds:
		return c.badLocked(c.faults.Get("refund.over"), "refund above the rest of order "+o.No), true
	case time.Since(o.Ended) > age:
		return refuse("000040", "too old to be refunded"), true
	}
	return answer{}, false
}

func (o *order) refundObject(r refund) map[string]any {
	return map[string]any{"amount": decimal(o.Minor, o.Currency), "currency": o.Currency, "reference": o.Reference, "refundAmount": decimal(r.Minor, o.Currency),
		"refundReference": r.Reference, "refundTransactionNo": r.No, "settleCurrency": o.Settle, "status": r.shown(time.Now()), "transactionNo": o.No}
}
