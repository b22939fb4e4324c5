package trial

import (
	"image"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// offer is a code that the phone can scan now.
var offer = regexp.MustCompile(`(?s)class="offers"[^>]*>.*?<button name="value" value="(\d+)"`)

// ink is the black of a drawn code; no text is that black.
func ink(r, g, b int) bool { return r < 6 && g < 6 && b < 6 }

// TestWindowWallet sells to a wallet in the window, and opens the customer's display
// beside it: that browser sees its page, and not the till.
func TestWindowWallet(t *testing.T) {
	t.Parallel()
	d := newDisplay(t)
	opened := d.opened()
	s := openOn(t, d, t.TempDir(), "the sale's page", onSale)
	phone := &pad{T: t, base: s.after("pinpad pockyt ")}

	d.keys("F2")
	d.await("the terminals", func(seen image.Image) bool { return share(seen, blue) > 0.01 }) // the chosen one's button
	d.keys("Tab", "Tab", "Tab", "Tab", "Return")
	d.await("the sale's page", onSale)
	// From the amount: wallet, code, lines, terminal, and the door.
	d.keys("Tab", "Tab", "Tab", "Tab", "Tab", "Return")
	select {
	case address := <-opened:
		seesOnly(t, address, "/customer/pockyt/")
	case <-time.After(patience):
		keep(t, "failed-"+t.Name(), d.picture())
		t.Fatal("the customer's display was not opened")
	}
	keep(t, "window-wallet-sale", d.picture())

	d.keys("1", "2", "5", "0") // they go to the amount from wherever the focus is
	d.await("an amount to charge", func(seen image.Image) bool { return share(seen, blue) > 0.02 })
	d.keys("Return")
	offers := phone.await("a code to scan", func(page string) bool { return offer.MatchString(page) })
	keep(t, "window-wallet-code", d.await("the code", func(seen image.Image) bool { return share(seen, ink) > 0.02 }))
	phone.do("scan", offer.FindStringSubmatch(offers)[1])
	phone.await("the question on the phone", func(page string) bool { return strings.Contains(page, "<p>Pay ") })
	phone.do("key", "green")
	keep(t, "window-wallet-paid", d.await("the approval", func(seen image.Image) bool { return share(seen, green) > 0.05 }))
	s.recorded("sale approved")
}

// seesOnly enters by an address as a browser does: it comes to one page, and nowhere else.
func seesOnly(t *testing.T, address, path string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: patience}
	where, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		at, says string
		status   int
	}{{address, path, 200}, {"http://" + where.Host + path, "Welcome", 200}, {"http://" + where.Host + "/", "locked", 403}, {"http://" + where.Host + "/history", "locked", 403}} {
		answer, err := browser.Get(one.at)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != one.status || !strings.Contains(string(body), one.says) {
			t.Errorf("%s: %s, %v\n%s", one.at, answer.Status, err, body)
		}
	}
}
