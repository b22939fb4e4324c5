package bench

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

type entry struct {
	ID   string `json:"id"`
	N    int    `json:"n"`
	Back string `json:"back,omitempty"`
}

var entryRules = Rules[entry]{ID: func(e *entry) string { return e.ID }, Reach: 2, Remember: func(now *entry, of func(string) *entry) {
	if other := of(now.Back); other != nil {
		other.N -= now.N
	}
}}

func ledgerAt(t *testing.T, path string, rules Rules[entry]) *Ledger[entry] {
	t.Helper()
	l, err := OpenLedger(path, rules)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := ledgerAt(t, path, entryRules)
	for _, e := range []entry{{ID: "a", N: 10}, {ID: "b", N: 1}, {ID: "a", N: 12}, {ID: "c", N: 5, Back: "a"}} {
		if err := l.Book(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Book(entry{ID: "d"}, entry{ID: "e"}); err == nil {
		t.Error("two records were booked, where a line is one")
	}
	check := func(l *Ledger[entry]) {
		t.Helper()
		want := []entry{{ID: "a", N: 7}, {ID: "b", N: 1}, {ID: "c", N: 5, Back: "a"}}
		if got := l.Last(-1); !slices.Equal(got, want) {
			t.Errorf("%+v", got)
		}
		if got := l.Last(1); !slices.Equal(got, want[2:]) {
			t.Errorf("the last one: %+v", got)
		}
		if a, ok := l.Get("a"); !ok || a.N != 7 {
			t.Errorf("a is %+v", a)
		}
		if _, ok := l.Get("d"); ok {
			t.Error("d was booked")
		}
		if got, ok := l.Newest(func(e *entry) bool { return e.N < 5 }); !ok || got.ID != "b" {
			t.Errorf("newest %+v", got)
		}
		if got, ok := l.Newest(func(e *entry) bool { return e.ID == "a" }); ok {
			t.Errorf("%+v is out of reach", got)
		}
		if got := l.All(func(e *entry) bool { return e.N > 1 }); len(got) != 2 {
			t.Errorf("all %+v", got)
		}
	}
	check(l)
	closes(t, l)
	closes(t, l)
	again := ledgerAt(t, path, entryRules)
	check(again)
	closes(t, again)
	holds(t, path, `{"id":"a","n":10}`+"\n"+`{"id":"b","n":1}`+"\n"+`{"id":"a","n":12}`+"\n"+`{"id":"c","n":5,"back":"a"}`+"\n")
	if err := again.Book(entry{ID: "d"}); err == nil {
		t.Error("booked after Close")
	}
	if _, ok := again.Get("d"); ok {
		t.Error("what could not be written is remembered")
	}
}

func TestLedgerTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	rules := entryRules
	rules.Together = true
	l := ledgerAt(t, path, rules)
	if err := l.Book(entry{ID: "a", N: 1}, entry{ID: "b", N: 2}); err != nil {
		t.Fatal(err)
	}
	closes(t, l)
	line := `[{"id":"a","n":1},{"id":"b","n":2}]` + "\n"
	holds(t, path, line)
	// One torn line takes all that was booked together with it.
	if err := os.WriteFile(path, []byte(line+line[:20]), 0o600); err != nil {
		t.Fatal(err)
	}
	l = ledgerAt(t, path, rules)
	if got := l.Last(-1); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	closes(t, l)
	for _, bad := range []string{"{}\n", "[{}]\n", "rubbish\n", `[{"id":7}]` + "\n"} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenLedger(path, rules); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestLedgerForgetsTheOldest(t *testing.T) {
	l := ledgerAt(t, "", Rules[entry]{ID: entryRules.ID})
	for n := range maxRecords + 2 {
		if err := l.Book(entry{ID: strconv.Itoa(n)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := l.Last(-1); len(got) != maxRecords || got[0].ID != "2" {
		t.Errorf("%d records", len(got))
	}
	if _, ok := l.Get("1"); ok {
		t.Error("the oldest is still found")
	}
}

// Whatever a line holds: no panic, and what is read can be remembered twice.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":"a","n":1}`), false)
	f.Add([]byte(`[{"id":"a"},{"id":"a","back":"a"}]`), true)
	f.Add([]byte(`null`), true)
	f.Fuzz(func(t *testing.T, line []byte, together bool) {
		rules := entryRules
		rules.Together = together
		records, err := rules.Read(line)
		if err != nil {
			return
		}
		l := ledgerAt(t, "", rules)
		l.remember(records)
		before := len(l.Last(-1))
		l.remember(records)
		if after := len(l.Last(-1)); after != before || after > len(records) {
			t.Errorf("%d records, then %d, of %d", before, after, len(records))
		}
	})
}
