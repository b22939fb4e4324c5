package journal_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// childPath makes TestKilled the process that sells on the journal at its value.
const childPath = "PAYDESK_JOURNAL_TEST_CHILD"

// child sells without end, and prints the id of each sale when the journal has
// promised to keep it.
func child(t *testing.T, path string) {
	j := open(t, path)
	for i := 0; ; i++ {
		id := fmt.Sprintf("op-%06d", i)
		sell(t, j, operation(id))
		if _, err := fmt.Println(id); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKilled: another process sells, this one reads beside it, then kills it.
// Nothing that was promised is missing.
func TestKilled(t *testing.T) {
	if path := os.Getenv(childPath); path != "" {
		child(t, path)
	}
	for round := range 3 {
		path := filepath.Join(t.TempDir(), "journal.db")
		promised := kill(t, path, 20+30*round)
		j := open(t, path)
		v, err := j.Verify(t.Context())
		if err != nil || !v.Sound() {
			t.Fatalf("after the kill: %+v, %v", v, err)
		}
		for _, id := range promised {
			if op, err := j.Operation(t.Context(), id); err != nil || op.State != payment.Approved {
				t.Errorf("promised %s is in state %q, %v", id, op.State, err)
			}
		}
	}
}

// kill lets a process sell so many times, then ends it, and returns what it promised.
func kill(t *testing.T, path string, sales int) (promised []string) {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
	command.Env = append(os.Environ(), childPath+"="+path)
	var faults strings.Builder
	command.Stderr = &faults
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		promised = append(promised, lines.Text())
		switch len(promised) {
		case sales / 2:
			beside(t, path, promised)
		case sales:
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := command.Wait(); err == nil || len(promised) < sales {
		t.Fatalf("the process ended by itself after %d sales: %v %s", len(promised), err, faults.String())
	}
	return promised
}

// beside reads while the other process writes.
func beside(t *testing.T, path string, promised []string) {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := j.Verify(t.Context()); err != nil || !v.Sound() || v.Operations < int64(len(promised)) {
		t.Errorf("beside the writer: %+v, %v", v, err)
	}
	for _, id := range promised {
		if _, err := j.Operation(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestTwoWriters cannot be, because the till locks its folder. If it happens all the
// same, the one that is behind fails, reads the end of the chain anew and goes on.
func TestTwoWriters(t *testing.T) {
	one, path := till(t)
	two := open(t, path)
	sell(t, one, operation("op-1"))
	_, _, err := two.Append(t.Context(), "op-1", event(t, "op-1", payment.EventNote, payment.Note{Text: "x"}))
	wantCode(t, err, payment.CodeJournal)
	if op := add(t, two, "op-1", event(t, "op-1", payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy})); op.Prints != 1 {
		t.Errorf("printed %d times", op.Prints)
	}
	_, _, err = one.Append(t.Context(), "op-1", event(t, "op-1", payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy}))
	wantCode(t, err, payment.CodeJournal)
	if op := add(t, one, "op-1", event(t, "op-1", payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy})); op.Prints != 2 {
		t.Errorf("printed %d times", op.Prints)
	}
	sound(t, one, 5, 1)
}
