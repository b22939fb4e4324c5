package simulate

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	wallets "github.com/paydesk-till/paydesk/backend/practice/pockyt"
	"github.com/paydesk-till/paydesk/backend/provider/pockyt"
)

var pockytProtocol = &protocol{
	name:      "pockyt",
	provider:  func() payment.Provider { return pockyt.New() },
	customers: pockytCustomers(),
	switches:  pockytSwitches(),
	excluded: map[string]string{
		"network":                  "planned as an incident of its own, so that it is plugged in again",
		"notice.scheme":            "nothing in a simulated network speaks TLS",
		"refund.request=duplicate": twice,
	},
	often:  []string{"add.", "prepay.", "qr.", "query.", "cancel."},
	asking: "query.",
	hidden: func(r *rand.Rand) []incident {
		return []incident{
			{name: "prepay.answer", value: pickOf(r, "lose", "garbage", "other-order")},
			{name: "notice", value: pickOf(r, "lose", "wrong-signature", "garbage")},
			{name: "query.answer", value: pickOf(r, "always:lose", "always:garbage", "always:no-status")},
			{after: span(r, 8*time.Minute, 9*time.Minute), name: "query.answer", value: "ok"}}
	},
	choose: choosePockyt,
	denied: func(t terminalPlan, i incident) bool {
		switch i.name {
		// A cloud whose "not found" is believed is not made to say it of what it has, as
		// with nexo; and another amount that is said twice is believed (design 10.8).
		case "query.answer":
			return t.variant["not-found"] == believed && strings.HasSuffix(i.value, "not-found") || i.value == "always:other-amount"
		case "qr.notify": // a till without a door has no address to tell
			return t.deaf()
		case "currencies": // a store that takes dollars alone is set up with them
			return t.variant["currency"] != wallets.Currency
		case "prepay.vendor": // where it is required, the cashier names the wallet
			return t.steady["prepay.vendor"] != "required"
		}
		return false
	},
	extend: extendPockyt,
	settings: func(p premises) (payment.Settings, error) {
		given := payment.Settings(wallets.Settings(p.address))
		given["listen"] = p.listener
		for name, value := range p.plan.variant {
			given[name] = value
		}
		return given, nil
	},
	open: func(p premises) (practice, error) {
		c, err := wallets.New(wallets.Options{Ledger: p.ledger, Pace: 1, Unseen: true, Seed: int64(p.seed%numbers) + int64(p.number), Client: p.client})
		return pockytCloud{c}, err
	},
	moves: func(path string, _ []byte) bool {
		return strings.HasSuffix(path, "/prepay") || strings.HasSuffix(path, "/refund")
	},
	markup:   `{}[]":,`,
	names:    &foreign{regexp.MustCompile(`((?:refundR|r)eference"?[:=]"?)[0-9]{12,20}`), []byte(`${1}4711`)},
	delicate: true,
	// A till that cannot store a notice says so, and gets it again.
	excused: func(v string) bool { return strings.Contains(v, "was answered with 503") },
	// A refund that failed is not listed, and a query for it may not be known (pockyt.md 5.4).
	unsure:    func(_ terminalPlan, b booking) bool { return b.Hidden || b.Kind == bookedRefund && !b.Moved },
	reopens:   true,
	afterward: 6 * time.Minute, // what was closed is asked about every 5 minutes in the end
}

// numbers bounds what the cloud's numbers are made of.
const numbers = 900

// choosePockyt draws the till's settings, and what the documentation leaves open.
func choosePockyt(r *rand.Rand) (variant, map[string]string) {
	v := variant{"vendor": pickOf(r, "alipay", "wechatpay", "cashapppay"), "currency": pickOf(r, "USD", "USD", "GBP", "HKD", "THB"),
		"not-found": pickOf(r, "doubt", believed)}
	if r.IntN(4) == 0 {
		v["listen"] = "" // no notice reaches the till: it asks
	}
	return v, map[string]string{"prepay.vendor": pickOf(r, "optional", "required"), "notice.statuses": pickOf(r, "success", "all", "none"),
		"query.refund-info": pickOf(r, "array", "array", "object"), "sign.empty": pickOf(r, "either", "signed", "left-out")}
}

// extendPockyt has the customer show a code, or scan the till's.
func extendPockyt(r *rand.Rand, t terminalPlan, o *operationPlan) {
	if o.cashback = 0; o.wish == wishVoid { // there is no such thing
		o.wish = wishRefund
	}
	shown := []string{"", "alipay", "wechatpay", "cashapppay"}
	if o.hides || r.IntN(3) > 0 {
		scanned := []string{"alipay", "wechatpay", "unionpay"}
		at := r.IntN(len(scanned))
		o.code, o.vendor = walletCode(r, scanned[at]), scanned[at]
		switch {
		case r.IntN(12) == 0: // the cashier names another wallet
			o.vendor = "alipay"
		case t.steady["prepay.vendor"] != "required" && r.IntN(2) == 0:
			o.vendor = ""
		}
		return
	}
	o.vendor = shown[r.IntN(len(shown))]
	o.showQR = r.IntN(2) == 0
}

// walletCode is a code that a wallet shows. Few pass for a card's number, so that it takes
// more than the redaction of those to keep none.
func walletCode(r *rand.Rand, vendor string) payment.Scanned {
	form := map[string]struct {
		begins string
		digits int
	}{"alipay": {"28", 18}, "wechatpay": {"13", 18}, "unionpay": {"62", 19}}[vendor]
	return payment.Scanned(fmt.Sprintf("%s%0*d", form.begins, form.digits-len(form.begins), r.Int64N(1e16)))
}

func pockytCustomers() (names []string) {
	for _, c := range wallets.Customers() {
		names = append(names, c.Name)
	}
	return names
}

func pockytSwitches() (list []flick) {
	for _, f := range wallets.Faults() {
		list = append(list, flick{f.Name, f.Choices, f.Once})
	}
	return list
}

// pockytCloud is the Pockyt practice cloud with the customer's phone.
type pockytCloud struct{ *wallets.Cloud }

func (c pockytCloud) bookings() []booking {
	var list []booking
	all := c.Bookings()
	for _, b := range all {
		one := booking{Kind: bookedSale, ID: b.ID, Reference: b.Reference, Amount: b.AmountMinor, Moved: b.Charged || b.Reversed, Stays: b.Charged}
		switch b.Kind {
		case "refund": // one that is on its way has moved nothing
			one.Kind, one.Hidden = bookedRefund, b.Pending
			one.Moved, one.Stays = b.Charged && !b.Pending, b.Charged && !b.Pending
		case "reversal": // by the cancel of a sale
			i := slices.IndexFunc(all, func(of wallets.Booking) bool { return of.ID == b.Original && of.Kind == "purchase" })
			one.Kind, one.Reference, one.Moved = bookedVoid, all[i].Reference, true
		}
		list = append(list, one)
	}
	return list
}
