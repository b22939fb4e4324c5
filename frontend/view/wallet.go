package view

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// showsCode tells whether the customer's wallet is to scan the screen now.
func showsCode(p payment.Prompt, now time.Time) bool {
	return p.QR != "" && (p.Until.IsZero() || now.Before(p.Until))
}

// runsOut tells whether the till itself gives up at a known moment.
func runsOut(p payment.Prompt) bool { return !p.Until.IsZero() }

// ranOut tells that this moment has come, and nothing newer is known.
func ranOut(p payment.Prompt, now time.Time) bool { return runsOut(p) && !now.Before(p.Until) }

// canExtend tells whether the customer can be given more time.
func canExtend(op payment.Operation, now time.Time) bool {
	p := op.Prompt
	return (op.State == payment.Sending || op.State == payment.InProgress) && runsOut(p) && now.Before(p.Until) && p.Latest.After(p.Until)
}

// left is the time that is left, as the page counts it down: "2:41".
func left(p payment.Prompt, now time.Time) string {
	s := int(math.Ceil(max(0, p.Until.Sub(now)).Seconds()))
	return strconv.Itoa(s/60) + ":" + twoDigits(s%60)
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// walletPrompts word what differs where there is no terminal but a customer's phone.
var walletPrompts = map[payment.PromptCode]PromptWords{
	payment.PromptConnecting: {"Preparing the payment", "link"},
	payment.PromptScan:       {"Customer scans this code", "scan"},
	payment.PromptAuthorise:  {"The wallet is paying", "bank"},
	payment.PromptAsking:     {"Asking how it ended", "question"},
}

// wallet tells that the terminal takes wallets: there is no device but a customer's
// phone.
func (v Till) wallet() bool { return len(v.Terminal.Vendors) > 0 }

// promptOf words a prompt of a terminal for cards or for wallets.
func promptOf(wallet bool, p payment.Prompt) PromptWords {
	if wallet {
		if p.Code == payment.PromptWait && p.Waiting == payment.Customer {
			return PromptWords{"Customer confirms on the phone", "phone"}
		}
		if w, known := walletPrompts[p.Code]; known {
			return w
		}
	}
	return Prompt(p)
}

// takeElsewhere names the way to another terminal.
func takeElsewhere(v Till) string {
	if v.wallet() {
		return "Another terminal"
	}
	return "Take the card on another terminal"
}

// under is the line under a prompt: with which wallet, or the terminal's own words.
func under(v Till, p payment.Prompt) string {
	switch {
	case !v.wallet() || p.Waiting != payment.Customer || raw(p) == "":
		return raw(p)
	case p.Code == payment.PromptScan:
		return "with " + raw(p)
	case p.Code == payment.PromptWait: // the heading says it already, but for the wallet's name
		if _, name, named := strings.Cut(raw(p), "("); named {
			return "with " + strings.TrimSuffix(name, ")")
		}
		return ""
	}
	return raw(p)
}

// waitsFor words whom the payment waits for.
func waitsFor(v Till) string {
	who := v.Op.Prompt.Waiting
	if ranOut(v.Op.Prompt, v.Now) || v.wallet() && (who == payment.Bank || who == payment.Device || who == "") {
		return "the wallet"
	}
	return Party(who)
}

// anyWallet is the choice of none: a scanned code tells its wallet itself (pockyt.md 8).
func anyWallet(all []payment.Vendor) string {
	for _, v := range all {
		if v.Show {
			return "Any wallet (shown code: " + v.Title + ")"
		}
	}
	return "Any wallet"
}

// vendorWays says how a wallet can pay here.
func vendorWays(v payment.Vendor) string {
	switch {
	case v.Scan && v.Show:
		return v.Title
	case v.Scan:
		return v.Title + " (scan the customer's code)"
	}
	return v.Title + " (the customer scans ours)"
}
