package simulate

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	pax "github.com/paydesk-till/paydesk/backend/practice/iotpay"
	"github.com/paydesk-till/paydesk/backend/provider/iotpay"
)

// signed is why no answer tells another amount: nothing else could contradict it.
const signed = "IOT Pay itself signs an amount that is not true"

var iotpayProtocol = &protocol{
	name:      "iotpay",
	provider:  func() payment.Provider { return iotpay.New() },
	customers: iotpayCustomers(),
	switches:  iotpaySwitches(),
	excluded: map[string]string{
		"network":                        "planned as an incident of its own, so that it is plugged in again",
		"order.answer=other-amount":      signed,
		"query.answer=other-amount":      signed,
		"card-query.answer=other-amount": signed,
		"order.answer=fail-system":       "IOT Pay says that it did not take what it took, and may say that it does not find it: both together prove that nothing was taken (iotpay.md 9)",
	},
	often:  []string{"order.", "query.", "payment."},
	asking: "query.",
	hidden: func(r *rand.Rand) []incident {
		return []incident{
			{name: "order.answer", value: pickOf(r, "lose", "garbage", "wrong-order")},
			{name: "query.answer", value: pickOf(r, "always:lose", "always:garbage", "always:no-status")},
			{after: span(r, 5*time.Minute, 7*time.Minute), name: "query.answer", value: "ok"}}
	},
	choose: chooseIOTPay,
	denied: func(t terminalPlan, i incident) bool {
		// What is added to a sum is played where every answer tells it, and there alone.
		if adds(t) {
			return slices.Contains([]string{"query.shape", "answers.totals"}, i.name) || strings.Contains(i.value, "extra-")
		}
		return slices.Contains([]string{"payment.cashback", "payment.surcharge"}, i.name) || i.name == "tip" && i.value == "on-top"
	},
	extend: func(_ *rand.Rand, _ terminalPlan, o *operationPlan) { o.cashback = 0 },
	settings: func(p premises) (payment.Settings, error) {
		given := payment.Settings{"base-url": "http://" + p.address, "card-url": "http://" + p.address, "mch-id": pax.MerchantID, "job-no": pax.JobNo, "key": pax.Key}
		for name, value := range p.plan.variant {
			given[name] = value
		}
		return given, nil
	},
	open: func(p premises) (practice, error) {
		t, err := pax.New(pax.Options{Ledger: p.ledger, Pace: 1, Seed: int64(p.seed%numbers) + int64(p.number)})
		return iotpayTerminal{t}, err
	},
	reboots: true,
	moves: func(path string, _ []byte) bool {
		return slices.Contains([]string{"/v1/create_order", "/v1/refund_order", "/v3/cc_void", "/v3/cc_refund"}, path)
	},
	// Only what encloses names and values: a sign inside of extra is not covered by the
	// signature where payOrder is left out of it (iotpay.md 5.2).
	markup:   `"%`,
	names:    &foreign{regexp.MustCompile(`(mchOrderNo(?:%22%3A%22|":"))[0-9]{12,20}`), []byte(`${1}4711`)},
	delicate: true,
	excused:  func(string) bool { return false },
	// Only the card API knows a number of ours for a refund (iotpay.md 11), if at all.
	unsure: func(t terminalPlan, b booking) bool {
		return (b.Kind == bookedRefund || b.Kind == bookedVoid) && t.steady["card.refunds"] != "found"
	},
	afterward: 4 * time.Minute, // what a query knows after 90 s is asked about then, each minute
}

// adds tells a terminal at which the whole sum is told by whatever answers. Where it
// is not, tips, cash back and surcharges are in no answer to a query (iotpay.md 10.1).
func adds(t terminalPlan) bool { return t.steady["answers.totals"] == "told" }

// chooseIOTPay draws the till's settings, and what the documentation leaves open.
func chooseIOTPay(r *rand.Rand) (variant, map[string]string) {
	v := variant{"response-signature": pickOf(r, "auto", "auto", "a", "b"), "refund": pickOf(r, "off", "manual", "v1", "v3", "v3"),
		"card-query": pickOf(r, "off", "on"), "language": pickOf(r, "en", "fr"), "bilingual": pickOf(r, "no", "yes")}
	cloud := map[string]string{"answers.signature": pickOf(r, "a", "b"), "refund.interac": pickOf(r, "refused", "accepted"),
		"refund.cards": "accepted", "batch": pickOf(r, "open", "settled")}
	if v["response-signature"] != "auto" {
		cloud["answers.signature"] = v["response-signature"]
	}
	if v["refund"] == "v3" {
		cloud["card.refunds"] = pickOf(r, "found", "found", "not-found")
	}
	if r.IntN(3) == 0 {
		v["card-query"], cloud["answers.totals"], cloud["query.shape"] = "off", "told", pickOf(r, "payOrder", "result")
		cloud["tip"] = pickOf(r, "inside", "on-top")
	}
	cloud["card.api"] = "accepted"
	return v, cloud
}

func iotpayCustomers() (names []string) {
	for _, c := range pax.Customers() {
		names = append(names, c.Name)
	}
	return names
}

func iotpaySwitches() (list []flick) {
	for _, f := range pax.Faults() {
		list = append(list, flick{f.Name, f.Choices, f.Once})
	}
	return list
}

// iotpayTerminal is the IOT Pay practice cloud with its PIN pad.
type iotpayTerminal struct{ *pax.Terminal }

func (t iotpayTerminal) bookings() []booking {
	var list []booking
	byID, undone := map[string]string{}, map[string]bool{}
	all := t.Bookings()
	for _, b := range all {
		byID[b.ID] = b.Order
		undone[b.Original] = undone[b.Original] || b.Kind == "reversal"
	}
	for _, b := range all {
		paid := b.Outcome == "approved"
		one := booking{Kind: bookedSale, ID: b.ID, Reference: b.Order, Amount: b.AmountMinor, Moved: paid, Stays: paid && !undone[b.ID]}
		switch b.Kind {
		case "refund":
			one.Kind = bookedRefund
		case "reversal":
			one.Kind, one.Reference = bookedVoid, byID[b.Original]
		}
		list = append(list, one)
	}
	return list
}
