package iotpay

import (
	"errors"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// outcome is how an order ends.
type outcome struct {
	booking         string // an outcome of Booking; "" is none yet
	status          int64
	english, french string // receiptDisp
	shown           text
	user            bool // somebody pressed the red key or pulled the card
}

// Outcomes. The texts follow the pattern of the two samples: a host code only when
// approved, then words, then the return code (iotpay.md 8).
var (
	approved  = outcome{booking: outcomeApproved, status: statusPaid, english: "000 Approved 00 Thank You", french: "000 Approuvee 00 Merci", shown: textApproved}
	partly    = outcome{booking: outcomeApproved, status: statusPaid, english: "000 Approved Partial 10", french: "000 Approuvee Partiel 10", shown: textApproved}
	byIssuer  = outcome{booking: outcomeDeclined, status: statusNotPaid, english: "Transaction Not Approved 05", french: "Transaction Refusee 05", shown: textDeclined}
	noMoney   = outcome{booking: outcomeDeclined, status: statusNotPaid, english: "Insufficient Funds 51", french: "Fonds Insuffisants 51", shown: textDeclined}
	pinWrong  = outcome{booking: outcomeDeclined, status: statusNotPaid, english: "PIN Tries Exceeded 75", french: "Essais De NIP Depasses 75", shown: textDeclined}
	strange   = outcome{booking: outcomeDeclined, status: statusNotPaid, english: "Transaction Not Completed ZZ", french: "Transaction Non Completee ZZ", shown: textNotDone}
	bankAway  = outcome{booking: outcomeDeclined, status: statusNotPaid, english: "Host Timeout 350", french: "Delai De L'Hote Depasse 350", shown: textNotDone}
	nobody    = outcome{booking: outcomeCancelled, status: statusNotPaid, english: "Transaction Timed Out 350", french: "Delai Depasse 350", shown: textStopped}
	byUser    = outcome{booking: outcomeCancelled, status: statusNotPaid, english: "Transaction Cancelled 266", french: "Transaction Annulee 266", shown: textStopped, user: true}
	notDone   = outcome{booking: outcomeCancelled, status: statusNotPaid, english: "Transaction Not Completed 05", french: "Transaction Non Completee 05", shown: textNotDone}
	bySystem  = outcome{booking: outcomeCancelled, status: statusBySystem, english: "Transaction Not Completed", french: "Transaction Non Completee", shown: textStopped}
	busyNow   = outcome{booking: outcomeDeclined, status: statusNotPaid, english: "Terminal Busy 3667", french: "Terminal Occupe 3667"}
	notOnline = outcome{booking: outcomeDeclined, status: statusNotPaid, english: "Terminal Not Connected", french: "Terminal Non Connecte"}
)

// ended is an open order with its end.
func ended(rec record, o outcome, now time.Time) record {
	rec.Booking.Outcome = o.booking
	rec.Booking.Charged = o.booking == outcomeApproved
	rec.Detail.Status, rec.Detail.Ended, rec.Detail.Display = o.status, now, o.english
	if rec.Detail.French {
		rec.Detail.Display = o.french
	}
	return rec
}

func isGone(err error) bool { return errors.Is(err, bench.ErrGone) }

// outcomeLag is how long a query does not know of a late approval, at pace 1.
const outcomeLag = 5 * time.Second

// conclude books how a payment ended. When the whole cloud goes down it books
// nothing: the order stays open, and is cancelled when the cloud comes back.
func (t *Terminal) conclude(s *sale, o outcome, err error) outcome {
	if err == nil {
		err = t.reachable(s)
	}
	switch {
	case t.life.Ctx.Err() != nil && !s.decided:
		t.log.Note("Order " + bench.Shorten(s.rec.Booking.Order) + " ended with the cloud")
		return notDone
	case isGone(err) && !s.decided:
		if o = notDone; t.stopped(s.operation) {
			o = bySystem
		}
	case errors.Is(err, bench.ErrTimeout):
		o = nobody
	}
	if o.booking == outcomeApproved && t.faults.Get("status.approved") == "3" {
		o.status = statusPaid + 1
	}
	if o.user && t.faults.Get("status.cancelled") == "4" {
		o.status = statusBySystem
	}
	now := time.Now()
	rec := ended(s.rec, o, now)
	lag := time.Duration(0)
	if t.troubled(troubleLateApproval) {
		lag = t.scaled(outcomeLag)
	}
	rec.Detail.Visible = now.Add(lag + lags[t.faults.Get("query.lag")])
	if err := t.ledger.Book(rec); err != nil {
		t.log.Note("Nothing is charged, the ledger cannot be written: " + err.Error())
		return notDone
	}
	s.final = rec
	t.log.Note("Order " + bench.Shorten(rec.Booking.Order) + ": " + rec.Booking.Outcome + " " + shownAmount(rec.Booking.AmountMinor) + ", " + rec.Detail.Display)
	return o
}

var lags = map[string]time.Duration{"none": 0, "5s": 5 * time.Second, "90s": 90 * time.Second}

// reachable waits until the PIN pad can tell the cloud how the payment ended.
func (t *Terminal) reachable(s *sale) error {
	if s.decided || !t.offline() {
		return nil
	}
	t.log.Note("The PIN pad cannot tell the cloud how order " + bench.Shorten(s.rec.Booking.Order) + " ended")
	return s.awaitWhile(t.offline)
}

func (t *Terminal) offline() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.unplugged.Whole()
}

// stopped says that the till hung up and the cloud has stopped the PIN pad.
func (t *Terminal) stopped(op *operation) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return op.hungUp
}

// needsSignature says that the merchant copy has a line to sign on (iotpay.md 8).
func needsSignature(rec record) bool {
	return rec.Booking.Outcome == outcomeApproved && strings.HasPrefix(rec.Detail.CVM, "1E")
}
