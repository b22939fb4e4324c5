package pockyt

import (
	"strconv"
	"time"
)

// States of an order on the wire (pockyt.md 10.2).
const (
	statusInit    = "init"
	statusDealing = "dealing"
	statusPending = "pending"
	statusSuccess = "success"
	statusFailed  = "failed"
	statusClosed  = "closed"
)

// order is one transaction of the platform, as it stands in the ledger.
type order struct {
	Serial    int64     `json:"serial"`
	No        string    `json:"no"` // transactionNo, 18 digits
	Reference string    `json:"reference"`
	QR        bool      `json:"qr,omitempty"` // the customer scans the till; else the till scans the customer
	Minor     int64     `json:"minor"`
	Currency  string    `json:"currency"`
	Settle    string    `json:"settle"`
	Status    string    `json:"status"`
	Vendor    string    `json:"vendor,omitempty"`
	Code      string    `json:"code,omitempty"` // last four digits of the customer's code
	Notify    string    `json:"notify,omitempty"`
	Timeout   string    `json:"timeout"` // minutes, as asked
	Created   time.Time `json:"created"`
	Expires   time.Time `json:"expires"`
	// Ended is when it became final.
	Ended time.Time `json:"ended,omitzero"`
	// Booked counts bookings; 0 as long as the order is open.
	Booked  int64    `json:"booked,omitempty"`
	Outcome string   `json:"outcome,omitempty"`
	Refunds []refund `json:"refunds,omitempty"`
}

// refund is money that goes back, by a refund or by the cancel of what was paid.
type refund struct {
	Serial    int64     `json:"serial"`
	Booked    int64     `json:"booked"`
	No        string    `json:"no"`
	Reference string    `json:"reference,omitempty"`
	Minor     int64     `json:"minor"`
	At        time.Time `json:"at"`
	Status    string    `json:"status"` // where it ends: success or failed
	// Due is until when it shows as pending; a zero time: not at all.
	Due    time.Time `json:"due,omitzero"`
	Cancel bool      `json:"cancel,omitempty"`
}

// open says that the customer may still pay.
func (o *order) open() bool {
	return o.Status == statusInit || o.Status == statusDealing || o.Status == statusPending
}

// refunded is what went back or is on its way.
func (o *order) refunded() int64 {
	var sum int64
	for _, r := range o.Refunds {
		if r.Status == statusSuccess {
			sum += r.Minor
		}
	}
	return sum
}

// cancelled says that a cancel gave the money back.
func (o *order) cancelled() bool {
	for _, r := range o.Refunds {
		if r.Cancel {
			return true
		}
	}
	return false
}

// shown is the refund's status on the wire at that time.
func (r *refund) shown(now time.Time) string {
	if now.Before(r.Due) {
		return statusPending
	}
	return r.Status
}

// beijing is the zone of all times of the service (pockyt.md 7).
var beijing = time.FixedZone("UTC+8", 8*60*60)

func wireTime(t time.Time) string { return t.In(beijing).Format("2006-01-02 15:04:05") }

// object is the transaction as add and prepay answer it (pockyt.md 5.1).
func (o *order) object() map[string]any {
	m := map[string]any{"amount": decimal(o.Minor, o.Currency), "createTime": wireTime(o.Created), "currency": o.Currency, "merchantNo": MerchantNo,
		"originalTransactionNo": nil, "paymentTime": nil, "reference": o.Reference, "refundAmount": decimal(o.refunded(), o.Currency),
		"settleCurrency": o.Settle, "storeAdminNo": nil, "storeNo": StoreNo, "transactionNo": o.No, "transactionStatus": o.Status,
		"transactionType": "payment", "voidAmount": "0.00"}
	if o.Status == statusSuccess {
		m["paymentTime"] = wireTime(o.Ended)
	}
	if o.Vendor != "" {
		m["vendor"] = o.Vendor
	}
	return m
}

// number makes an 18-digit transaction number.
func number(seed, serial int64) string {
	const first, span = 297_553_600_000_000_000, 1_000_000_000
	return strconv.FormatInt(first+(seed%1000)*span+serial, 10)
}
