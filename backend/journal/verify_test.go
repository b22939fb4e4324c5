package journal_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestTampering: each change of a row is named, also by who first takes the
// triggers away.
func TestTampering(t *testing.T) {

	for _, c := range []struct{ name, change, says string }{
		{"an amount in an event", "UPDATE event SET data = replace(data, '1250', '9250') WHERE seq = 4", "event 4 (created of operation op-001) was changed"},
		{"an event's time", "UPDATE event SET at = at + 1 WHERE seq = 5", "event 5 (attempt of operation op-001) was changed"},
		{"an event's operation", "UPDATE event SET operation = 'op-000' WHERE seq = 5", "event 5 (attempt of operation op-000) was changed"},
		{"an event's kind", "UPDATE event SET kind = 'note' WHERE seq = 6", "event 6 (note of operation op-001) was changed"},
		{"a hash", "UPDATE event SET hash = previous WHERE seq = 5", "event 6 does not follow event 5"},
		{"a removed event", "DELETE FROM event WHERE seq = 5", "events 5 to 5 are missing"},
		{"the first event", "DELETE FROM event WHERE seq = 1", "events 1 to 1 are missing"},
		{"the end", "DELETE FROM event WHERE seq > 7", "operation op-002 (receipt 3) differs from its events: state"},
		{"an operation's amount", `UPDATE operation SET data = replace(data, '"authorised":1250', '"authorised":9250') WHERE id = 'op-001'`, "operation op-001 (receipt 2) differs from its events: data"},
		{"an operation's state", "UPDATE operation SET state = 'declined' WHERE id = 'op-002'", "operation op-002 (receipt 3) differs from its events: state"},
		{"an operation's form key", "UPDATE operation SET form_key = 'x' WHERE id = 'op-002'", "operation op-002 (receipt 3) differs from its events: form_key"},
		{"a removed operation", "DELETE FROM operation WHERE id = 'op-000'", "operation op-000 is missing: it has 3 events"},
		{"an invented operation", "INSERT INTO operation SELECT 'op-zzz', 99, NULL, kind, state, provider, terminal, original, currency, requested, authorised, amount, reference, card_last4, auth_code, attempt_reference, terminal_reference, created_at, updated_at, data, cart, alarmed FROM operation WHERE id = 'op-000'", "operation op-zzz has no events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, 3)
			raw(t, path, append(unlock, c.change)...)
			j, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}()
			v, err := j.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if v.Sound() || !strings.Contains(strings.Join(v.Faults, "\n"), c.says) {
				t.Errorf("faults %q; want %q among them", v.Faults, c.says)
			}
		})
	}
}

func TestFaultsAreBounded(t *testing.T) {
	path := written(t, 80)
	raw(t, path, "DROP TRIGGER event_never_changed", "UPDATE event SET at = at + 1")
	j, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	v, err := j.Verify(t.Context())
	if err != nil || len(v.Faults) != journal.MaxFaults || v.More < 140 {
		t.Errorf("%d faults and %d more, %v", len(v.Faults), v.More, err)
	}
}

// TestHashIsUnambiguous: moving a byte from one field to the next is another hash.
func TestHashIsUnambiguous(t *testing.T) {
	base := payment.Event{Seq: 1, Operation: "ab", At: noon, Kind: "note", Data: json.RawMessage(`{}`), Previous: journal.Genesis}
	seen := map[string]string{journal.Hash(base): "base"}
	for name, change := range map[string]func(*payment.Event){
		"seq":       func(e *payment.Event) { e.Seq = 2 },
		"operation": func(e *payment.Event) { e.Operation, e.Kind = "abn", "ote" },
		"time":      func(e *payment.Event) { e.At = e.At.Add(1) },
		"kind":      func(e *payment.Event) { e.Kind, e.Data = "note{", json.RawMessage("}") },
		"data":      func(e *payment.Event) { e.Data = json.RawMessage(`{ }`) },
		"previous":  func(e *payment.Event) { e.Previous = strings.Repeat("0", 63) + "1" },
	} {
		e := base
		change(&e)
		if other, ok := seen[journal.Hash(e)]; ok {
			t.Errorf("a change of %s has the hash of %s", name, other)
		}
		seen[journal.Hash(e)] = name
	}
	// The encoding is a promise to everyone who checks an export. This hash was
	// computed from the words of Hash's comment by another program.
	const kept = "e0e78ab0026df851c66580fd0192a4983b5ec1126054de20453167a01434009e"
	if got := journal.Hash(base); got != kept {
		t.Errorf("the hash of the known event is now %s", got)
	}
}

// TestExportCanBeChecked by who has nothing but the lines.
func TestExportCanBeChecked(t *testing.T) {
	j, _ := till(t)
	sell(t, j, operation("op-1"))
	add(t, j, "op-1", payment.Event{Operation: "op-1", At: noon, Kind: payment.EventNote,
		Data: json.RawMessage("{ \"text\" :\t\"<b> & \u2028 \\u003c Å \xff\" }")})
	var out bytes.Buffer
	if err := j.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	previous, lines := journal.Genesis, bufio.NewScanner(&out)
	var count int64
	for lines.Scan() {
		var e payment.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		count++
		if e.Seq != count || e.Previous != previous || journal.Hash(e) != e.Hash {
			t.Errorf("line %d does not follow: %s", count, lines.Text())
		}
		previous = e.Hash
	}
	seq, hash, err := j.Head(t.Context())
	if err != nil || seq != count || hash != previous || count != 4 {
		t.Errorf("%d lines up to %s; the head is %d %s, %v", count, previous, seq, hash, err)
	}
}

// FuzzDamagedFile flips bytes of a journal: it is opened, read and verified, or
// refused, and never a panic. A change that verify does not see must be without
// effect on what is read.
func FuzzDamagedFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "journal.db")
	j, err := journal.Open(f.Context(), path, journal.Options{Now: clock})
	if err != nil {
		f.Fatal(err)
	}
	for i := range 4 {
		sell(f, j, operation(fmt.Sprintf("op-%d", i)))
	}
	if err := j.Close(); err != nil {
		f.Fatal(err)
	}
	var want bytes.Buffer
	exportOf(f, path, &want)
	whole := content(f, path)
	for _, at := range []uint32{0, 16, 28, 60, 68, 100, 105, 4096, 5000, 8192, 12300, 20000, 30000} {
		f.Add(at, byte(0xFF), uint16(1))
		f.Add(at, byte(0x01), uint16(40))
	}
	f.Fuzz(func(t *testing.T, at uint32, flip byte, length uint16) {
		damaged := bytes.Clone(whole)
		for i := range int(length) {
			damaged[(int(at)+i)%len(damaged)] ^= flip
		}
		path := file(t, damaged)
		// A writer must refuse or work; a reader may look at whatever is left.
		for _, readOnly := range []bool{true, false} {
			j, err := journal.Open(t.Context(), path, journal.Options{Now: clock, ReadOnly: readOnly})
			if err != nil {
				wantCode(t, err, payment.CodeJournal)
				continue
			}
			v, err := j.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := j.Export(t.Context(), &got); v.Sound() && (err != nil || !bytes.Equal(got.Bytes(), want.Bytes())) {
				t.Errorf("verify sees nothing, but the events are others: %v", err)
			}
			if _, err := j.Operations(t.Context(), payment.Query{Text: "1"}); err != nil && v.Sound() {
				t.Error(err)
			}
			if err := j.Close(); err != nil && v.Sound() {
				t.Error(err)
			}
		}
	})
}

func exportOf(t testing.TB, path string, into *bytes.Buffer) {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Export(t.Context(), into); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
