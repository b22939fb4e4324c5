package trial

import (
	"bytes"
	"image"
	"image/png"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The colours of the pages in light mode by which a picture of the window is told
// apart: the practice stripe, the main button and the mirror at a PIN, the band of
// an approval.
func violet(r, g, b int) bool { return near(r, 0x5b) && near(g, 0x21) && near(b, 0xb6) }
func blue(r, g, b int) bool   { return r < 0x30 && g > 0x30 && g < 0x58 && b > 0x80 }
func green(r, g, b int) bool  { return near(r, 0x0a) && near(g, 0x5c) && near(b, 0x33) }

func near(value, want int) bool { return value > want-12 && value < want+12 }

func amber(r, g, b int) bool { return r > 0xf0 && g > 0xb8 && g < 0xe0 && b < 0x90 }

// onSale is a picture of the sale's page without an amount.
func onSale(seen image.Image) bool {
	return share(seen, violet) > 0.02 && share(seen, blue) < 0.02 && share(seen, amber) < 0.01
}

// inDoubt is a picture with the band of a doubt.
func inDoubt(seen image.Image) bool { return share(seen, violet) > 0.02 && share(seen, amber) > 0.03 }

// openWindow starts the program with its window on a display of its own, and waits
// until it looks as it should.
func openWindow(t *testing.T, data, what string, looks func(image.Image) bool) (*till, *display) {
	t.Helper()
	d := newDisplay(t)
	return openOn(t, d, data, what, looks), d
}

// openOn is openWindow on a display that is there.
func openOn(t *testing.T, d *display, data, what string, looks func(image.Image) bool) *till {
	t.Helper()
	s := start(t, windowProgram(t), data, d.environment(), "--practice")
	s.pad = newPad(t, s.after("pinpad nexo "))
	d.window = d.find("^Paydesk")
	d.await(what, looks)
	return s
}

// TestWindow opens the window, takes a payment by its keys, refuses to close during
// the next one, and ends when it is told to.
func TestWindow(t *testing.T) {
	t.Parallel()
	data, d := t.TempDir(), newDisplay(t)
	opened := d.opened()
	s := openOn(t, d, data, "the sale's page", onSale)
	keep(t, "window-sale", d.picture())

	d.keys("ctrl+p") // the menu opens the pin pad's page beside the window
	opensPad(s, opened, "the menu")
	stripe := bounds(picture(t, d.picture()), violet)
	d.click(stripe.Max.X-stripeEnd, (stripe.Min.Y+stripe.Max.Y)/2) // so does the stripe's button
	opensPad(s, opened, "the button")

	pay(s, d)
	d.keys("3", "4", "9", "0", "0")
	charge := d.await("an amount to charge", func(seen image.Image) bool { return share(seen, blue) > 0.02 })
	keep(t, "window-amount", charge)
	d.keys("Return")
	s.pad.shows("Present card")
	s.pad.do("insert", "chip-pin")
	s.pad.shows("Enter PIN")
	s.pad.do("key", "1")
	s.pad.do("key", "2")
	pin := func(seen image.Image) bool { return share(seen, blue) > 0.15 }
	keep(t, "window-payment", d.await("the PIN prompt", pin))

	// A second one on the same folder says so and ends; the first goes on.
	second := exec.Command(s.program, "--practice", "--data", data)
	second.Env = append(second.Environ(), d.environment()...)
	out, err := second.CombinedOutput()
	if err == nil || second.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "already running with this data folder") {
		t.Errorf("a second program on the folder: %v\n%s", err, out)
	}

	// The window stays, and says why, in a window of its own.
	askToClose(t, d.name, windowID(t, d.window))
	d.find("^Paydesk stays open$")
	keep(t, "window-stays", d.run("import", "-window", "root", "png:-"))
	d.answer("^Paydesk stays open$", "Return")
	d.await("the payment again", pin)

	s.pad.do("pin", "right")
	result := d.await("the approval", func(seen image.Image) bool { return share(seen, green) > 0.05 })
	keep(t, "window-result", result)
	s.pad.ledger("-12.50", "-349.00")
	s.recorded("sale approved", "sale approved")
	s.signal(syscall.SIGTERM)
	if status := s.wait(); status != 0 {
		t.Errorf("the window ended with %d after SIGTERM", status)
	}
}

// stripeEnd is a place on the stripe's button, in pixels from the stripe's end: the
// button stands there, behind a gap.
const stripeEnd = 60

// opensPad asserts that the page of the default terminal's pin pad is opened, by the
// menu, or the one whose button stands at the stripe's end.
func opensPad(s *till, opened <-chan string, by string) {
	s.Helper()
	select {
	case address := <-opened:
		// All pads are on one address, told apart by their number.
		base := s.pad.base[:strings.LastIndex(strings.TrimSuffix(s.pad.base, "/"), "/")+1]
		if !strings.HasPrefix(address, base) || by == "the menu" && address != s.pad.base {
			s.Errorf("%s opened %q, not a pin pad's page as %q", by, address, s.pad.base)
		}
	case <-time.After(patience):
		s.Errorf("%s did not open the pin pad's page", by)
	}
}

// picture decodes a picture of the window.
func picture(t *testing.T, data []byte) image.Image {
	t.Helper()
	seen, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal("picture of the window:", err)
	}
	return seen
}

// pay takes one payment and comes back to the sale's page.
func pay(s *till, d *display) {
	d.Helper()
	d.keys("1", "2", "5", "0")
	d.await("an amount to charge", func(seen image.Image) bool { return share(seen, blue) > 0.02 })
	d.keys("Return")
	s.pad.shows("Present card")
	s.pad.do("tap", "contactless")
	d.await("the approval", func(seen image.Image) bool { return share(seen, green) > 0.05 })
	s.pad.shows("Welcome")
	d.keys("Return")
	d.await("the next sale", onSale)
}

// TestWindowEnds closes the window by its cross, finds it where it was, ends it by
// a signal in the middle of a payment, and is told at the next start.
func TestWindowEnds(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, d := openWindow(t, data, "the sale's page", onSale)
	d.run("xdotool", "windowsize", "--sync", d.window, "1100", "780")
	askToClose(t, d.name, windowID(t, d.window))
	if status := s.wait(); status != 0 {
		t.Errorf("the window ended with %d when it was closed", status)
	}

	s, d = openWindow(t, data, "the sale's page", onSale)
	if size := string(d.run("xdotool", "getwindowgeometry", "--shell", d.window)); !strings.Contains(size, "WIDTH=1100\nHEIGHT=780") {
		t.Errorf("the window has forgotten its size: %s", size)
	}
	d.keys("7", "0", "0")
	d.await("an amount to charge", func(seen image.Image) bool { return share(seen, blue) > 0.02 })
	d.keys("Return")
	s.pad.shows("Present card")
	askToClose(t, d.name, windowID(t, d.window))
	d.find("^Paydesk stays open$")
	s.signal(syscall.SIGTERM) // also while the window says why it stays
	if status := s.wait(); status != 0 {
		t.Errorf("the window ended with %d after SIGTERM in a payment", status)
	}

	// The terminal has lost the payment and does not know it: nothing is made up.
	s, d = openWindow(t, data, "the doubt", inDoubt)
	keep(t, "window-doubt", d.picture())
	askToClose(t, d.name, windowID(t, d.window))
	d.find("^Close Paydesk.$")
	keep(t, "window-close", d.run("import", "-window", "root", "png:-"))
	d.answer("^Close Paydesk.$", "Escape")
	d.await("the doubt again", inDoubt)
	s.recorded("sale in_doubt")
	d.keys("ctrl+q")
	d.answer("^Close Paydesk.$", "alt+y")
	if status := s.wait(); status != 0 {
		t.Errorf("the window ended with %d when it was closed in doubt", status)
	}
}
