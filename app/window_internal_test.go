package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestClosingDuringAPayment(t *testing.T) {
	running := payment.Operation{Number: 7, Kind: payment.Sale, State: payment.InProgress, Requested: 1250, Currency: "SEK", Terminal: "desk"}
	doubt := running
	doubt.State, doubt.Number = payment.InDoubt, 8
	for name, c := range map[string]struct {
		open  []payment.Operation
		close bool
		says  []string
	}{
		"nothing is open":   {nil, false, nil},
		"a payment runs":    {[]payment.Operation{running}, false, []string{"sale 7", "12.50 SEK", "desk", "may still pay", "press Abort"}},
		"in doubt":          {[]payment.Operation{doubt}, true, []string{"sale 8", "may have been charged", "at its next start", "Do not take the payment again"}},
		"doubt and payment": {[]payment.Operation{doubt, running}, false, []string{"sale 7"}},
	} {
		got := closeQuestion(c.open)
		if got.mayClose != c.close || (got.text == "") != (c.says == nil) {
			t.Errorf("%s: %+v", name, got)
		}
		for _, words := range c.says {
			if !strings.Contains(got.text, words) {
				t.Errorf("%s: %q does not say %q", name, got.text, words)
			}
		}
	}
}

func TestPlaceOfTheWindow(t *testing.T) {
	folder := Folder(t.TempDir())
	if got := folder.place(); got.Width != windowWidth || got.Height != windowHeight || got.Known {
		t.Errorf("at first: %+v", got)
	}
	where := place{Width: 1000, Height: 700, X: 40, Y: 30, Known: true}
	if err := folder.keepPlace(where); err != nil {
		t.Fatal(err)
	}
	if got := folder.place(); got != where {
		t.Errorf("%+v came back as %+v", where, got)
	}
	if err := folder.keepPlace(place{Width: 3, Height: 3}); err == nil {
		t.Error("a size that makes no sense was kept")
	}
	for _, text := range []string{"", "{", "[]", `{"width":-1,"height":700}`, `{"width":1000000,"height":700}`} {
		if err := os.WriteFile(filepath.Join(string(folder), windowFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := folder.place(); got.Width != windowWidth || got.Known {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for _, c := range []struct {
		x, y int
		seen bool
	}{{0, 0, true}, {-800, 10, true}, {-990, 10, false}, {1900, 10, false}, {10, -5, false}, {10, 1000, false}} {
		where.X, where.Y = c.x, c.y
		if where.onScreen(1920, 1080) != c.seen {
			t.Errorf("%d,%d on the screen: %v", c.x, c.y, !c.seen)
		}
	}
	where.Known = false
	if where.onScreen(1920, 1080) {
		t.Error("a place that is not known is on the screen")
	}
}
