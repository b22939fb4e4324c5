package simulate

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// practice is a practice terminal as the simulation plays it. Each protocol has a file
// of its own that tells what differs.
type practice interface {
	SetCustomer(name string) error
	SetFault(name, value string) error
	Device() pinpad.Device // its power switch
	// bookings are the terminal's own books, oldest first.
	bookings() []booking
	// Violations are what the terminal has to object to the till.
	Violations() []string
	Handler() http.Handler
	Close() error
}

// What a booking is.
const (
	bookedSale    = "sale"
	bookedHold    = "hold" // money that is only reserved
	bookedCapture = "capture"
	bookedRefund  = "refund"
	bookedVoid    = "void"
)

// booking is one line of a terminal's books, in the same words for all of them.
type booking struct {
	Kind      string
	ID        string // as the till gets it to know
	Reference string // ours; of a void and of a capture, that of what it changes
	Amount    int64  // minor units
	Moved     bool   // money moved, whether it stayed or not
	Stays     bool   // and stayed
	Hidden    bool   // nothing that the till may ask shows it
}

// protocol is what differs from provider to provider.
type protocol struct {
	name      string
	provider  func() payment.Provider
	customers []string
	switches  []flick
	// excluded are switches, or values of them ("name=value"), that a seed never sets,
	// with the reason.
	excluded map[string]string
	// often are the beginnings of the names of the switches about what pays and what
	// asks for it; asking is that of the latter alone.
	often  []string
	asking string
	// hidden makes an approval that comes to light late.
	hidden func(r *rand.Rand) []incident
	// undoing is trouble with taking back what the signature does not prove; nil: the
	// till is not asked about signatures.
	undoing func(r *rand.Rand) incident
	// denied tells incidents that make no sense at one terminal.
	denied func(t terminalPlan, i incident) bool
	// choose draws what the terminal is set to, and which switches of the practice
	// terminal stand otherwise than by default all the time; nil: there is no such thing.
	choose func(r *rand.Rand) (variant, map[string]string)
	// extend draws what only these terminals can do; nil: nothing.
	extend func(r *rand.Rand, t terminalPlan, o *operationPlan)
	// settings are the till's, and open starts the terminal from its books.
	settings func(p premises) (payment.Settings, error)
	open     func(p premises) (practice, error)
	reboots  bool // it has a power switch
	// moves tells a message that moves money when it arrives.
	moves func(path string, raw []byte) bool
	// repeats: what moves money may arrive twice and is carried out once.
	repeats bool
	markup  string // the signs of which one may be flipped on the way
	// names finds our reference in a message; it becomes another's.
	names *foreign
	// excused tells an objection that the till is not to blame for.
	excused func(violation string) bool
	// delicate: the terminal objects to the consequences of whatever the network does.
	delicate bool
	// unsure tells that the till may never learn of a booking.
	unsure func(t terminalPlan, b booking) bool
	// unlinked: it gives money back without a sale.
	unlinked bool
	// reopens: what was closed unpaid may be paid all the same, and the till tells it.
	reopens bool
	// unheard are the ends that hang on a terminal's silence, or on its word alone: what it told in vain, and
	// what its cloud shows late, may be paid all the same, and the till tells it.
	unheard []payment.Reason
	// afterward is how long parked doubt is given, to be asked about once more.
	afterward time.Duration
}

// flick is a switch of a practice terminal.
type flick struct {
	name    string
	choices []string // the first one is no trouble
	once    bool     // it concerns the next message only, unless it is set to stay
}

// premises are where a terminal stands.
type premises struct {
	seed     uint64
	number   int    // of the terminal, from 1
	address  string // its own, "host:port"
	listener string // where the till listens for it
	ledger   string // the file of its books
	client   *http.Client
	plan     terminalPlan
}

// protocols are all that can be played; the first one plays most.
var protocols = []*protocol{nexoProtocol, poyntProtocol, netpayProtocol, iotpayProtocol, pockytProtocol}

// named is a protocol by the name of its provider.
func named(provider string) *protocol {
	i := slices.IndexFunc(protocols, func(p *protocol) bool { return p.name == provider })
	if i < 0 {
		panic("no provider " + provider + " is played")
	}
	return protocols[i]
}

// flicks lists the switches that a seed may set.
func (p *protocol) flicks() []flick {
	return slices.DeleteFunc(slices.Clone(p.switches), func(f flick) bool { return p.excluded[f.name] != "" })
}

// denies tells whether an incident makes no sense at a terminal.
func (p *protocol) denies(t terminalPlan, i incident) bool {
	value := i.name + "=" + strings.TrimPrefix(i.value, "always:")
	return p.excluded[value] != "" || p.denied != nil && p.denied(t, i)
}

// known tells whether a name is that of a switch.
func (p *protocol) known(name string) bool {
	return slices.ContainsFunc(p.switches, func(f flick) bool { return f.name == name })
}

// quiet is the value of a switch that makes no trouble at a terminal.
func (t terminalPlan) quiet(f flick) string {
	if value, set := t.steady[f.name]; set {
		return value
	}
	return f.choices[0]
}

// hot tells whether a switch is about what pays, or asks for it.
func (p *protocol) hot(f flick) bool {
	return slices.ContainsFunc(p.often, func(begin string) bool { return strings.HasPrefix(f.name, begin) })
}
