package pinpad

import (
	"errors"
	"slices"
	"strconv"
	"sync"
)

// toy is a Device for tests: it keeps a View and every Action.
type toy struct {
	mu       sync.Mutex
	view     View
	actions  []Action
	watchers map[chan struct{}]bool
	done     chan Action // receives each action, if anyone listens
}

func newToy(v View) *toy {
	return &toy{view: v, watchers: map[chan struct{}]bool{}, done: make(chan Action, 64)}
}

func (t *toy) View() View {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.view
	v.Switches = slices.Clone(v.Switches)
	return v
}

func (t *toy) Watch() (<-chan struct{}, func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := make(chan struct{}, 1)
	t.watchers[c] = true
	return c, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.watchers, c)
	}
}

// watching is how many streams are open.
func (t *toy) watching() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.watchers)
}

func (t *toy) change(f func(*View)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.view)
	for c := range t.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (t *toy) Do(a Action) error {
	t.mu.Lock()
	t.actions = append(t.actions, a)
	t.mu.Unlock()
	select {
	case t.done <- a:
	default:
	}
	var err error
	t.change(func(v *View) { err = play(v, a) })
	return err
}

// play is a small terminal: a card, its PIN, a result.
func play(v *View, a Action) error {
	switch a.Name {
	case ActionInsert, ActionTap:
		if v.Screen.Icon != "card" {
			return errors.New("no payment is waiting for a card")
		}
		v.Slot = a.Value
		v.Screen = Screen{State: "payment", Icon: "pin", Lines: []string{"Enter PIN"}, Amount: v.Screen.Amount}
	case ActionKey:
		_, err := strconv.Atoi(a.Value)
		switch {
		case v.Screen.PIN < 0:
			return errors.New("no key is asked for")
		case err == nil:
			v.Screen.PIN++
		case a.Value == "yellow":
			v.Screen.PIN = 0
		case a.Value == "green":
			v.Screen = Screen{State: "payment", Icon: "remove", Lines: []string{"Approved", "Remove card"}, Amount: v.Screen.Amount, PIN: -1}
		}
	case ActionPull:
		v.Slot = ""
	case ActionFault:
		for i, s := range v.Switches {
			for _, c := range s.Choices {
				if a.Value == s.Name+"="+c {
					v.Switches[i].Value = c
				}
			}
		}
	case ActionTearPaper:
		v.Slip = nil
	}
	return nil
}

// rich is a View with something in every part.
func rich() View {
	return View{
		Name: "KASSA-01", Model: "nexo Retailer, default mode", Till: "http://127.0.0.1:8430/nexo",
		Screen: Screen{State: "payment", Icon: "card", Lines: []string{"Present card", "Insert, tap or swipe"}, Amount: "125.00 SEK", PIN: -1},
		Cards: []Card{
			{ID: "chip-pin", Name: "Everyday card", Brand: "Visa Test", Last4: "0002", Kind: "card", Chip: true, Tap: true, Fate: "approved with PIN 1234; tapped, no PIN below 400", PIN: "1234"},
			{ID: "contactless", Name: "Tap card", Brand: "Mastercard Test", Last4: "0010", Kind: "card", Chip: true, Tap: true, Fate: "approved; tapped, no PIN below 400, else PIN 1234", PIN: "1234"},
			{ID: "phone", Name: "Phone", Brand: "Visa Test", Last4: "0028", Kind: "phone", Tap: true, Fate: "approved, verified on the phone"},
			{ID: "watch", Name: "Watch", Brand: "Mastercard Test", Last4: "0036", Kind: "watch", Tap: true, Fate: "approved, verified on the watch"},
			{ID: "debit", Name: "Debit with cash back", Brand: "Debit Test", Last4: "0044", Kind: "card", Chip: true, Tap: true, Fate: "approved with PIN 1234, cash back allowed", PIN: "1234"},
			{ID: "declined", Name: "Blocked by the bank", Brand: "Visa Test", Last4: "0051", Kind: "card", Chip: true, Tap: true, Fate: "declined by the bank (05) after PIN 1234", PIN: "1234"},
			{ID: "insufficient", Name: "Empty account", Brand: "Mastercard Test", Last4: "0069", Kind: "card", Chip: true, Tap: true, Fate: "declined, not enough money (51), after PIN 1234", PIN: "1234"},
			{ID: "foreign", Name: "Card from abroad", Brand: "Visa Test", Last4: "0077", Kind: "card", Chip: true, Fate: "approved with a signature"},
			{ID: "stripe", Name: "Magnetic stripe", Brand: "Mastercard Test", Last4: "0085", Kind: "card", Swipe: true, Fate: "swipe; approved with PIN 1234, no cash back", PIN: "1234"},
			{ID: "unreachable", Name: "Bank out of reach", Brand: "Visa Test", Last4: "0093", Kind: "card", Chip: true, Fate: "the bank cannot be reached; not charged", PIN: "1234"},
		},
		Customers: []Customer{
			{"chip-pin", "inserts a chip card and enters the right PIN: approved"}, {"contactless", "taps a card: approved"},
			{"phone", "taps a phone: approved"}, {"signature", "inserts a card from abroad and signs"}, {"declined", "pays with a card that the bank declines"},
			{"insufficient", "pays from an empty account"}, {"wrong-pin", "enters a wrong PIN three times: declined"}, {"wrong-then-right", "a wrong PIN, then the right one"},
			{"cancels", "inserts a card and presses the red key"}, {"tip", "adds a tip of 10 percent"}, {"late-approval", "pays; the line breaks while the bank answers"},
			{"silent", "the terminal never answers"}, {"unplugged", "the network is unplugged"}, {"walks-away", "never presents a card"},
		},
		Switches: []Switch{
			{Name: "payment.request", Label: "The next payment request", Value: "ok", Choices: []string{"ok", "lose", "refuse", "swallow"}, Help: "lose: read and dropped, connection cut."},
			{Name: "payment.answer", Label: "The next payment answer", Value: "lose", Choices: []string{"ok", "lose", "delay", "duplicate", "truncate"}, Help: "What comes back after the terminal has done its work."},
			{Name: "status.request", Label: "The next status request", Value: "ok", Choices: []string{"ok", "lose", "refuse"}},
			{Name: "status.answer", Label: "The next status answer", Value: "ok", Choices: []string{"ok", "lose", "busy"}},
			{Name: "display", Label: "The next display text", Value: "ok", Choices: []string{"ok", "lose", "delay"}},
			{Name: "print", Label: "The next print request", Value: "ok", Choices: []string{"ok", "lose", "delay"}},
			{Name: "network", Label: "Network cable", Value: "plugged", Choices: []string{"plugged", "unplugged"}, Help: "Unplugged: open connections are cut."},
			{Name: "listener", Label: "The till's listener", Value: "reachable", Choices: []string{"reachable", "unreachable"}, Help: "Displays and questions get lost."},
			{Name: "tips", Label: "Ask for a tip", Value: "off", Choices: []string{"off", "on"}},
		},
		Slip: []string{"      PRACTICE SHOP", "         TEST", "", "PURCHASE      125.00 SEK", "Visa Test", "************0002", "Approved      00"},
		Ledger: []Booking{
			{At: "14:02:11", Kind: "purchase", ID: "9000010001", Till: "R-0001", Amount: "-125.00 SEK", Card: "************0002", Outcome: "approved", Charged: true},
			{At: "14:03:40", Kind: "purchase", ID: "9000010002", Till: "R-0002", Amount: "-49.90 SEK", Card: "************0051", Outcome: "declined"},
			{At: "14:05:02", Kind: "refund", ID: "9000010003", Till: "R-0003", Amount: "25.00 SEK", Card: "************0002", Outcome: "approved", Charged: true},
		},
		Log: []Line{
			{"14:02:08", "till -> terminal: PaymentRequest R-0001 125.00 SEK"}, {"14:02:08", "terminal -> till: display \"Present card\""},
			{"14:02:10", "Everyday card inserted"}, {"14:02:11", "terminal -> till: PaymentResponse Success"},
		},
	}
}
