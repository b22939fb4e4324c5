package pockyt

import (
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// findLocked is the order that a request names by exactly one of its two
// identifiers (pockyt.md 5.2, 5.4 to 5.6).
func (c *Cloud) findLocked(x *exchange) (*order, answer, bool) {
	no, reference := x.f["transactionNo"], x.f["reference"]
	switch {
	case no == "" && reference == "":
		return nil, c.badLocked("000020", x.kind+" without transactionNo and reference"), true
	case no != "" && reference != "":
		c.violateLocked(x.kind + " with both transactionNo and reference")
		if c.faults.Get("identifiers.both") == "refused" {
			return nil, refuse("000023", "transactionNo or reference, not both"), true
		}
	}
	o := c.ledger.index[codeOfOwn+reference]
	if no != "" {
		o = c.ledger.index[codeOfNo+no]
	}
	if o == nil || reference != "" && o.Reference != reference {
		return nil, refusals["not-found"], true
	}
	c.expireLocked(o)
	return o, answer{}, false
}

// prepayLocked lets the scanned code of the customer pay (pockyt.md 5.2).
func (c *Cloud) prepayLocked(x *exchange) answer {
	o, a, refused := c.findLocked(x)
	if refused {
		return a
	}
	code := x.f["paymentBarcode"]
	w, a, refused := c.walletLocked(x.f["vendor"], code)
	if refused {
		return a
	}
	if o.QR {
		return c.badLocked("000040", "prepay of an order with a QR")
	}
	if o.Status != statusInit {
		if o.open() || o.Status == statusSuccess {
			c.violateLocked("prepay of an order that is " + o.Status)
		}
		return refuse("000040", "transaction status error")
	}
	if expired, used := c.oldCodeLocked(code); expired || used && c.faults.Get("prepay.used-code") == "failed" {
		if refusal := c.faults.Get("prepay.expired-code"); expired && refusal != "failed" {
			return refuse(refusal, "the code has expired")
		}
		c.log.Note("The code has expired")
		c.endLocked(o, statusFailed, outcomeDeclined)
		return done("add success", o.object())
	}
	c.useCodeLocked(code)
	next := *o
	next.Status, next.Vendor, next.Code = statusPending, w.vendor, code[len(code)-4:]
	if err := c.ledger.write(next); err != nil {
		c.log.Note(err.Error())
		return refuse("000000", "system error")
	}
	if c.paysAtOnceLocked() {
		x.told = c.payLocked(o)
		c.showLocked(textPaid, o)
	} else {
		c.attendLocked(o)
	}
	if o.Status == statusSuccess {
		x.paid = o.No
	}
	return done("add success", o.object())
}

// walletLocked finds the wallet of a code, which is a line of digits (pockyt.md 8).
func (c *Cloud) walletLocked(vendor, code string) (*wallet, answer, bool) {
	const shortest, longest = 16, 24
	switch {
	case code == "":
		return nil, c.badLocked("000020", "prepay without paymentBarcode"), true
	case !digits(code) || len(code) < shortest || len(code) > longest:
		return nil, c.badLocked("000023", fmt.Sprintf("a paymentBarcode of %d characters is no customer's code", len(code))), true
	case vendor == "" && c.faults.Get("prepay.vendor") == "required":
		return nil, c.badLocked("000020", "prepay without vendor"), true
	}
	named, shown := walletOf(vendor), walletOfCode(code)
	switch {
	case vendor != "" && named == nil:
		return nil, c.badLocked("000023", "vendor "+bench.Shorten(vendor)+" is unknown"), true
	case named != nil && named.digits[0] == 0 && c.faults.Get("prepay.cashapp") == "refused":
		return nil, c.badLocked("000023", "vendor "+vendor+" shows no code to a till"), true
	case named == nil && shown == nil:
		return nil, refuse("000023", "no wallet shows such a code"), true
	case named != nil && shown != nil && named != shown:
		return nil, refuse("000022", "the code is of another wallet than the vendor"), true
	case named == nil:
		return shown, answer{}, false
	}
	return named, answer{}, false
}

// expireLocked closes an order whose time is over.
func (c *Cloud) expireLocked(o *order) {
	if o.open() && !time.Now().Before(o.Expires) {
		c.log.Note("The time of order " + o.No + " is over")
		c.endLocked(o, statusClosed, outcomeCancelled)
	}
}

// endLocked makes an order final, and durable before anybody hears of it. The
// channel is closed after the first notice; nil when there is none.
func (c *Cloud) endLocked(o *order, status, outcome string) <-chan struct{} {
	next := *o
	next.Status, next.Outcome, next.Ended = status, outcome, time.Now()
	if next.Booked == 0 { // a closed order that is paid after all keeps its place
		next.Booked = c.ledger.booked + 1
	}
	if err := c.ledger.write(next); err != nil {
		c.log.Note(err.Error())
		return nil
	}
	c.log.Note(fmt.Sprintf("Order %s is %s", o.No, status))
	if a := c.attempts[o.No]; a != nil {
		a.endLocked()
	}
	return c.announceLocked(o)
}

// payLocked books the payment.
func (c *Cloud) payLocked(o *order) <-chan struct{} {
	told := c.endLocked(o, statusSuccess, outcomeApproved)
	if c.customer != nil && c.customer.trouble == troubleUnplugged {
		c.log.Note("The line to the service is cut")
		c.dark = true
		c.cutLocked()
	}
	return told
}
