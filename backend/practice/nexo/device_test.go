package nexo

import (
	"slices"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

func (c *till) do(name pinpad.ActionName, value string) {
	c.t.Helper()
	if err := c.term.Device().Do(pinpad.Action{Name: name, Value: value}); err != nil {
		c.t.Fatalf("%s %s: %v", name, value, err)
	}
}

// start begins a payment in the background.
func (c *till) start(id, amount string) <-chan *node {
	answers := make(chan *node, 1)
	go func() {
		_, n, err := c.askWith(id, "Payment", paymentBody("1", amount, "", "Normal"))
		if err != nil {
			n = nil
		}
		answers <- n
	}()
	return answers
}

func TestPINKeyByKey(t *testing.T) {
	till := newTill(t, Options{})
	till.login(fullCapabilities)
	answers := till.start(till.id(), "500")
	till.waitScreen("Present card")
	if amount := till.term.Device().View().Screen.Amount; amount != "500.00 SEK" {
		t.Errorf("amount %q", amount)
	}
	till.do(pinpad.ActionInsert, "chip-pin")
	till.waitScreen("Enter PIN")
	for _, key := range []string{"9", "9", "9", "9", "green"} {
		till.do(pinpad.ActionKey, key)
	}
	till.until("Wrong PIN")
	till.waitScreen("Enter PIN")
	for _, key := range []string{"9", "yellow", "1", "2", "3", "4"} {
		till.do(pinpad.ActionKey, key)
	}
	waitView(t, till.term, "four digits", func() bool { return till.term.Device().View().Screen.PIN == 4 })
	till.do(pinpad.ActionKey, "green")
	want(t, <-answers, "Success", "")
	till.waitScreen("Remove card")
	if v := till.term.Device().View(); v.Slot != "chip-pin" || len(v.Ledger) != 1 || v.Ledger[0].Amount != "-500.00 SEK" || len(v.Slip) == 0 {
		t.Errorf("view %+v", v)
	}
	till.do(pinpad.ActionPull, "")
	till.waitScreen("Welcome")
	if n := strings.Count(strings.Join(till.texts(), "|"), `"Enter PIN: ****"`); n != 2 {
		t.Errorf("texts %q", till.texts())
	}
	till.noViolations()
}

func TestTipAndSignatureByHand(t *testing.T) {
	till := newTill(t, Options{})
	till.do(pinpad.ActionFault, "tips=on")
	till.login(lightCapability)
	answers := till.start(till.id(), "100")
	till.waitScreen("Choose a tip")
	if tips := till.term.Device().View().Tips; len(tips) != 4 || tips[2].Minor != 1000 {
		t.Errorf("tips %+v", tips)
	}
	till.do(pinpad.ActionTip, "1000")
	till.waitScreen("Present card")
	till.do(pinpad.ActionInsert, "foreign")
	answer := <-answers
	want(t, answer, "Success", "")
	if a := answer.at("PaymentResult/AmountsResp"); a.get("AuthorizedAmount") != "110" || a.get("TipAmount") != "10.00" {
		t.Errorf("amounts %v", a)
	}
	till.do(pinpad.ActionSign, "badly")
	if v := till.term.Device().View(); v.Signed != "badly" || !slices.Contains(v.Slip, "Signatur") || v.Till != "" {
		t.Errorf("view %+v", v)
	}
	till.do(pinpad.ActionTearPaper, "")
	if v := till.term.Device().View(); v.Slip != nil || v.Signed != "" {
		t.Errorf("view %+v", v)
	}
}

func TestRedKeyAndPulledCard(t *testing.T) {
	till := newTill(t, Options{})
	till.login(fullCapabilities)
	answers := till.start(till.id(), "100")
	till.waitScreen("Present card")
	till.do(pinpad.ActionKey, "red")
	want(t, <-answers, "Failure", "Cancel")
	till.waitScreen("Welcome")
	answers = till.start(till.id(), "100")
	till.waitScreen("Present card")
	till.do(pinpad.ActionInsert, "chip-pin")
	till.waitScreen("Enter PIN")
	till.do(pinpad.ActionPull, "")
	want(t, <-answers, "Failure", "Cancel")
}

func TestSenselessActions(t *testing.T) {
	till := newTill(t, Options{})
	pad := till.term.Device()
	for _, a := range []pinpad.Action{{Name: "insert", Value: "chip-pin"}, {Name: "insert", Value: "phone"}, {Name: "insert", Value: "no such card"}, {Name: "pull"},
		{Name: "key", Value: "blue"}, {Name: "key", Value: "1"}, {Name: "pin", Value: "right"}, {Name: "pin", Value: "maybe"}, {Name: "tip", Value: "-5"}, {Name: "tip", Value: "5"},
		{Name: "sign", Value: "well"}, {Name: "sign", Value: "sideways"}, {Name: "customer", Value: "nobody-knows"}, {Name: "fault", Value: "nonsense"}, {Name: "dance"}} {
		if err := pad.Do(a); err == nil || err.Error() == "" {
			t.Errorf("%v was accepted", a)
		}
	}
}

func TestReboot(t *testing.T) {
	till := newTill(t, Options{})
	till.login(fullCapabilities)
	id := till.id()
	answers := till.start(id, "100")
	till.waitScreen("Present card")
	till.do(pinpad.ActionReboot, "")
	if n := <-answers; n != nil {
		t.Errorf("answered %v", n)
	}
	till.until("Initialised")
	if answer, err := till.ask("TransactionStatus", statusBody(id)); err != nil || answer.child("Response").get("ErrorCondition") != "NotAllowed" {
		t.Errorf("%v %v", answer, err)
	}
	till.login(fullCapabilities)
	answer, err := till.ask("TransactionStatus", statusBody(id))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Failure", "NotFound")
	if b := till.term.Bookings(); len(b) != 0 {
		t.Errorf("bookings %+v", b)
	}
}

func TestViewListsEverything(t *testing.T) {
	till := newTill(t, Options{})
	v := till.term.Device().View()
	if len(v.Cards) != len(wallet) || len(v.Customers) != len(Customers()) || len(v.Switches) != len(Faults()) || v.Name != "KASSA-01" || v.Screen.PIN != -1 {
		t.Errorf("view %+v", v)
	}
	for _, c := range v.Cards {
		if c.Fate == "" || !(c.Chip || c.Tap || c.Swipe) {
			t.Errorf("card %+v", c)
		}
	}
}

func TestCustomerWalksAway(t *testing.T) {
	till := newTill(t, Options{})
	if till.term.Device().Do(pinpad.Action{Name: pinpad.ActionWalkAway}) == nil {
		t.Error("nobody walked away")
	}
	till.login(fullCapabilities)
	id := till.id()
	answers := till.start(id, "100")
	till.waitScreen("Present card")
	till.do(pinpad.ActionWalkAway, "")
	if err := till.term.Device().Do(pinpad.Action{Name: pinpad.ActionTap, Value: "contactless"}); err == nil {
		t.Error("a customer who left taps a card")
	}
	if status, _, _ := till.askWith(till.id(), "Abort", abortBody(id)); status != 204 {
		t.Errorf("status %d", status)
	}
	want(t, <-answers, "Failure", "Aborted")
	answers = till.start(till.id(), "100")
	till.waitScreen("Present card")
	till.do(pinpad.ActionTap, "contactless")
	want(t, <-answers, "Success", "")
}
