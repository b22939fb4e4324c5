package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	smart "github.com/paydesk-till/paydesk/backend/practice/netpay"
	"github.com/paydesk-till/paydesk/backend/provider/netpay"
)

// twice is why nothing may be delivered to a terminal a second time.
const twice = "the cloud has the customer pay twice: no till can keep that from happening"

// askedTwice is the objection to a question while the one before it is not over yet, and
// answerWait is how long the till waits for an answer.
var askedTwice = regexp.MustCompile(`^reprint while the reprint before it is still running on \d+, (\S+) after its push$`)

const answerWait = 30 * time.Second

var netpayProtocol = &protocol{
	name:      "netpay",
	provider:  func() payment.Provider { return netpay.New() },
	customers: netpayCustomers(),
	switches:  netpaySwitches(),
	excluded: map[string]string{
		"network":                   "planned as an incident of its own, so that it is plugged in again",
		"sale.push=duplicate":       twice,
		"reprint.module=V":          "that a cancel was carried out is this one word of a reprint, and nothing else could be asked; any other wrong word contradicts the rest of the result",
		"result.store=wrong-charge": "a sale in a store that the till does not ask about is never found again",
	},
	// A forged approval in which everything is right, down to the mark that only NetPay was
	// told, is believed as what it says it is, unless the settings ask for a reprint.
	denied: func(t terminalPlan, i incident) bool {
		return i.name == "result.forged" && strings.HasSuffix(i.value, "approved") && t.variant["confirm"] != "reprint"
	},
	often:  []string{"sale.", "reprint."},
	asking: "reprint.",
	hidden: func(r *rand.Rand) []incident {
		return []incident{
			{name: "sale.result", value: pickOf(r, "lose", "garbage", "truncate")},
			{name: "reprint.result", value: pickOf(r, "always:lose", "always:garbage", "always:truncate")},
			{after: span(r, 5*time.Minute, 7*time.Minute), name: "reprint.result", value: "ok"}}
	},
	choose: func(r *rand.Rand) (variant, map[string]string) {
		v := variant{"token-renewal": pickOf(r, "password", "refresh"), "terminal-prints": pickOf(r, "yes", "no"), "smart-accounts": "off", "stores": "",
			"confirm": pickOf(r, "echo", "echo", "reprint")}
		if r.IntN(2) == 0 {
			v["smart-accounts"], v["stores"] = "string", "700101,Uno,7000001;700102,Dos,7000002;700103,Tres,7000003"
		}
		if r.IntN(8) == 0 {
			v["listen"] = "" // nothing reaches the till: a person settles everything
		}
		return v, nil
	},
	extend: func(r *rand.Rand, t terminalPlan, o *operationPlan) {
		if o.cashback = 0; o.wish == wishRefund { // there is no such thing
			o.wish = wishVoid
		}
		if t.variant["stores"] != "" {
			o.account = pickOf(r, "", "", "700102", "700103")
		}
	},
	settings: func(p premises) (payment.Settings, error) {
		given := payment.Settings{"base-url": "http://" + p.address, "auth-string": smart.AuthString, "username": smart.Username, "password": smart.Password,
			"serial-number": serialOf(p), "store-id": smart.DefaultStores()[0].ID, "listen": p.listener}
		for name, value := range p.plan.variant {
			given[name] = value
		}
		return given, nil
	},
	open: func(p premises) (practice, error) {
		till, err := tillOf(p)
		if err != nil {
			return nil, err
		}
		t, err := smart.New(smart.Options{Serial: serialOf(p), Ledger: p.ledger, Pace: 1, Till: till, Client: p.client})
		return netpayTerminal{t, clockIsSet(planOf(p.seed))}, err
	},
	reboots: true,
	moves: func(path string, _ []byte) bool {
		return strings.HasSuffix(path, "/sale") || strings.HasSuffix(path, "/cancel")
	},
	markup:   `{}[]":,`,
	names:    &foreign{regexp.MustCompile(`"(paydesk|folioNumber)":\s*"[0-9]{12,20}"`), []byte(`"${1}":"4711"`)},
	delicate: true,
	// A question that got no answer for as long as one is waited for (netpay.md 7.4) is
	// asked again, though the terminal may still be at it, its post turned away time and
	// again: nobody can know, and no money moves. A sale or cancel that may still be
	// running is never asked about.
	excused: func(v string) bool {
		found := askedTwice.FindStringSubmatch(v)
		if found == nil {
			return false
		}
		waited, err := time.ParseDuration(found[1])
		return err == nil && waited >= answerWait
	},
	// Without a door nothing is ever heard; what was cancelled before a card was read
	// is told by the terminal's own post alone.
	unsure:    func(t terminalPlan, b booking) bool { return t.deaf() || b.Hidden },
	afterward: 14 * time.Minute, // it is asked every 5 minutes in the end
}

// deaf tells that the settings let nothing reach the till.
func (t terminalPlan) deaf() bool {
	listen, set := t.variant["listen"]
	return set && listen == ""
}

func serialOf(p premises) string { return fmt.Sprintf("000001234%d", p.number) }

// tillOf is the address that somebody types into the terminal, as the till shows it.
func tillOf(p premises) (string, error) {
	given, err := p.plan.protocol.settings(p)
	if err != nil {
		return "", err
	}
	listen := func(address, _ string, _ http.Handler) (string, func(), error) { return address, func() {}, nil }
	t, err := netpay.New().Open(context.Background(), "door", given, payment.Deps{Listen: listen, Session: nobody{}, Inbox: nothing{},
		Serial: func(context.Context) (int64, error) { return 0, nil }})
	if err != nil {
		return "", err
	}
	return t.(payment.Receiver).Door().URL, t.Close()
}

// nobody listens, and nothing is kept: the terminal is only asked for its address.
type (
	nobody  struct{ payment.Reporter }
	nothing struct{ payment.Inbox }
)

func netpayCustomers() (names []string) {
	for _, c := range smart.Customers() {
		names = append(names, c.Name)
	}
	return names
}

func netpaySwitches() (list []flick) {
	for _, f := range smart.Faults() {
		list = append(list, flick{f.Name, f.Choices, f.Once})
	}
	return list
}

// netpayTerminal is the NetPay practice cloud with its terminal.
type netpayTerminal struct {
	*smart.Terminal
	clockSet bool // the till's clock, at some time of the run
}

// Violations leaves out a question about a sale or cancel that is still running where the
// till's clock is set in this run: a till that was started anew knows only by that clock
// how long ago an earlier one pushed it, and takes it for old. Everywhere else it counts.
func (t netpayTerminal) Violations() []string {
	return slices.DeleteFunc(t.Terminal.Violations(), func(v string) bool {
		return t.clockSet && (strings.HasPrefix(v, "reprint while the sale ") || strings.HasPrefix(v, "reprint while the cancel "))
	})
}

// planOf is newPlan, of which the protocols are a part themselves.
var planOf func(seed uint64) plan

func init() { planOf = newPlan }

func clockIsSet(p plan) bool {
	return slices.ContainsFunc(p.terminals, func(t terminalPlan) bool {
		return slices.ContainsFunc(t.operations, func(o operationPlan) bool {
			return slices.ContainsFunc(o.incidents, func(i incident) bool { return i.name == "clock" })
		})
	})
}

func (t netpayTerminal) bookings() []booking {
	var list []booking
	for _, b := range t.Bookings() {
		one := booking{Kind: bookedSale, ID: b.OrderID, Reference: b.Folio, Amount: b.AmountMinor, Moved: b.Charged || b.Reversed && b.Outcome == "approved", Stays: b.Charged,
			Hidden: b.Outcome == "cancelled"}
		if b.Kind == "reversal" {
			one.Kind, one.Moved = bookedVoid, true
		}
		list = append(list, one)
	}
	return list
}
