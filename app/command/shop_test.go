package command_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// shop is a data folder, a practice terminal in a process of its own, and the wire
// between them. The terminal lives on when the till is killed.
type shop struct {
	data, ledger, pinpad string
	wire                 *wire
}

func newShop(t testing.TB, mode, customer string, settings ...string) *shop {
	t.Helper()
	s := &shop{data: t.TempDir()}
	s.ledger = filepath.Join(s.data, "ledger.jsonl")
	listen := freePort(t)
	s.wire = newWire(t, listen)
	terminal := start(t, "practice", "nexo", "--customer", customer, "--till", s.wire.toTill.URL, "--ledger", s.ledger, "--pace", "0", "--cooldown", "-1s")
	address := s.wire.connect(t, strings.TrimPrefix(await(t, terminal.out, "terminal "), "terminal http://"))
	s.pinpad = strings.TrimPrefix(await(t, terminal.out, "pinpad "), "pinpad ")
	go func() {
		for terminal.said.Scan() { // nobody reads its log; a full pipe would stop it
		}
	}()
	add := []string{"terminal", "add", "desk", "--data", s.data, "--provider", "nexo",
		"--set", "address=" + address, "--set", "poiid=KASSA-01", "--set", "mode=" + mode, "--set", "listen=" + listen}
	for _, one := range settings {
		add = append(add, "--set", one)
	}
	if status, _, said := run(t, add...); status != 0 {
		t.Fatal(said)
	}
	return s
}

// till is a run of the program that may be killed.
type till struct {
	command   *exec.Cmd
	out, said bytes.Buffer
	gone      chan struct{}
}

// begin starts the program in the shop.
func (s *shop) begin(t testing.TB, args ...string) *till {
	t.Helper()
	r := &till{gone: make(chan struct{})}
	r.command = exec.Command(program, append(slices.Clone(args), "--data", s.data)...)
	r.command.Stdout, r.command.Stderr = &r.out, &r.said
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(processLimit, func() { _ = r.command.Process.Kill() })
	go func() {
		_ = r.command.Wait() // how it ended is read from its state
		guard.Stop()
		close(r.gone)
	}()
	return r
}

// kill ends it as nothing else does, and returns when it is gone.
func (r *till) kill() {
	_ = r.command.Process.Signal(syscall.SIGKILL) // it may have ended already
	<-r.gone
}

// killed tells whether it was.
func (r *till) killed() bool {
	<-r.gone
	status, ok := r.command.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// look reads the shop's journal beside everything else.
func (s *shop) look(t testing.TB, do func(*journal.Journal)) {
	t.Helper()
	j, err := journal.Open(t.Context(), filepath.Join(s.data, "journal.db"), journal.Options{ReadOnly: true})
	if err != nil {
		t.Error(err)
		return
	}
	do(j)
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// head is how many events the journal holds.
func (s *shop) head(t testing.TB) (seq int64) {
	t.Helper()
	s.look(t, func(j *journal.Journal) {
		var err error
		if seq, _, err = j.Head(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return seq
}

// killAfter kills the till as soon as the journal holds an event of that number,
// and tells how many it then holds. It looks without a pause: each commit is a step.
func (s *shop) killAfter(t testing.TB, r *till, event int64) (reached int64) {
	t.Helper()
	s.look(t, func(j *journal.Journal) {
		for {
			seq, _, err := j.Head(t.Context())
			if err == nil && seq >= event {
				r.kill()
				return
			}
			select {
			case <-r.gone:
				return
			default:
				runtime.Gosched()
			}
		}
	})
	return s.head(t)
}

// settle waits until a till that is held up has put on the disk what it knows: lines
// of the display are kept back a little, to share a commit.
func (s *shop) settle(t testing.TB) {
	t.Helper()
	s.look(t, func(j *journal.Journal) {
		first, _, err := j.Head(t.Context())
		if err != nil {
			t.Error(err)
		}
		enough, again := time.After(keptBack), time.NewTicker(keptBack/20)
		defer again.Stop()
		for seq := first; seq == first; {
			select {
			case <-again.C:
			case <-enough:
				return
			}
			if seq, _, err = j.Head(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// keptBack is longer than the journal keeps back what nobody waits for.
const keptBack = 300 * time.Millisecond

// operations are those with a number above a given one, oldest first.
func (s *shop) operations(t testing.TB, above int64) (list []payment.Operation) {
	t.Helper()
	s.look(t, func(j *journal.Journal) {
		ops, err := j.Operations(t.Context(), payment.Query{Limit: 10})
		if err != nil {
			t.Error(err)
		}
		for _, op := range slices.Backward(ops) {
			if op.Number > above {
				list = append(list, op)
			}
		}
	})
	return list
}

// newest is the number of the newest operation.
func (s *shop) newest(t testing.TB) int64 {
	t.Helper()
	if list := s.operations(t, 0); len(list) > 0 {
		return list[len(list)-1].Number
	}
	return 0
}

// sound has the journal checked.
func (s *shop) sound(t testing.TB) (verdict journal.Verdict) {
	t.Helper()
	s.look(t, func(j *journal.Journal) {
		var err error
		if verdict, err = j.Verify(t.Context()); err != nil || !verdict.Sound() {
			t.Errorf("the journal: %+v, %v", verdict, err)
		}
	})
	return verdict
}

// charged is what stands charged at the terminal.
func (s *shop) charged(t testing.TB) map[string]int64 { return charged(t, s.ledger) }

// recover runs `paydesk recover`, and returns its status and what it dealt with.
func (s *shop) recover(t testing.TB, wait string) (status int, found []answer) {
	t.Helper()
	status, out, said := run(t, "recover", "--json", "--wait", wait, "--signature", "no", "--data", s.data)
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Errorf("recover: %d %v\n%s%s", status, err, out, said)
	}
	return status, found
}

// serve opens the till with its pages, waits until nothing is open, and ends it.
func (s *shop) serve(t testing.TB) {
	t.Helper()
	r := s.begin(t, "serve", "--listen", "127.0.0.1:0")
	s.look(t, func(j *journal.Journal) {
		for {
			open, err := j.Open(t.Context())
			if err == nil && len(open) == 0 {
				return
			}
			select {
			case <-r.gone:
				t.Errorf("serve ended: %s", r.said.String())
				return
			default:
				runtime.Gosched()
			}
		}
	})
	if err := r.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Error(err)
	}
	<-r.gone
}

// matches compares what the journal says of operations with what the terminal's
// ledger says has changed meanwhile, and words what it found.
func (s *shop) matches(t testing.TB, step string, ops []payment.Operation, before map[string]int64) string {
	t.Helper()
	want := maps.Clone(before)
	states := []string{}
	for _, op := range ops {
		states = append(states, string(op.Kind)+" "+string(op.State))
		if !op.State.Final() {
			t.Errorf("%s: %s %d has no outcome: %s", step, op.Kind, op.Number, op.State)
		}
		if op.State != payment.Approved {
			continue
		}
		if op.Authorised != op.Requested {
			t.Errorf("%s: %s %d: %d asked for, %d authorised", step, op.Kind, op.Number, op.Requested, op.Authorised)
		}
		if op.Kind == payment.Void {
			delete(want, op.References.Terminal)
			continue
		}
		want[op.References.Terminal] = op.Authorised
	}
	now := s.charged(t)
	if !maps.Equal(now, want) {
		t.Errorf("%s: the till says %v; the terminal charged %v, want %v", step, states, now, want)
	}
	if len(states) == 0 {
		return "not begun"
	}
	return strings.Join(states, ", ")
}
