package bench

import (
	"slices"
	"testing"
)

type player struct {
	name, does string
	card       string
}

var cast = NewCast([]player{{"chip-pin", "pays", "visa"}, {"walks-away", "does not", ""}},
	func(p *player) Customer { return Customer{Name: p.name, Does: p.does} })

func TestCast(t *testing.T) {
	if got := cast.Customers(); !slices.Equal(got, []Customer{{"chip-pin", "pays"}, {"walks-away", "does not"}}) {
		t.Errorf("%v", got)
	}
	who, err := cast.Find("chip-pin")
	if err != nil || who.card != "visa" {
		t.Errorf("%v, %v", who, err)
	}
	if list, name := cast.Shown(who); len(list) != 2 || name != "chip-pin" {
		t.Errorf("%v, %s", list, name)
	}
	if nobody, err := cast.Find(""); nobody != nil || err != nil {
		t.Errorf("%v, %v", nobody, err)
	}
	if _, name := cast.Shown(nil); name != "" {
		t.Errorf("%s plays", name)
	}
	if _, err := cast.Find("chip"); err == nil {
		t.Error("somebody unknown plays")
	}
}

func TestChoose(t *testing.T) {
	log := quiet()
	for name, want := range map[string]string{"chip-pin": "Customer: chip-pin", "": "Customer: nobody"} {
		who, err := cast.Choose(name, log)
		if lines := log.Lines(); err != nil || (who == nil) != (name == "") || lines[len(lines)-1].Text != want {
			t.Errorf("%q: %v, %v", name, who, err)
		}
	}
	if _, err := cast.Choose("chip", log); err == nil || len(log.Lines()) != 2 {
		t.Error("somebody unknown comes")
	}
}
