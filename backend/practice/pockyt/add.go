package pockyt

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

const (
	defaultTimeout = 120         // minutes (pockyt.md 5.1)
	maxTimeout     = 7 * 24 * 60 // minutes; the real limit is unknown
)

// addLocked creates a transaction that the scanned code of the customer is to pay (pockyt.md 5.1).
func (c *Cloud) addLocked(x *exchange) answer {
	o, a, refused := c.newOrderLocked(x)
	if refused {
		return a
	}
	if o.Serial == 0 {
		if a, refused := c.createLocked(&o); refused {
			return a
		}
	}
	return done("add success", o.object())
}

// createQRLocked creates a transaction with a code that the customer scans (pockyt.md 5.3).
func (c *Cloud) createQRLocked(x *exchange) answer {
	o, a, refused := c.newOrderLocked(x)
	if refused {
		return a
	}
	w := walletOf(x.f["vendor"])
	switch {
	case x.f["vendor"] == "":
		return c.badLocked("000020", "qr without vendor")
	case w == nil || !w.qr && c.faults.Get("qr.unionpay") != "accepted":
		return c.badLocked("000023", "vendor "+bench.Shorten(x.f["vendor"])+" has no QR")
	case x.f["ipnUrl"] == "" && c.faults.Get("qr.notify") == "required":
		return c.badLocked("000020", "qr without ipnUrl")
	}
	image, err := strconv.ParseBool(x.f["needQrcode"])
	if x.f["needQrcode"] != "" && (err != nil || !slices.Contains([]string{"true", "false"}, x.f["needQrcode"])) {
		return c.badLocked("000023", "needQrcode is neither true nor false")
	}
	if o.Serial == 0 {
		o.QR, o.Vendor = true, w.vendor
		if a, refused := c.createLocked(&o); refused {
			return a
		}
		c.attendLocked(c.ledger.index[codeOfNo+o.No])
	}
	result := map[string]any{"reference": o.Reference, "amount": decimal(o.Minor, o.Currency), "deepLink": deepLink(o.No), "transactionNo": o.No,
		"settleCurrency": o.Settle, "currency": o.Currency, "timeout": o.Timeout}
	if image {
		result["qrcodeUrl"] = "https://qr.example/" + o.No + ".png"
	}
	return done("success", result)
}

// deepLink is the text of the QR; the host is one that exists nowhere.
func deepLink(no string) string { return "https://wallet.example/pay?t=" + no }

// badLocked refuses what a till should not have sent.
func (c *Cloud) badLocked(code, what string) answer {
	c.violateLocked(what)
	return refuse(code, what)
}

// newOrderLocked reads what add and create-trans-qrcode have in common. An order
// with a serial exists already and is to be answered as it is.
func (c *Cloud) newOrderLocked(x *exchange) (order, answer, bool) {
	bad := func(code, what string) (order, answer, bool) {
		return order{}, c.badLocked(code, x.kind+": "+what), true
	}
	f := x.f
	for _, name := range []string{"amount", "currency", "settleCurrency"} {
		if f[name] == "" {
			return bad("000020", name+" is missing")
		}
	}
	if f["reference"] == "" && c.faults.Get("reference.missing") == "refused" {
		return bad("000020", "reference is missing")
	}
	if longest, err := strconv.Atoi(c.faults.Get("reference.length")); err == nil && utf8.RuneCountInString(f["reference"]) > longest {
		return bad("000023", "reference is too long")
	}
	if !slices.Contains(currencies, f["currency"]) || c.faults.Get("currencies") == "usd-only" && f["currency"] != Currency {
		return bad("000023", "currency "+bench.Shorten(f["currency"])+" is not taken")
	}
	if f["settleCurrency"] != "USD" && (f["settleCurrency"] != "GBP" || f["currency"] != "GBP") {
		return bad("000023", "settleCurrency is USD, or GBP for GBP")
	}
	minor, err := parseAmount(f["amount"], f["currency"])
	if err != nil {
		return bad("000023", err.Error())
	}
	minutes, err := readTimeout(f["timeout"])
	if err != nil {
		return bad("000023", err.Error())
	}
	if err := c.checkNotifyLocked(f["ipnUrl"]); err != nil {
		return bad("000023", err.Error())
	}
	if old := c.ledger.index[codeOfOwn+f["reference"]]; old != nil && f["reference"] != "" {
		c.violateLocked(x.kind + ": reference " + bench.Shorten(f["reference"]) + " is used already")
		code := c.faults.Get("reference.duplicate")
		if code == "same" {
			if old.Minor == minor && old.Currency == f["currency"] && old.QR == (x.kind == "qr") {
				c.expireLocked(old)
				return *old, answer{}, false
			}
			code = "000023"
		}
		return order{}, refuse(code, "reference exists"), true
	}
	now, stays := time.Now(), time.Duration(minutes)*time.Minute
	if c.faults.Get("order.timeout") == "10s" {
		stays = soonOver
	}
	return order{Reference: f["reference"], Minor: minor, Currency: f["currency"], Settle: f["settleCurrency"], Status: statusInit,
		Notify: f["ipnUrl"], Timeout: strconv.Itoa(minutes), Created: now, Expires: now.Add(stays)}, answer{}, false
}

// soonOver is how long an order stays open at a service that keeps none for longer.
const soonOver = 10 * time.Second

func readTimeout(text string) (int, error) {
	if text == "" {
		return defaultTimeout, nil
	}
	minutes, err := strconv.Atoi(text)
	if err != nil || minutes < 1 || minutes > maxTimeout || !digits(text) {
		return 0, fmt.Errorf("timeout %q is no number of minutes", bench.Shorten(text))
	}
	return minutes, nil
}

func (c *Cloud) checkNotifyLocked(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("ipnUrl %q is no address", bench.Shorten(address))
	}
	if u.Scheme == "http" && c.faults.Get("notice.scheme") == "https-only" {
		return fmt.Errorf("ipnUrl %q is not secure", bench.Shorten(address))
	}
	return nil
}

// createLocked gives a new order its number and keeps it.
func (c *Cloud) createLocked(o *order) (answer, bool) {
	o.Serial = c.ledger.serial + 1
	o.No = number(c.opts.Seed, o.Serial)
	if err := c.ledger.write(*o); err != nil {
		c.log.Note(err.Error())
		return refuse("000000", "system error"), true
	}
	c.log.Note(fmt.Sprintf("Order %s: %s", o.No, shownAmount(o.Minor, o.Currency)))
	return answer{}, false
}
