package pockyt

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// phone is the customer's. The cloud's mutex guards it.
type phone struct {
	wallet  int   // of wallets
	serial  int64 // how many codes were shown
	expired []string
	used    []string
	words   phoneText
	order   *order // that the words are about; nil: none
}

// keptCodes bounds what is remembered of codes.
const keptCodes = 1000

// phoneText is what stands on the phone.
type phoneText struct {
	words, more string
	icon        string // as pinpad.Screen
	state       string
}

var (
	textReady   = phoneText{"Show this code to the cashier", "", "idle", "ready"}
	textNoCode  = phoneText{"This wallet only scans", "", "idle", "ready"}
	textScan    = phoneText{"The till shows a QR", "Scan it to pay", "scan", "scan"}
	textConfirm = phoneText{"Pay " + shopName + "?", "", "pin", "confirm"}
	textWrong   = phoneText{"Wrong passcode", "Try again", "pin", "confirm"}
	textOffline = phoneText{"No connection", "Trying again", "wait", "offline"}
	textPaid    = phoneText{"Paid", shopName, "ok", "paid"}
	textFailed  = phoneText{"Payment failed", "", "no", "failed"}
	textClosed  = phoneText{"Order closed", "Nothing was paid", "no", "closed"}
	textLate    = phoneText{"Order closed", "The wallet can still pay", "wait", "closed"}
)

// endTexts are about orders that are final.
var endTexts = map[string]phoneText{statusSuccess: textPaid, statusFailed: textFailed, statusClosed: textClosed}

// code is the one that the phone shows now; "" when the wallet shows none.
func (p *phone) code(seed int64) string {
	w := wallets[p.wallet]
	if w.digits[0] == 0 {
		return ""
	}
	length := max(w.digits[0], 18)
	const first, step = 6_498_530_672_949_108, 7_919 // the first Alipay code is the published one
	rest := fmt.Sprintf("%0*d", length-2, first+(p.serial+seed)*step)
	return w.prefixes[0] + rest[len(rest)-(length-2):]
}

// oldCodeLocked tells whether a code has expired, and whether it was used.
func (c *Cloud) oldCodeLocked(code string) (expired, used bool) {
	expired = slices.Contains(c.phone.expired, code) || c.customer != nil && c.customer.oldCode
	return expired, slices.Contains(c.phone.used, code)
}

func (c *Cloud) useCodeLocked(code string) {
	c.phone.used = append(c.phone.used, code)
	c.phone.used = c.phone.used[max(0, len(c.phone.used)-keptCodes):]
	if code == c.phone.code(c.opts.Seed) {
		c.phone.serial++
	}
}

// renewLocked shows another code; the one before has expired.
func (c *Cloud) renewLocked() {
	if old := c.phone.code(c.opts.Seed); old != "" {
		c.phone.expired = append(c.phone.expired, old)
		c.phone.expired = c.phone.expired[max(0, len(c.phone.expired)-keptCodes):]
	}
	c.phone.serial++
	c.log.Note("The phone shows a new code")
}

// showLocked puts a text on the phone.
func (c *Cloud) showLocked(words phoneText, o *order) {
	c.phone.words, c.phone.order = words, o
	c.log.Changed()
}

// ask puts a question on the phone. The lock is held.
func (a *attempt) ask(kind askKind) {
	a.asked = kind
	if a.c.latest != a {
		return
	}
	words := map[askKind]phoneText{askScan: textScan, askConfirm: textConfirm, askLate: textLate}[kind]
	who := a.c.customer
	if kind == askConfirm && a.tries > 0 {
		words = textWrong
	}
	if a.c.faults.Get("network") == "unplugged" || kind == askConfirm && who != nil && who.offline {
		words = textOffline
	}
	a.c.showLocked(words, a.o)
}

// screenLocked is what the phone shows.
func (c *Cloud) screenLocked() pinpad.Screen {
	words := c.phone.words
	if c.phone.order == nil {
		words = textReady
		if c.phone.code(c.opts.Seed) == "" {
			words = textNoCode
		}
	}
	s := pinpad.Screen{State: words.state, Icon: words.icon, Lines: []string{words.words}, PIN: -1}
	if words.more != "" {
		s.Lines = append(s.Lines, words.more)
	}
	if o := c.phone.order; o != nil {
		s.Amount = shownAmount(o.Minor, o.Currency)
	}
	return s
}

// handsetLocked is the phone as its page draws it.
func (c *Cloud) handsetLocked() *pinpad.Phone {
	p := &pinpad.Phone{Online: c.faults.Get("network") == "plugged"}
	for i, w := range wallets {
		p.Apps = append(p.Apps, pinpad.App{ID: w.vendor, Name: w.name, Open: i == c.phone.wallet})
	}
	busy := c.latest != nil && c.latest.asked != askNothing
	p.Asks = busy && c.latest.asked != askScan
	if p.Asks {
		return p
	}
	p.Code = c.phone.code(c.opts.Seed)
	for _, o := range c.offersLocked() {
		p.Offers = append(p.Offers, pinpad.Offer{ID: o.No, Label: "Scan QR: " + shownAmount(o.Minor, o.Currency)})
	}
	return p
}

// shownOffers bounds the QR codes on the page.
const shownOffers = 3

// offersLocked are the orders whose QR nobody has scanned yet, the newest first.
func (c *Cloud) offersLocked() []*order {
	var list []*order
	for _, a := range c.attempts {
		if a.asked == askScan {
			list = append(list, a.o)
		}
	}
	slices.SortFunc(list, func(a, b *order) int { return cmp.Compare(b.Serial, a.Serial) })
	return list[:min(len(list), shownOffers)]
}
