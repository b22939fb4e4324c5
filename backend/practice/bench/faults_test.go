package bench

import (
	"fmt"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

var switches = []Fault{
	{Name: "payment.answer", Label: "The next payment answer", Choices: []string{"ok", "lose", "delay"}, Once: true},
	{Name: "network", Label: "Network", Choices: []string{"plugged", "unplugged"}},
}

func quiet() *Log { return NewLog(nil, "test", Clock) }

func TestFaults(t *testing.T) {
	for _, one := range []struct {
		name, set string
		takes     []string
		after     string
	}{
		{"payment.answer", "ok", []string{"ok", "ok"}, "ok"},
		{"payment.answer", "lose", []string{"lose", "ok", "ok"}, "ok"},
		{"payment.answer", "always:lose", []string{"lose", "lose"}, "lose"},
		{"payment.answer", "always:ok", []string{"ok"}, "ok"},
	} {
		f := NewFaults(switches, quiet())
		if err := f.Set(one.name, one.set); err != nil {
			t.Fatal(err)
		}
		for i, want := range one.takes {
			if got := f.Get(one.name); got != want {
				t.Errorf("%s: get %d is %s, want %s", one.set, i, got, want)
			}
			if got := f.Take(one.name); got != want {
				t.Errorf("%s: take %d is %s, want %s", one.set, i, got, want)
			}
		}
		if got := f.Get(one.name); got != one.after {
			t.Errorf("%s: %s stays", one.set, got)
		}
	}
}

func TestFaultsThatAreNone(t *testing.T) {
	f := NewFaults(switches, quiet())
	for name, value := range map[string]string{"payment": "lose", "payment.answer": "lost", "network": "always:unplugged", "": ""} {
		if err := f.Set(name, value); err == nil {
			t.Errorf("%s=%s is taken", name, value)
		}
	}
	if f.Get("payment.answer") != "ok" || f.Get("network") != "plugged" || f.Get("none") != "" || f.Take("none") != "" {
		t.Error("a refused setting changed something")
	}
	if _, err := FaultNamed(switches, "none"); err == nil {
		t.Error("none is found")
	}
}

// A setting that is no Once switch stays until it is set again, from either side.
func TestSetting(t *testing.T) {
	f := NewFaults(switches, quiet())
	if err := f.Set("network", "unplugged"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if f.Get("network") != "unplugged" {
			t.Error("a setting was used up")
		}
	}
	f.Put("network", "plugged")
	if f.Get("network") != "plugged" {
		t.Error("it was not set from inside")
	}
}

func TestFaultsOnThePage(t *testing.T) {
	log := quiet()
	f := NewFaults(switches, log)
	if err := f.Set("payment.answer", "always:lose"); err != nil {
		t.Fatal(err)
	}
	want := pinpad.Switch{Name: "payment.answer", Label: "The next payment answer", Value: "always:lose", Choices: []string{"ok", "lose", "delay", "always:lose"}}
	if got := f.Shown(); len(got) != 2 || fmt.Sprint(got[0]) != fmt.Sprint(want) || len(got[1].Choices) != 2 {
		t.Errorf("%+v", got)
	}
	if len(switches[0].Choices) != 3 {
		t.Error("the table itself was changed")
	}
	if err := f.Set("payment.answer", "lose"); err != nil {
		t.Fatal(err)
	}
	f.Take("payment.answer")
	f.Take("payment.answer")
	lines := log.Lines()
	texts := make([]string, 0, len(lines))
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	if got := fmt.Sprintf("%q", texts); got != `["Switch payment.answer set to always:lose" "Switch payment.answer set to lose" "The next payment answer: lose"]` {
		t.Error(got)
	}
}
