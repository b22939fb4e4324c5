package practice

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/iotpay"
	"github.com/paydesk-till/paydesk/backend/practice/netpay"
	"github.com/paydesk-till/paydesk/backend/practice/nexo"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
	"github.com/paydesk-till/paydesk/backend/practice/pockyt"
	"github.com/paydesk-till/paydesk/backend/practice/poynt"
)

// Kinds are the practice terminals that exist, the default one first.
var Kinds = []Kind{
	nexoKind,
	poyntKind,
	netpayKind,
	iotpayKind,
	pockytKind,
}

// Kind is one sort of practice terminal.
type Kind struct {
	Provider  string // the till's provider of the same protocol
	Customers []Customer
	Faults    []Fault
	New       func(Options) (Terminal, error)
	// Settings are those with which a till reaches the terminal that listens on
	// address ("host:port"). They are the settings' keys of the provider.
	Settings func(address string) map[string]string
}

// Customer is somebody who plays all parts at a terminal without a person.
type Customer = bench.Customer

// Fault is one switch of the trouble to come. The first choice is the untroubled one.
type Fault struct {
	Name, Help string
	Choices    []string
}

// Options is how a practice terminal is set up.
type Options struct {
	Name     string // shown on the pin pad
	Till     string // base URL of the till's listener; empty: none yet
	Ledger   string // file of what was charged; empty: memory
	Customer string // plays by themselves; empty: the pin pad waits for a person
	Pace     float64
	CoolDown time.Duration // 0: as the real terminal; below: none
	Log      *slog.Logger
}

// Terminal is a running practice terminal of any kind.
type Terminal interface {
	// Device is its pin pad.
	Device() pinpad.Device
	// Listen serves the till's messages on address and returns the one in use.
	Listen(address string) (hostport string, err error)
	// SetTill tells where the till listens, as a base URL.
	SetTill(url string)
	// SetFault sets one of Kind.Faults.
	SetFault(name, value string) error
	Close() error
}

// Find gives the kind of a provider's name.
func Find(provider string) (Kind, error) {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Provider == provider })
	if i < 0 {
		return Kind{}, fmt.Errorf("there is no practice terminal for %q", provider)
	}
	return Kinds[i], nil
}

// Knows tells whether somebody of that name can stand at the terminal.
func (k Kind) Knows(customer string) bool {
	return slices.ContainsFunc(k.Customers, func(c Customer) bool { return c.Name == customer })
}

var nexoKind = Kind{
	Provider:  "nexo",
	Customers: nexo.Customers(),
	Faults:    told(nexo.Faults()),
	New: func(o Options) (Terminal, error) {
		t, err := nexo.New(nexo.Options{Name: o.Name, Till: o.Till, Ledger: o.Ledger, Customer: o.Customer,
			Pace: o.Pace, CoolDown: o.CoolDown, Log: o.Log, TestMark: true})
		if err != nil {
			return nil, err
		}
		return t, nil
	},
	// The POI id is the practice terminal's own default; the till listens on a free
	// port, which the terminal is told by SetTill. What the ledger of a practice
	// terminal does not hold has not happened, so "not found" is proof here.
	Settings: func(address string) map[string]string {
		return map[string]string{"address": address, "poiid": "KASSA-01", "saleid": "PAYDESK", "mode": "default", "listen": "127.0.0.1:0",
			"not-found": "not-executed"}
	},
}

var poyntKind = Kind{
	Provider:  "poynt",
	Customers: poynt.Customers(),
	Faults:    told(poynt.Faults()),
	// The terminal follows the callback URL of each message; a cool-down is unknown.
	New: func(o Options) (Terminal, error) {
		c, err := poynt.New(poynt.Options{Name: o.Name, Ledger: o.Ledger, Customer: o.Customer, Pace: o.Pace, Log: o.Log})
		if err != nil {
			return nil, err
		}
		c.SetTill(o.Till)
		return c, nil
	},
	Settings: poynt.Settings,
}

var netpayKind = Kind{
	Provider:  "netpay",
	Customers: netpay.Customers(),
	Faults:    told(netpay.Faults()),
	// How long a real terminal is busy after a result is unknown: CoolDown is not used.
	New: func(o Options) (Terminal, error) {
		t, err := netpay.New(netpay.Options{Name: o.Name, Till: o.Till, Ledger: o.Ledger, Customer: o.Customer, Pace: o.Pace, Log: o.Log})
		if err != nil {
			return nil, err
		}
		return t, nil
	},
	// The stores are "id,name,affiliation", parted by semicolons. The first one is
	// logged in on the terminal; the last one is blocked.
	Settings: func(address string) map[string]string {
		var stores []string
		for _, s := range netpay.DefaultStores() {
			stores = append(stores, s.ID+","+s.Name+","+s.Affiliation)
		}
		return map[string]string{"base-url": "http://" + address, "auth-string": netpay.AuthString, "username": netpay.Username, "password": netpay.Password,
			"store-id": netpay.DefaultStores()[0].ID, "stores": strings.Join(stores, ";"), "serial-number": netpay.DefaultSerial,
			"smart-accounts": "string", "listen": "127.0.0.1:0", "currency": netpay.Currency}
	},
}

var pockytKind = Kind{
	Provider:  "pockyt",
	Customers: pockyt.Customers(),
	Faults:    told(pockyt.Faults()),
	// Notices go where each order says; a phone has no cool-down.
	New: func(o Options) (Terminal, error) {
		c, err := pockyt.New(pockyt.Options{Name: o.Name, Ledger: o.Ledger, Customer: o.Customer, Pace: o.Pace, Log: o.Log})
		if err != nil {
			return nil, err
		}
		c.SetTill(o.Till)
		return c, nil
	},
	Settings: pockyt.Settings,
}

var iotpayKind = Kind{
	Provider:  "iotpay",
	Customers: iotpay.Customers(),
	Faults:    told(iotpay.Faults()),
	// The cloud never calls the till; a cool-down is unknown.
	New: func(o Options) (Terminal, error) {
		t, err := iotpay.New(iotpay.Options{Name: o.Name, Ledger: o.Ledger, Customer: o.Customer, Pace: o.Pace, Log: o.Log})
		if err != nil {
			return nil, err
		}
		t.SetTill(o.Till)
		return t, nil
	},
	Settings: func(address string) map[string]string {
		return map[string]string{"base-url": "http://" + address, "mch-id": iotpay.MerchantID, "job-no": iotpay.JobNo, "key": iotpay.Key,
			"response-signature": "auto", "currency": iotpay.Currency}
	},
}

// told puts what a switch is about before what its choices mean.
func told(switches []bench.Fault) []Fault {
	list := make([]Fault, 0, len(switches))
	for _, f := range switches {
		list = append(list, Fault{Name: f.Name, Help: f.Label + ". " + f.Help, Choices: f.Choices})
	}
	return list
}
