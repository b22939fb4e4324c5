package poynt

import (
	"fmt"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// origin is who asks for a change of a transaction: a request by REST, or a
// person at a terminal whom a cloud message sent there.
type origin struct {
	reference string // the till's
	requestID string // Poynt-Request-Id
	key       string // path and request id
	deviceID  string
}

// changed is the outcome of a change: the transaction that the till gets, or why not.
type changed struct {
	transaction transaction
	refusal     *answer
}

func refused(code, details string) changed {
	a := refuse(code, details)
	return changed{refusal: &a}
}

// original finds the transaction that is to be changed, as far as the cloud shows it.
func (c *Cloud) original(id string) (record, bool) {
	rec, found := c.ledger.Get(id)
	return rec, found && rec.shown(time.Now())
}

// shown says whether the transactions API knows the record yet.
func (r record) shown(now time.Time) bool {
	return r.Transaction != nil && !r.Visible.IsZero() && !now.Before(r.Visible)
}

// voidIt takes a transaction back that was not refunded or captured by another
// one (poynt.md 13). The caller holds the changes' mutex, as for all changes.
func (c *Cloud) voidIt(id string, by origin) changed {
	rec, found := c.original(id)
	if !found {
		return refused("TRANSACTION_NOT_FOUND", "There is no transaction "+bench.Shorten(id)+".")
	}
	tx := *rec.Transaction
	settled := c.faults.Get("change.batch") == "settled"
	switch {
	case tx.Voided || tx.Status == statusVoided:
		return refused("TXN_ALREADY_VOIDED", "The transaction is void already.")
	case tx.Status == statusRefunded || tx.Status == statusPartiallyRefunded:
		return refused("TXN_ALREADY_REFUNDED", "The transaction is refunded already.")
	case tx.Status == statusDeclined:
		return refused("UNSUPPORTED_TXN_ACTION", "The transaction was declined.")
	case tx.Action == actionAuthorise && tx.Status != statusAuthorised:
		return refused("TXN_ALREADY_CAPTURED", "The authorisation is captured already.")
	case tx.Status == statusCaptured && (settled || c.faults.Get("void.captured") == "refused"):
		return refused("UNSUPPORTED_TXN_ACTION", "A captured transaction can only be refunded.")
	}
	if c.faults.Get("void.status") == "declined" {
		c.faults.Take("void.status")
		tx.Status = statusDeclined // the answer alone; nothing was done
		return changed{transaction: tx}
	}
	now := time.Now()
	tx.Voided, tx.Status, tx.UpdatedAt = true, statusVoided, stamp{now}
	rec.Transaction = &tx
	rec.Booking.Charged, rec.Booking.Reversed = false, true
	own, number := c.ledger.id()
	reversal := record{Serial: number, Request: by.key, Booking: Booking{ID: own, At: now, Reference: by.reference, RequestID: by.requestID,
		Kind: kindReversal, Original: id, DeviceID: by.deviceID, AmountMinor: rec.Booking.AmountMinor, Currency: rec.Booking.Currency,
		Card: rec.Booking.Card, Outcome: outcomeApproved}}
	if err := c.ledger.Book(rec, reversal); err != nil {
		return refused("INTERNAL_ERROR", err.Error())
	}
	c.log.Note("Voided: " + shownAmount(rec.Booking.AmountMinor, rec.Booking.Currency))
	return changed{transaction: tx}
}

// refundable is what of a capture is not refunded yet, in minor units.
func (c *Cloud) refundable(rec record) int64 {
	left := rec.Transaction.Amounts.Transaction
	for _, child := range c.ledger.All(func(r *record) bool {
		return r.Booking.Kind == kindRefund && r.Booking.Original == rec.Booking.ID && r.Booking.Charged
	}) {
		left -= child.Booking.AmountMinor
	}
	return left
}

// refundIt gives money back (poynt.md 13). An amount of 0 is all that is left.
func (c *Cloud) refundIt(id string, minor int64, currency string, by origin) changed {
	rec, found := c.original(id)
	if !found {
		return refused("TRANSACTION_NOT_FOUND", "There is no transaction "+bench.Shorten(id)+".")
	}
	tx := *rec.Transaction
	switch {
	case tx.Voided:
		return refused("TXN_ALREADY_VOIDED", "The transaction is void.")
	case tx.Status == statusRefunded:
		return refused("TXN_ALREADY_REFUNDED", "The transaction is refunded already.")
	case tx.Action == actionAuthorise:
		c.log.Violate("a refund of an authorisation; the capture's id is needed")
		return refused("UNSUPPORTED_TXN_ACTION", "Only a sale or a capture can be refunded.")
	case tx.Action == actionRefund || tx.Status == statusDeclined:
		return refused("UNSUPPORTED_TXN_ACTION", "This transaction cannot be refunded.")
	case currency != "" && currency != tx.Amounts.Currency:
		return refused("INVALID_PARAMETER", "The currency is "+tx.Amounts.Currency+".")
	}
	left := c.refundable(rec)
	if minor == 0 {
		minor = left
	}
	if minor > left {
		c.log.Violate(fmt.Sprintf("a refund of %d where %d are left", minor, left))
		return refused("INVALID_PARAMETER", "The refund is above what is left.")
	}
	now := time.Now()
	own, number := c.ledger.id()
	child := transaction{ID: own, ParentID: id, Action: actionRefund, Status: statusRefunded, CreatedAt: stamp{now}, UpdatedAt: stamp{now},
		Amounts: amounts{Transaction: minor, Order: minor, Currency: tx.Amounts.Currency}, Context: placeOf(by.deviceID, now), FundingSource: tx.FundingSource,
		Processor:  &processor{Status: "Successful", Code: "1", Message: "Successful", Approved: minor, Approval: approvalCode(number), Acquirer: "CHASE_PAYMENTECH", Processor: "MOCK", Batch: "1"},
		References: by.references(), Links: []link{c.linkTo(id, tx.Action)}}
	tx.Status, tx.UpdatedAt = statusPartiallyRefunded, stamp{now}
	if minor == left {
		tx.Status = statusRefunded
	}
	tx.Links = append(slices.Clone(tx.Links), c.linkTo(own, actionRefund))
	rec.Transaction = &tx
	refund := record{Serial: number, Request: by.key, Transaction: &child, Visible: now, Booking: Booking{ID: own, At: now, Reference: by.reference,
		RequestID: by.requestID, Kind: kindRefund, Original: id, DeviceID: by.deviceID, AmountMinor: minor, Currency: tx.Amounts.Currency,
		Card: rec.Booking.Card, Outcome: outcomeApproved, Charged: true}}
	if err := c.ledger.Book(rec, refund); err != nil {
		return refused("INTERNAL_ERROR", err.Error())
	}
	c.log.Note("Refunded: " + shownAmount(minor, tx.Amounts.Currency))
	return changed{transaction: child}
}

// captureIt takes the money of an authorisation; 0 is all of it. The capture is a
// transaction of its own (poynt.md 13).
func (c *Cloud) captureIt(id string, minor int64, tip int64, by origin) changed {
	rec, found := c.original(id)
	if !found {
		return refused("TRANSACTION_NOT_FOUND", "There is no transaction "+bench.Shorten(id)+".")
	}
	tx := *rec.Transaction
	switch {
	case tx.Voided:
		return refused("TXN_ALREADY_VOIDED", "The authorisation is void.")
	case tx.Action == actionAuthorise && tx.Status != statusAuthorised && tx.Status != statusDeclined:
		return refused("TXN_ALREADY_CAPTURED", "The authorisation is captured already.")
	case tx.Action != actionAuthorise || tx.Status == statusDeclined:
		return refused("CAPTURE_NOT_ALLOWED", "Only an authorisation can be captured.")
	case minor > tx.Amounts.Transaction+tip:
		c.log.Violate(fmt.Sprintf("a capture of %d where %d are authorised", minor, tx.Amounts.Transaction))
		return refused("CAPTURE_EXCEEDS_PREAUTH_BAL", "The capture is above what was authorised.")
	}
	child := tx
	if minor == 0 {
		minor = tx.Amounts.Transaction + tip
	}
	now := time.Now()
	own, number := c.ledger.id()
	child.ID, child.ParentID, child.Action, child.Status, child.AuthOnly = own, id, actionCapture, statusCaptured, false
	child.CreatedAt, child.UpdatedAt, child.Links = stamp{now}, stamp{now}, []link{c.linkTo(id, actionAuthorise)}
	child.Amounts.Tip += tip
	child.Amounts.Transaction, child.Amounts.Order = minor, minor-child.Amounts.Tip-child.Amounts.Cashback
	if tx.Processor != nil {
		p := *tx.Processor
		p.Approved, p.ID = minor, own
		child.Processor = &p
	}
	tx.Status, tx.UpdatedAt = statusCaptured, stamp{now}
	if minor < tx.Amounts.Transaction {
		tx.Status = statusPartlyCaptured
	}
	tx.Links = append(slices.Clone(tx.Links), c.linkTo(own, actionCapture))
	rec.Transaction = &tx
	rec.Booking.Charged = false
	capture := record{Serial: number, Request: by.key, Transaction: &child, Visible: now, Booking: Booking{ID: own, At: now, Reference: rec.Booking.Reference,
		RequestID: by.requestID, Kind: kindCapture, Original: id, DeviceID: rec.Booking.DeviceID, AmountMinor: minor, TipMinor: child.Amounts.Tip,
		CashbackMinor: child.Amounts.Cashback, Currency: rec.Booking.Currency, Card: rec.Booking.Card, Outcome: outcomeApproved, Charged: true}}
	if err := c.ledger.Book(rec, capture); err != nil {
		return refused("INTERNAL_ERROR", err.Error())
	}
	c.log.Note("Captured: " + shownAmount(minor, rec.Booking.Currency))
	return changed{transaction: child}
}

// adjustIt sets the tip of a transaction that is not settled (poynt.md 13).
func (c *Cloud) adjustIt(id string, tip int64) changed {
	rec, found := c.original(id)
	if !found {
		return refused("TRANSACTION_NOT_FOUND", "There is no transaction "+bench.Shorten(id)+".")
	}
	tx := *rec.Transaction
	if tx.Voided || tx.Status != statusAuthorised && tx.Status != statusCaptured || c.faults.Get("change.batch") == "settled" {
		return refused("UNSUPPORTED_TXN_ACTION", "The transaction can no longer be adjusted.")
	}
	tx.Adjusted, tx.UpdatedAt = true, stamp{time.Now()}
	tx.Amounts.Transaction += tip - tx.Amounts.Tip
	tx.Amounts.Tip = tip
	rec.Transaction = &tx
	rec.Booking.AmountMinor, rec.Booking.TipMinor = tx.Amounts.Transaction, tip
	if err := c.ledger.Book(rec); err != nil {
		return refused("INTERNAL_ERROR", err.Error())
	}
	return changed{transaction: tx}
}

// references name what the till calls the request, if it does.
func (o origin) references() []reference {
	if o.reference == "" || o.reference == o.requestID {
		return nil
	}
	return []reference{{Type: "CUSTOM", CustomType: "referenceId", ID: o.reference}}
}

// linkTo points at a related transaction; the words of rel are not documented.
func (c *Cloud) linkTo(id, action string) link {
	return link{Href: "/businesses/" + BusinessID + "/transactions/" + id, Rel: action, Method: "GET"}
}
