package bench

import (
	"fmt"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

func TestPad(t *testing.T) {
	var did []string
	says := func(what string) func() error {
		return func() error { did = append(did, what); return nil }
	}
	pad := Pad{
		Customer:  func(name string) error { return says("customer " + name)() },
		Fault:     func(name, value string) error { return says("fault " + name + " " + value)() },
		Reboot:    says("reboot"),
		WalkAway:  says("walks away"),
		TearPaper: func() { did = append(did, "paper") },
		Wallet:    purse,
		Deed:      func(d Deed) error { return says(fmt.Sprint("deed ", d.Kind, " ", d.Card))() },
	}
	for _, a := range []pinpad.Action{{Name: pinpad.ActionCustomer, Value: "declined"}, {Name: pinpad.ActionFault, Value: "cloud=unreachable"},
		{Name: pinpad.ActionReboot}, {Name: pinpad.ActionWalkAway}, {Name: pinpad.ActionTearPaper}, {Name: pinpad.ActionTap, Value: "visa"}} {
		if err := pad.Do(a); err != nil {
			t.Errorf("%v: %v", a, err)
		}
		if err := (Pad{}).Do(a); err == nil {
			t.Errorf("%v at a pad that can do nothing", a)
		}
	}
	if got := fmt.Sprintf("%q", did); got != `["customer declined" "fault cloud unreachable" "reboot" "walks away" "paper" "deed 2 visa"]` {
		t.Error(got)
	}
	for _, a := range []pinpad.Action{{Name: pinpad.ActionFault, Value: "cloud"}, {Name: pinpad.ActionTap, Value: "none"}, {Name: "dance"}} {
		if err := pad.Do(a); err == nil {
			t.Errorf("%v is possible", a)
		}
	}
}
