package journal_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123456789, time.UTC)

func clock() time.Time { return noon }

// till opens a journal in a folder of its own.
func till(t testing.TB) (*journal.Journal, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	return open(t, path), path
}

func open(t testing.TB, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{Now: clock})
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

func operation(id string) payment.Operation {
	return payment.Operation{
		ID: id, Kind: payment.Sale, State: payment.Created, Provider: "nexo", Terminal: "till-1",
		Currency: "SEK", Requested: 1250, CreatedAt: noon,
	}
}

func create(t testing.TB, j *journal.Journal, op payment.Operation) payment.Operation {
	t.Helper()
	made, fresh, err := j.Create(context.Background(), op)
	if err != nil || !fresh {
		t.Fatalf("create %s: fresh %v, %v", op.ID, fresh, err)
	}
	return made
}

func event(t testing.TB, id string, kind payment.EventKind, data any) payment.Event {
	t.Helper()
	e, err := payment.NewEvent(id, noon.Add(time.Second), kind, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func attempt(t testing.TB, id, reference string) payment.Event {
	return event(t, id, payment.EventAttempt, payment.Attempt{Number: 1, Reference: reference, At: noon})
}

func approved(t testing.TB, id string, minor int64) payment.Event {
	return event(t, id, payment.EventResult, payment.Result{
		Outcome: payment.Success, Currency: "SEK", Authorised: minor,
		Card:       payment.Card{Brand: "Visa", Masked: "************0119"},
		References: payment.References{Terminal: "T-" + id, AuthCode: "A1B2C3"},
	})
}

func add(t testing.TB, j *journal.Journal, id string, events ...payment.Event) payment.Operation {
	t.Helper()
	op, verdicts, err := j.Append(context.Background(), id, events...)
	if err != nil {
		t.Fatal(err)
	}
	if len(verdicts) != len(events) {
		t.Fatalf("%d verdicts for %d events", len(verdicts), len(events))
	}
	return op
}

// sell takes a payment from start to end.
func sell(t testing.TB, j *journal.Journal, op payment.Operation) payment.Operation {
	t.Helper()
	create(t, j, op)
	return add(t, j, op.ID, attempt(t, op.ID, "99"+op.ID), approved(t, op.ID, op.Requested))
}

// sound fails unless the journal is whole and holds so many events.
func sound(t testing.TB, j *journal.Journal, events, operations int64) {
	t.Helper()
	v, err := j.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !v.Sound() || v.Events != events || v.Seq != events || v.Operations != operations {
		t.Errorf("verdict %+v; want %d events, %d operations and no faults", v, events, operations)
	}
}

// raw opens the file behind the journal's back.
func raw(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code payment.Code) {
	t.Helper()
	if err == nil || payment.CodeOf(err) != code {
		t.Errorf("got %v; want an error with code %s", err, code)
	}
}

func same(t testing.TB, got, want payment.Operation) {
	t.Helper()
	a, err1 := json.Marshal(got)
	b, err2 := json.Marshal(want)
	if err1 != nil || err2 != nil || string(a) != string(b) {
		t.Errorf("got  %s (%v)\nwant %s (%v)", a, err1, b, err2)
	}
}

func TestSaleIsKept(t *testing.T) {
	j, path := till(t)
	made := create(t, j, operation("op-1"))
	if made.Number != 1 || made.State != payment.Created {
		t.Fatalf("created as number %d in state %s", made.Number, made.State)
	}
	op := add(t, j, "op-1", attempt(t, "op-1", "990001"), approved(t, "op-1", 1250))
	if op.State != payment.Approved || op.Authorised != 1250 {
		t.Fatalf("after the approval: %+v", op)
	}
	read, err := j.Operation(t.Context(), "op-1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, read, op)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	read, err = again.Operation(t.Context(), "op-1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, read, op)
	if next := create(t, again, operation("op-2")); next.Number != 2 {
		t.Errorf("the next receipt has number %d", next.Number)
	}
	events, err := again.Events(t.Context(), "op-1")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []payment.EventKind
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	if want := []payment.EventKind{payment.EventCreated, payment.EventAttempt, payment.EventResult}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("kinds %v; want %v", kinds, want)
	}
	if !events[1].At.Equal(noon.Add(time.Second)) || events[1].At.Nanosecond() != 123456789 {
		t.Errorf("the attempt's time came back as %s", events[1].At)
	}
	sound(t, again, 4, 2)
}

func TestFormKeyMakesOneOperation(t *testing.T) {
	j, path := till(t)
	first := operation("op-1")
	first.FormKey = "key"
	create(t, j, first)
	add(t, j, "op-1", attempt(t, "op-1", "990001"))
	second := operation("op-2")
	second.FormKey = "key"
	for range 2 { // from memory, then from the file
		got, fresh, err := j.Create(t.Context(), second)
		if err != nil || fresh || got.ID != "op-1" || got.State != payment.Sending {
			t.Fatalf("the same key gave %s in %s, fresh %v, %v", got.ID, got.State, fresh, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = open(t, path)
	}
	if third := create(t, j, operation("op-3")); third.Number != 2 {
		t.Errorf("the repeated key used up a number: the next is %d", third.Number)
	}
	sound(t, j, 3, 2)
}

// TestCreateWithItsFirstAttempt is one commit: both are there, or neither.
func TestCreateWithItsFirstAttempt(t *testing.T) {
	j, _ := till(t)
	first := operation("op-1")
	first.FormKey = "key"
	_, _, err := j.Create(t.Context(), first, attempt(t, "op-1", "1"), event(t, "op-1", payment.EventResult, payment.Result{}))
	wantCode(t, err, payment.CodeInternal)
	_, _, err = j.Create(t.Context(), first, attempt(t, "op-2", "1"))
	wantCode(t, err, payment.CodeInternal)
	_, err = j.Operation(t.Context(), "op-1")
	wantCode(t, err, payment.CodeNotFound)
	for i := range 2 {
		op, fresh, err := j.Create(t.Context(), first, attempt(t, "op-1", "990001"))
		if err != nil || fresh != (i == 0) || op.State != payment.Sending || op.Number != 1 || op.References.Ours != "990001" {
			t.Errorf("time %d: fresh %v, %+v, %v", i, fresh, op, err)
		}
	}
	sound(t, j, 2, 1)
}

func TestMisfitFailsAlone(t *testing.T) {
	j, _ := till(t)
	create(t, j, operation("op-1"))
	_, _, err := j.Create(t.Context(), operation("op-1"))
	wantCode(t, err, payment.CodeInternal)
	_, _, err = j.Append(t.Context(), "nobody", attempt(t, "nobody", "1"))
	wantCode(t, err, payment.CodeNotFound)
	for name, e := range map[string]payment.Event{
		"another operation's": attempt(t, "op-2", "1"),
		"without kind":        {Operation: "op-1", At: noon, Data: json.RawMessage("{}")},
		"of unknown kind":     {Operation: "op-1", At: noon, Kind: "miracle", Data: json.RawMessage("{}")},
		"not JSON":            {Operation: "op-1", At: noon, Kind: payment.EventNote, Data: json.RawMessage("{")},
		"without data":        {Operation: "op-1", At: noon, Kind: payment.EventNote},
		"of another type":     {Operation: "op-1", At: noon, Kind: payment.EventAttempt, Data: json.RawMessage("[]")},
		"a second beginning":  event(t, "op-1", payment.EventCreated, operation("op-1")),
		"beyond all times":    {Operation: "op-1", At: noon.AddDate(9000, 0, 0), Kind: payment.EventNote, Data: json.RawMessage("{}")},
		"too long":            {Operation: "op-1", At: noon, Kind: payment.EventNote, Data: make(json.RawMessage, journal.MaxData+1)},
		"undecided":           event(t, "op-1", payment.EventResult, payment.Result{}),
	} {
		_, _, err := j.Append(t.Context(), "op-1", attempt(t, "op-1", "1"), e)
		if err == nil || payment.CodeOf(err) != payment.CodeInternal {
			t.Errorf("an event %s: %v", name, err)
		}
	}
	// The attempt in front of each misfit was not taken either.
	if op := add(t, j, "op-1"); op.State != payment.Created {
		t.Errorf("the operation moved to %s", op.State)
	}
	sound(t, j, 1, 1)
}

func TestNotesKeepTheirPlace(t *testing.T) {
	j, _ := till(t)
	create(t, j, operation("op-1"))
	add(t, j, "op-1", attempt(t, "op-1", "990001"))
	for i := range 5 {
		j.Note("op-1", event(t, "op-1", payment.EventPrompt, payment.Prompt{Code: payment.PromptText, Text: fmt.Sprint(i)}))
	}
	j.Note("", event(t, "", payment.EventNote, payment.Note{Terminal: "till-1", Text: "signed in"}))
	op := add(t, j, "op-1", approved(t, "op-1", 1250))
	if op.Prompt.Text != "4" || op.State != payment.Approved {
		t.Errorf("the operation ended as %s with prompt %q", op.State, op.Prompt.Text)
	}
	events, err := j.Events(t.Context(), "op-1")
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 8 || events[7].Kind != payment.EventResult || events[6].Kind != payment.EventPrompt {
		t.Errorf("%d events, the last of kind %s", len(events), events[len(events)-1].Kind)
	}
	of, err := j.Events(t.Context(), "")
	if err != nil || len(of) != 1 || of[0].Kind != payment.EventNote {
		t.Errorf("the terminals' events are %v, %v", of, err)
	}
	if err := j.Log(t.Context(), event(t, "", payment.EventNote, payment.Note{Text: "signed out"})); err != nil {
		t.Error(err)
	}
	sound(t, j, 10, 1)
}

func TestCloseWritesWhatIsQueued(t *testing.T) {
	j, path := till(t)
	create(t, j, operation("op-1"))
	j.Note("op-1", event(t, "op-1", payment.EventNote, payment.Note{Text: "at the last moment"}))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, err := j.Create(t.Context(), operation("op-2"))
	wantCode(t, err, payment.CodeJournal)
	j.Note("op-1", event(t, "op-1", payment.EventNote, payment.Note{Text: "too late"}))
	sound(t, open(t, path), 2, 1)
}

func TestGivenUpBeforeTheQueue(t *testing.T) {
	j, _ := till(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := j.Create(ctx, operation("op-1"))
	wantCode(t, err, payment.CodeJournal)
	sound(t, j, 0, 0)
}

func withCancel(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}
