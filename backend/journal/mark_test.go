package journal_test

import (
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// marked writes a journal of three sales and takes its head.
func marked(t *testing.T) (path string, head journal.Mark) {
	t.Helper()
	path = written(t, 3)
	j := reading(t, path)
	head, err := j.Mark(t.Context())
	if err != nil || head.Seq != 9 || len(head.Hash) != 64 {
		t.Fatalf("the head is %+v, %v", head, err)
	}
	return path, head
}

func reading(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

var unlock = []string{"DROP TRIGGER event_never_changed", "DROP TRIGGER event_never_removed", "DROP TRIGGER operation_never_removed"}

// forge writes the whole chain anew from an event on, with other data in it, and the
// operation with it: what somebody could do who has all of the computer.
func forge(t *testing.T, path string, from int64, old, new string) {
	t.Helper()
	raw(t, path, unlock...)
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	previous, last := journal.Genesis, int64(0)
	if err := db.QueryRow("SELECT MAX(seq) FROM event").Scan(&last); err != nil {
		t.Fatal(err)
	}
	for seq := int64(1); seq <= last; seq++ {
		var (
			e          = payment.Event{Seq: seq}
			at         int64
			kind, data string
		)
		if err := db.QueryRow("SELECT operation, at, kind, data, hash FROM event WHERE seq = ?", seq).Scan(&e.Operation, &at, &kind, &data, &e.Hash); err != nil {
			t.Fatal(err)
		}
		if seq >= from {
			e.At, e.Kind, e.Data = time.Unix(0, at).UTC(), payment.EventKind(kind), json.RawMessage(strings.ReplaceAll(data, old, new))
			e.Previous = previous
			e.Hash = journal.Hash(e)
			if _, err := db.Exec("UPDATE event SET data = ?, previous = ?, hash = ? WHERE seq = ?", string(e.Data), e.Previous, e.Hash, seq); err != nil {
				t.Fatal(err)
			}
		}
		previous = e.Hash
	}
	raw(t, path, "UPDATE operation SET data = replace(data, '"+old+"', '"+new+"'), auth_code = replace(auth_code, '"+old+"', '"+new+
		"') WHERE id IN (SELECT operation FROM event WHERE seq >= "+strconv.FormatInt(from, 10)+")")
}

// TestOnlyTheKeptHeadFindsIt: a chain written anew, and an end that was cut off
// with its operations, are sound in themselves.
func TestOnlyTheKeptHeadFindsIt(t *testing.T) {
	for _, c := range []struct {
		name, says string
		do         func(t *testing.T, path string)
	}{
		{"the whole chain written anew", "event 9 is not the one that was written down", func(t *testing.T, path string) { forge(t, path, 1, "A1B2C3", "FORGED") }},
		{"its end written anew", "event 9 is not the one that was written down", func(t *testing.T, path string) { forge(t, path, 9, "A1B2C3", "FORGED") }},
		{"the last sale cut off", "ends with event 6, but event 9 was written down", func(t *testing.T, path string) {
			raw(t, path, append(unlock, "DELETE FROM event WHERE operation = 'op-002'", "DELETE FROM operation WHERE id = 'op-002'")...)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, head := marked(t)
			c.do(t, path)
			j := reading(t, path)
			if v, err := j.Verify(t.Context()); err != nil || !v.Sound() {
				t.Fatalf("the file alone shows it: %v %v", v.Faults, err)
			}
			v, err := j.Verify(t.Context(), head)
			if err != nil || len(v.Faults) != 1 || !strings.Contains(v.Faults[0], c.says) || !strings.Contains(v.Faults[0], head.At.Local().Format("2006-01-02 15:04:05")) {
				t.Errorf("verified with the head: %q, %v", v.Faults, err)
			}
			if fault, err := j.Agrees(t.Context(), head); err != nil || !strings.Contains(fault, c.says) {
				t.Errorf("asked for the one row: %q, %v", fault, err)
			}
		})
	}
}

// TestAGrownJournalAgrees with every head that it had.
func TestAGrownJournalAgrees(t *testing.T) {
	j, _ := till(t)
	var heads []journal.Mark
	for _, id := range []string{"a", "b", "c"} {
		head, err := j.Mark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
		sell(t, j, operation(id))
	}
	if heads[0] != (journal.Mark{}) {
		t.Errorf("an empty journal has the head %+v", heads[0])
	}
	for _, h := range heads {
		if fault, err := j.Agrees(t.Context(), h); fault != "" || err != nil {
			t.Errorf("%+v: %q %v", h, fault, err)
		}
	}
	if v, err := j.Verify(t.Context(), heads...); err != nil || !v.Sound() {
		t.Errorf("%q %v", v.Faults, err)
	}
}

// TestOneOperationAtOnce finds what was done to its own rows, to their neighbours
// and to the operation.
func TestOneOperationAtOnce(t *testing.T) {
	for _, c := range []struct{ name, change, says string }{
		{"nothing", "SELECT 1", ""},
		{"an amount in an event", "UPDATE event SET data = replace(data, '1250', '9250') WHERE seq = 4", "event 4 (created) was changed"},
		{"an event's time", "UPDATE event SET at = at + 1 WHERE seq = 5", "event 5 (attempt) was changed"},
		{"a hash", "UPDATE event SET hash = previous WHERE seq = 5", "event 6 does not follow event 5"},
		{"what it names", "UPDATE event SET previous = hash WHERE seq = 5", "event 5 does not follow event 4"},
		{"the neighbour before", "UPDATE event SET hash = previous WHERE seq = 3", "event 4 does not follow event 3"},
		{"the neighbour behind", "UPDATE event SET previous = hash WHERE seq = 7", "event 7 does not follow event 6"},
		{"a removed neighbour before", "DELETE FROM event WHERE seq = 3", "event 3 before it is missing"},
		{"a removed neighbour behind", "DELETE FROM event WHERE seq = 7", "event 7 after it is missing"},
		{"a removed event of its own", "DELETE FROM event WHERE seq = 5", "event 5 after it is missing"},
		{"an event given to another", "UPDATE event SET operation = 'op-000' WHERE seq = 6", "differs from its events"},
		{"the operation's amount", `UPDATE operation SET data = replace(data, '"authorised":1250', '"authorised":9250') WHERE id = 'op-001'`, "operation op-001 (receipt 2) differs from its events: data"},
		{"the operation's state", "UPDATE operation SET state = 'declined' WHERE id = 'op-001'", "differs from its events: state"},
		{"the operation", "DELETE FROM operation WHERE id = 'op-001'", "operation op-001 is missing: it has 3 events"},
		{"all its events", "DELETE FROM event WHERE operation = 'op-001'", "operation op-001 has no events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, 3)
			raw(t, path, append(unlock, c.change)...)
			got, err := reading(t, path).CheckOperation(t.Context(), "op-001")
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case c.says == "" && (len(got.Faults) > 0 || got.Events != 3 || got.First != 4 || got.Last != 6):
				t.Errorf("a sound one: %+v", got)
			case c.says != "" && !strings.Contains(strings.Join(got.Faults, "\n"), c.says):
				t.Errorf("faults %q; want %q among them", got.Faults, c.says)
			}
		})
	}
	j := reading(t, written(t, 1))
	if _, err := j.CheckOperation(t.Context(), "none"); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("one that is not there: %v", err)
	}
	if got, err := j.CheckOperation(t.Context(), "op-000"); err != nil || len(got.Faults) > 0 || got.First != 1 {
		t.Errorf("the first of all: %+v %v", got, err)
	}
}

// BenchmarkCheckOperation in a journal of some length.
func BenchmarkCheckOperation(b *testing.B) {
	j, _ := till(b)
	for i := range 2000 {
		id := "op-" + time.Unix(int64(i), 0).UTC().Format("150405")
		sell(b, j, operation(id))
	}
	for b.Loop() {
		if c, err := j.CheckOperation(b.Context(), "op-001000"); err != nil || len(c.Faults) > 0 {
			b.Fatal(c, err)
		}
	}
}

// TestTheInboxIsComparedToo: its rows are what their events tell.
func TestTheInboxIsComparedToo(t *testing.T) {
	for _, c := range []struct{ name, change, says string }{
		{"nothing", "SELECT 1", ""},
		{"a changed reference", "UPDATE delivery SET reference = 'x' WHERE key = 'k1'", "delivery k1 differs from its event"},
		{"another terminal", "UPDATE delivery SET terminal = 'x' WHERE key = 'k1'", "delivery k1 differs from its event"},
		{"another event", "UPDATE delivery SET event = 1 WHERE key = 'k1'", "delivery k1 differs from its event 1"},
		{"a removed row", "DELETE FROM delivery WHERE key = 'k1'", "2 events tell of one, and 1 are in it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, path := till(t)
			sell(t, j, operation("a"))
			for _, key := range []string{"k1", "k2"} {
				if fresh, err := j.Receive(t.Context(), "a", delivery(key)); err != nil || !fresh {
					t.Fatal(fresh, err)
				}
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			raw(t, path, "DROP TRIGGER delivery_never_changed", "DROP TRIGGER delivery_never_removed", c.change)
			v, err := reading(t, path).Verify(t.Context())
			if err != nil || (c.says == "") != v.Sound() || !strings.Contains(strings.Join(v.Faults, "\n"), c.says) {
				t.Errorf("faults %q, %v; want %q", v.Faults, err, c.says)
			}
		})
	}
}

// BenchmarkVerify tells how many events a second a whole check takes.
func BenchmarkVerify(b *testing.B) {
	j, _ := till(b)
	for i := range 5000 {
		sell(b, j, operation("op-"+strconv.Itoa(i)))
	}
	var events int64
	for b.Loop() {
		v, err := j.Verify(b.Context())
		if err != nil || !v.Sound() {
			b.Fatal(v, err)
		}
		events += v.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
