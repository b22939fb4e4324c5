package journal_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// What a child process of these tests is told, and the limit of its time.
const (
	callsPath  = "PAYDESK_JOURNAL_TEST_CALLS" // of its journal
	callsLog   = "CALLS_LOG"                  // where testdata/calls.c writes the calls down
	callsStop  = "CALLS_STOP"                 // before which call it ends the process
	callsLimit = 30 * time.Second
)

// promised is the letter between those of the calls: a write has been promised.
const promised = "p"

// TestMain makes the binary a child where it is told to be.
func TestMain(m *testing.M) {
	if path := os.Getenv(callsPath); path != "" {
		if err := sellOnce(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// sellOnce begins a journal, takes a sale and closes it; after each write that was
// promised it says so in the log of the calls.
func sellOnce(path string) error {
	log, err := os.OpenFile(os.Getenv(callsLog), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	ctx := context.Background()
	j, err := journal.Open(ctx, path, journal.Options{Now: clock})
	if err != nil {
		return err
	}
	say := func(err error) error {
		if err == nil {
			_, err = log.WriteString(promised)
		}
		return err
	}
	const id = "op-1"
	_, _, err = j.Create(ctx, operation(id))
	if err := say(err); err != nil {
		return err
	}
	for _, one := range []struct {
		kind payment.EventKind
		data any
	}{
		{payment.EventAttempt, payment.Attempt{Number: 1, Reference: "99" + id, At: noon}},
		{payment.EventSlip, payment.Slip{Copy: payment.MerchantCopy, Text: strings.Repeat("a line of the slip\n", 300)}},
		{payment.EventResult, payment.Result{Outcome: payment.Success, Currency: "SEK", Authorised: 1250}},
	} {
		e, err := payment.NewEvent(id, noon, one.kind, one.data)
		if err == nil {
			_, _, err = j.Append(ctx, id, e)
		}
		if err := say(err); err != nil {
			return err
		}
	}
	return j.Close()
}

// watched runs the child with its calls written down, and ends it before one of them
// (0: never). It returns the calls, and whether it was ended.
func watched(t *testing.T, library, path string, stop int) (calls string, ended bool) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "calls")
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), "LD_PRELOAD="+library, callsPath+"="+path, callsLog+"="+log, callsStop+"="+strconv.Itoa(stop))
	var said bytes.Buffer
	command.Stderr = &said
	guard := time.AfterFunc(callsLimit, func() { _ = command.Process.Kill() })
	err := command.Run()
	guard.Stop()
	state, _ := command.ProcessState.Sys().(syscall.WaitStatus)
	if ended = state.Signaled() && state.Signal() == syscall.SIGKILL; err != nil && !ended {
		t.Fatalf("the child: %v %s", err, said.String())
	}
	return string(content(t, log)), ended
}

// preload builds testdata/calls.c.
func preload(t *testing.T) string {
	t.Helper()
	library := filepath.Join(t.TempDir(), "calls.so")
	said, err := exec.CommandContext(t.Context(), "cc", "-shared", "-fPIC", "-O1", "-o", library, "testdata/calls.c", "-ldl").CombinedOutput()
	if err != nil {
		t.Skipf("no C compiler to watch the calls with: %v %s", err, said)
	}
	return library
}

// TestPromisedIsSynced: between the last byte of a write and the promise that it is
// kept, the disk was told to keep it.
func TestPromisedIsSynced(t *testing.T) {
	t.Parallel()
	calls, _ := watched(t, preload(t), filepath.Join(t.TempDir(), "journal.db"), 0)
	promises := strings.Split(calls, promised)
	if len(promises) != 5 {
		t.Fatalf("%d promises in %q", len(promises)-1, calls)
	}
	for i, before := range promises[:4] {
		if !strings.HasSuffix(strings.TrimRight(before, "t"), "s") || !strings.Contains(before, "w") {
			t.Errorf("promise %d came after these calls: %q", i+1, before)
		}
	}
}

// TestKilledAtEveryCall ends a process before every single write, truncation and
// after every sync of its journal, from the journal's first byte to its closing. What
// was promised is there, and the journal is whole.
func TestKilledAtEveryCall(t *testing.T) {
	t.Parallel()
	library := preload(t)
	for stop := 1; ; stop++ {
		path := filepath.Join(t.TempDir(), "journal.db")
		calls, ended := watched(t, library, path, stop)
		if !ended {
			if stop < 50 {
				t.Errorf("only %d calls: %s", stop, calls)
			}
			t.Logf("ended at each of %d calls", stop-1)
			return
		}
		j, err := journal.Open(t.Context(), path, journal.Options{Now: clock})
		if err != nil {
			t.Fatalf("call %d (%s): %v", stop, calls, err)
		}
		v, err := j.Verify(t.Context())
		kept := int64(strings.Count(calls, promised))
		if err != nil || !v.Sound() || v.Events < kept || v.Events > kept+1 {
			t.Errorf("call %d (%s): %d events were promised: %+v, %v", stop, calls, kept, v, err)
		}
		sell(t, j, operation("after"))
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}
