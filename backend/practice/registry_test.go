package practice

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// A ledger belongs to one practice terminal of any kind, until that is closed.
func TestLedgerOfOneTerminal(t *testing.T) {
	for _, kind := range Kinds {
		t.Run(kind.Provider, func(t *testing.T) {
			o := Options{Name: kind.Provider, Ledger: filepath.Join(t.TempDir(), "ledger.jsonl")}
			for range 2 { // Close gives it free
				first, err := kind.New(o)
				if err != nil {
					t.Fatal(err)
				}
				if second, err := kind.New(o); !errors.Is(err, bench.ErrInUse) || second != nil {
					t.Errorf("a second terminal on the same ledger: %v", err)
				}
				if err := first.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestKinds(t *testing.T) {
	for _, kind := range Kinds {
		found, err := Find(kind.Provider)
		if err != nil || found.Provider != kind.Provider {
			t.Errorf("%s: %v", kind.Provider, err)
		}
		for _, name := range []string{"chip-pin", "contactless", "signature", "late-approval", "declined", "wrong-pin", "cancels", "silent", "unplugged"} {
			if !kind.Knows(name) {
				t.Errorf("nobody at %s is called %s", kind.Provider, name)
			}
		}
		if kind.Knows("nobody") || kind.Knows("") {
			t.Errorf("%s knows everybody", kind.Provider)
		}
		for _, f := range kind.Faults {
			if len(f.Choices) < 2 || f.Help == "" {
				t.Errorf("%s: the switch %s has nothing to choose, or says nothing", kind.Provider, f.Name)
			}
		}
	}
	if _, err := Find("cash"); err == nil {
		t.Error("there is a terminal for cash")
	}
}
