package conform

import (
	"testing"
	"testing/synctest"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Practice is a provider's practice terminal as the suite plays it.
type Practice interface {
	// SetCustomer chooses who stands there.
	SetCustomer(name string) error
	// SetFault sets one of the terminal's own switches.
	SetFault(name, value string) error
	// Charged lists what has moved and stays moved, by our reference: positive what
	// was taken, negative what was given back, in minor units.
	Charged() map[string]int64
	// Violations are the till's breaches of the protocol, as the terminal saw them.
	Violations() []string
	Close() error
}

// Pair is a provider with its practice terminal.
type Pair struct {
	Provider payment.Provider
	Settings payment.Settings
	Practice Practice
	// Faults gives, per case of this suite that needs trouble, the switches that make
	// it ("payment.answer=lose"). A case without an entry is left out.
	Faults map[string][]string
	// Updated tells whether the update that Faults["update"] announced is installed;
	// nil: these terminals do not update themselves through the till.
	Updated func() bool
	// SignatureRefused is how a sale ends whose signature does not match; empty: the
	// terminal takes the signature itself, and the till is not asked.
	SignatureRefused payment.State
	// Traceless names the cases that may stay in doubt, because nothing tells what
	// became of them (design 10.11).
	Traceless []string
}

// Open makes a fresh pair on a network of its own; folder is for the ledger.
type Open func(t *testing.T, network *Network, folder string) Pair

// Test runs the suite. Every case is a fresh till and a fresh terminal.
func Test(t *testing.T, open Open) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, open, c) })
		})
	}
	t.Run("refund and void", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { givesBack(t, open) })
	})
	t.Run("terminal updates itself", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { updates(t, open) })
	})
	t.Run("till restarts during a payment", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { restarts(t, open) })
	})
}
