package simulate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	terminal "github.com/paydesk-till/paydesk/backend/practice/nexo"
	"github.com/paydesk-till/paydesk/backend/provider/nexo"
)

// A nexo terminal that is set to be believed when it says "not found" is not made to
// say it of what it has: no till could learn the truth from it.
const (
	lyingSwitch = "status.answer"
	lyingValue  = "not-found"
	believed    = "not-executed"
)

// crossed is an abort that left before the question had arrived: no till can know.
const crossed = "Abort during the signature question"

var nexoProtocol = &protocol{
	name:      "nexo",
	provider:  func() payment.Provider { return nexo.New() },
	customers: nexoCustomers(),
	switches:  nexoSwitches(),
	excluded:  map[string]string{"network": "planned as an incident of its own, so that it is plugged in again"},
	often:     []string{"payment.", "status."},
	asking:    "status.",
	hidden: func(r *rand.Rand) []incident {
		return []incident{
			{name: "payment.answer", value: pickOf(r, "lose", "garbage", "wrong-id")},
			{name: "status.answer", value: pickOf(r, "always:lose", "always:garbage", "always:busy")},
			{after: span(r, 5*time.Minute, 7*time.Minute), name: "status.answer", value: "ok"}}
	},
	undoing: func(r *rand.Rand) incident {
		return incident{name: "reversal.answer", value: pickOf(r, "lose", "unknown-condition", "unknown-result", "no-condition", "garbage", "delay")}
	},
	denied: func(t terminalPlan, i incident) bool {
		return t.notFound == believed && i.name == lyingSwitch && strings.HasSuffix(i.value, lyingValue)
	},
	settings: func(p premises) (payment.Settings, error) {
		mode := "default"
		if p.plan.light {
			mode = "light"
		}
		given := payment.Settings{"address": p.address, "poiid": nexoName(p), "mode": mode, "listen": p.listener, "not-found": p.plan.notFound}
		for name, value := range p.plan.variant {
			given[name] = value
		}
		return given, nil
	},
	open: func(p premises) (practice, error) {
		t, err := terminal.New(terminal.Options{POIID: nexoName(p), Ledger: p.ledger, Pace: 1, Till: "http://" + p.listener, Client: p.client})
		return nexoTerminal{t}, err
	},
	reboots: true,
	moves: func(_ string, raw []byte) bool {
		return bytes.Contains(raw, []byte("<PaymentRequest")) || bytes.Contains(raw, []byte("<ReversalRequest"))
	},
	repeats:   true,
	markup:    `<>="`,
	names:     &foreign{regexp.MustCompile(`ServiceID="[0-9]+"`), []byte(`ServiceID="4711"`)},
	excused:   func(v string) bool { return strings.HasSuffix(v, crossed) },
	unsure:    func(terminalPlan, booking) bool { return false },
	afterward: 150 * time.Second, // parked doubt is asked about each minute
}

func nexoName(p premises) string { return fmt.Sprintf("KASSA-0%d", p.number) }

func nexoCustomers() (names []string) {
	for _, c := range terminal.Customers() {
		names = append(names, c.Name)
	}
	return names
}

func nexoSwitches() (list []flick) {
	for _, f := range terminal.Faults() {
		list = append(list, flick{f.Name, f.Choices, f.Once})
	}
	return list
}

// nexoTerminal is the nexo practice terminal.
type nexoTerminal struct{ *terminal.Terminal }

func (t nexoTerminal) bookings() []booking {
	var list []booking
	for _, b := range t.Bookings() {
		one := booking{Kind: bookedSale, ID: b.ID, Reference: b.SaleTransactionID, Amount: b.AmountMinor, Moved: b.Charged || b.Reversed, Stays: b.Charged}
		switch b.Kind {
		case "refund":
			one.Kind = bookedRefund
		case "reversal":
			one.Kind, one.Moved = bookedVoid, true
		}
		list = append(list, one)
	}
	return list
}
