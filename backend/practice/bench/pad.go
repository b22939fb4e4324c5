package bench

import (
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Pad is what a person can do at a terminal's page. What is nil cannot be done there.
type Pad struct {
	Customer  func(name string) error
	Fault     func(name, value string) error
	Reboot    func() error
	WalkAway  func() error
	TearPaper func()
	Wallet    []pinpad.Card // that can be presented
	Deed      func(Deed) error
}

// Do carries out one action of a person, as pinpad.Device.
func (p Pad) Do(a pinpad.Action) error {
	switch {
	case a.Name == pinpad.ActionCustomer && p.Customer != nil:
		return p.Customer(a.Value)
	case a.Name == pinpad.ActionFault && p.Fault != nil:
		name, value, ok := strings.Cut(a.Value, "=")
		if !ok {
			return fmt.Errorf("a switch is set with name=value, not %q", Shorten(a.Value))
		}
		return p.Fault(name, value)
	case a.Name == pinpad.ActionReboot && p.Reboot != nil:
		return p.Reboot()
	case a.Name == pinpad.ActionWalkAway && p.WalkAway != nil:
		return p.WalkAway()
	case a.Name == pinpad.ActionTearPaper && p.TearPaper != nil:
		p.TearPaper()
		return nil
	case p.Deed == nil:
		return noAction(a)
	}
	done, err := DeedOf(a, p.Wallet)
	if err != nil {
		return err
	}
	return p.Deed(done)
}

func noAction(a pinpad.Action) error {
	return fmt.Errorf("this terminal has no action %q", Shorten(string(a.Name)))
}
