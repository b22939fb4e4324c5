package pinpad

// Device is what a practice terminal shows to its page. Implementations are safe
// for use by several goroutines at once.
type Device interface {
	// View is the whole present state; the page is drawn from it alone.
	View() View
	// Watch returns a channel that receives after changes of the View (several
	// changes may be told by one receive) and a function that ends the watch.
	Watch() (changed <-chan struct{}, stop func())
	// Do carries out one action of a person at the terminal. The error is a
	// sentence for that person ("No payment is waiting for a card").
	Do(Action) error
}

// Action is one thing that a person does at the terminal.
type Action struct {
	Name  ActionName
	Value string // what the name's comment says, else empty
}

// ActionName names what can be done at a terminal.
type ActionName string

// The actions. A Device refuses what makes no sense at the moment.
const (
	ActionInsert    ActionName = "insert"    // chip: Value is a Card.ID
	ActionTap       ActionName = "tap"       // contactless: Value is a Card.ID
	ActionSwipe     ActionName = "swipe"     // magnetic stripe: Value is a Card.ID
	ActionPull      ActionName = "pull"      // the card leaves the chip slot
	ActionKey       ActionName = "key"       // Value is one of 0-9, "green", "yellow", "red"
	ActionPIN       ActionName = "pin"       // Value "right" or "wrong": the whole PIN and the green key at once
	ActionTip       ActionName = "tip"       // Value is a tip in minor units, "0" for none
	ActionSign      ActionName = "sign"      // Value "well" or "badly": the customer signs the slip
	ActionWalkAway  ActionName = "walk-away" // the customer leaves; nothing more is done at the terminal
	ActionCustomer  ActionName = "customer"  // Value is a Customer.Name, or empty: nobody plays by itself
	ActionFault     ActionName = "fault"     // Value is "name=value" of a Switch
	ActionReboot    ActionName = "reboot"    // power off and on
	ActionTearPaper ActionName = "tear"      // takes the printed slip
	ActionWallet    ActionName = "wallet"    // a phone: Value is the App.ID of the wallet to open
	ActionScan      ActionName = "scan"      // a phone: Value is the Offer.ID of the QR to scan
	ActionNoMoney   ActionName = "no-money"  // a phone: the wallet is empty
)

// View is everything that the page shows.
type View struct {
	Name   string // the terminal's name, for example "KASSA-01"
	Model  string // what it plays, for example "nexo Retailer, default mode"
	Till   string // where it posts to; empty in light mode
	Pale   bool   // the drawn terminal has a light housing
	Screen Screen
	Phone  *Phone // it is a customer's phone; nil: a terminal
	// Slot and Field name the Card that is in the chip slot or on the contactless field; empty: none.
	Slot, Field string
	Cards       []Card
	Tips        []Tip // what the customer may choose now; empty: no tip is asked
	Customers   []Customer
	Customer    string // Name of the customer who plays by themselves; empty: the person at the page does
	Signed      string // "well", "badly" or empty
	Slip        []string
	Switches    []Switch
	Ledger      []Booking
	Log         []Line // newest last, at most MaxLog
}

// MaxLog bounds View.Log.
const MaxLog = 200

// Screen is the drawn display.
type Screen struct {
	State  string // a word for the state, for example "payment", "idle", "busy", "off"
	Icon   string // "idle", "card", "pin", "wait", "ok", "no", "remove", "sign", "tip", "off", "scan"
	Lines  []string
	Lang   string // of Lines, State and the slip, for example "es"; empty: as the page
	Amount string // as shown to the customer, for example "125.00 SEK"; empty: none
	PIN    int    // digits entered so far; -1 when no PIN is asked
}

// Card is a test card, a phone or a watch.
type Card struct {
	ID, Name, Brand  string
	Last4            string
	Kind             string // "card", "phone" or "watch"
	Chip, Tap, Swipe bool   // how it can be presented
	Fate             string // what will happen, in words: "approved with PIN 1234"
	PIN              string // the right PIN, shown on the card; empty: no PIN
}

// Tip is one choice offered to the customer.
type Tip struct {
	Label string
	Minor int64
}

// Customer is somebody who plays all parts without a person.
type Customer struct{ Name, Does string }

// Switch is one setting of the trouble to come.
type Switch struct {
	Name    string // for example "payment.answer"
	Label   string // for example "The next payment's answer"
	Value   string
	Choices []string // the first is the untroubled one
	Help    string
}

// Booking is one line of what the terminal really charged, or gave back.
type Booking struct {
	At      string // local time, hh:mm:ss
	Kind    string // "purchase", "refund", "reversal"
	ID      string // the terminal's own transaction id
	Till    string // the till's reference
	Amount  string // with currency, signed as the customer's account sees it
	Card    string // masked, last four only
	Outcome string // "approved", "declined", "cancelled", "reversed"
	Charged bool
}

// Line is one entry of the terminal's log of messages and deeds.
type Line struct{ At, Text string }
