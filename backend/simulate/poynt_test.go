package simulate

import (
	"bufio"
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	cloud "github.com/paydesk-till/paydesk/backend/practice/poynt"
	"github.com/paydesk-till/paydesk/backend/provider/poynt"
)

var poyntProtocol = &protocol{
	name:      "poynt",
	provider:  func() payment.Provider { return poynt.New() },
	customers: poyntCustomers(),
	switches:  poyntSwitches(),
	excluded: map[string]string{
		"network":                    "planned as an incident of its own, so that it is plugged in again",
		"credit":                     "a terminal that takes a payment where it was to give money back breaks what is promised; the till stays in doubt",
		"credit.word":                "a matter of the settings",
		"message.delivery=duplicate": "the cloud has the customer pay twice: no till can keep that from happening",
	},
	often:  []string{"message.", "callback.", "list.", "lookup."},
	asking: "list.",
	hidden: func(r *rand.Rand) []incident {
		return []incident{
			{name: "callback.result", value: pickOf(r, "lose", "garbage", "wrong-reference")},
			{name: "list.answer", value: pickOf(r, "always:lose", "always:garbage", "always:no-hits")},
			{after: span(r, 5*time.Minute, 7*time.Minute), name: "list.answer", value: "ok"}}
	},
	choose: func(r *rand.Rand) (variant, map[string]string) {
		v := variant{"payload": pickOf(r, "a", "b"), "refund-path": pickOf(r, "rest", "rest", "terminal"), "tip": pickOf(r, "off", "off", "terminal"),
			"status-updates": pickOf(r, "on", "on", "off"), "ttl": pickOf(r, "50", "20", "120")}
		if r.IntN(4) == 0 {
			v["listen"] = "" // nothing reaches the till: it asks
		}
		return v, nil
	},
	extend: func(r *rand.Rand, _ terminalPlan, o *operationPlan) {
		o.cashback = 0
		switch r.IntN(8) {
		case 0, 1:
			o.reserve = true
		case 2:
			o.wish = wishCapture
		}
	},
	settings: func(p premises) (payment.Settings, error) {
		key, err := appKey()
		if err != nil {
			return nil, err
		}
		given := payment.Settings(cloud.Settings(p.address))
		given["private-key"], given["listen"] = key, p.listener
		for name, value := range p.plan.variant {
			given[name] = value
		}
		// The cloud knows the key that lies beside its books.
		return given, os.WriteFile(p.ledger+".key.pem", []byte(key), 0o600)
	},
	open: func(p premises) (practice, error) {
		c, err := cloud.New(cloud.Options{Ledger: p.ledger, Pace: 1, Seed: int64(p.seed) + int64(p.number), Client: p.client})
		return poyntCloud{c, p.ledger}, err
	},
	moves:    func(path string, raw []byte) bool { return len(raw) > 0 && !strings.HasSuffix(path, "/token") },
	markup:   `{}[]":,`,
	names:    &foreign{regexp.MustCompile(`"(referenceId|id)":\s*"[0-9]{12,20}"`), []byte(`"${1}":"4711"`)},
	delicate: true,
	// A till that cannot store a result says so, and gets it again.
	excused: func(v string) bool { return strings.HasSuffix(v, "was answered with 503") },
	// A decline is none while a forger's approval may be another card's.
	unsure:   func(t terminalPlan, b booking) bool { return b.Hidden || !b.Moved && t.forged() },
	unlinked: true,
	// poynt.md 20, and 8: another card after a decline, or a cancel, that Poynt shows late.
	unheard:   []payment.Reason{payment.ReasonExpired, payment.ReasonNotFound, payment.ReasonIssuer, payment.ReasonCustomer, payment.ReasonCashier},
	afterward: 8 * time.Minute, // what shows 5 minutes late shows then
}

func poyntCustomers() (names []string) {
	for _, c := range cloud.Customers() {
		names = append(names, c.Name)
	}
	return names
}

func poyntSwitches() (list []flick) {
	for _, f := range cloud.Faults() {
		list = append(list, flick{f.Name, f.Choices, f.Once})
	}
	return list
}

// forged tells whether deliveries come that no cloud knows of.
func (t terminalPlan) forged() bool {
	return slices.ContainsFunc(t.operations, func(o operationPlan) bool {
		return slices.ContainsFunc(o.incidents, func(i incident) bool { return i.name == "callback.result" && strings.HasPrefix(i.value, "forged") })
	})
}

// poyntCloud is the Poynt practice cloud.
type poyntCloud struct {
	*cloud.Cloud
	ledger string
}

func (c poyntCloud) bookings() []booking {
	all, shown := c.Bookings(), c.shown()
	byID := map[string]string{}
	var list []booking
	for _, b := range all {
		one := booking{Kind: bookedSale, ID: b.ID, Reference: b.Reference, Amount: b.AmountMinor, Moved: b.Charged || b.Reversed, Stays: b.Charged, Hidden: !shown[b.ID]}
		switch b.Kind {
		case "authorisation":
			one.Kind, one.Moved = bookedHold, b.Outcome == "approved"
			one.Stays = one.Moved && !b.Reversed
		case "capture":
			one.Kind = bookedCapture
		case "refund":
			one.Kind = bookedRefund
		case "reversal":
			one.Kind, one.Moved = bookedVoid, b.Outcome == "approved"
			if of, known := byID[b.Original]; known {
				one.Reference = of
			}
		}
		byID[b.ID] = one.Reference
		list = append(list, one)
	}
	return list
}

// shown reads from the books which bookings the cloud shows, now or later: what was
// cancelled on the terminal, or declined while it was offline, leaves no trace there.
func (c poyntCloud) shown() map[string]bool {
	shown := map[string]bool{}
	raw, err := os.ReadFile(c.ledger)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
	lines := bufio.NewReader(bytes.NewReader(raw))
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return shown
		}
		var records []struct {
			Booking struct{ ID, Kind string }
			Visible time.Time
		}
		if err := json.Unmarshal(line, &records); err != nil {
			panic(fmt.Sprintf("a line of the cloud's books: %v", err))
		}
		for _, r := range records {
			shown[r.Booking.ID] = !r.Visible.IsZero()
		}
	}
}

// appKey is the private key of the till's app, the same in every process: secrets and
// with them addresses are made of it.
var appKey = sync.OnceValues(func() (string, error) {
	source := rand.NewChaCha8([32]byte{'a', 'p', 'p'})
	one := big.NewInt(1)
	exponent := big.NewInt(65537)
	for {
		p, q := prime(source), prime(source)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(exponent, phi)
		if d == nil || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		if err := key.Validate(); err != nil {
			return "", err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
	}
})

// prime has half the bits of the least key that Poynt takes.
func prime(source io.Reader) *big.Int {
	const bits = 1024
	raw := make([]byte, bits/8)
	for {
		_, _ = io.ReadFull(source, raw) // it never fails
		raw[0] |= 0xc0
		raw[len(raw)-1] |= 1
		if p := new(big.Int).SetBytes(raw); p.ProbablyPrime(20) {
			return p
		}
	}
}
