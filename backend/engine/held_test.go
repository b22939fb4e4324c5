package engine_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// displays sends as many display lines as no queue holds and counts what came back.
const displays = 100

// diskful is a journal whose disk may be full.
type diskful struct {
	*journal.Journal
	mu     sync.Mutex
	isFull bool
	create func() error // nil: as always
}

func (d *diskful) full(is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isFull = is
}

func (d *diskful) Append(c ctx, id string, events ...payment.Event) (payment.Operation, []payment.Verdict, error) {
	d.mu.Lock()
	isFull := d.isFull
	d.mu.Unlock()
	if isFull {
		return payment.Operation{}, nil, &payment.Error{Code: payment.CodeJournal, Text: "The disk is full."}
	}
	return d.Journal.Append(c, id, events...)
}

func (d *diskful) Create(c ctx, op payment.Operation, events ...payment.Event) (payment.Operation, bool, error) {
	if d.create != nil {
		if err := d.create(); err != nil {
			return payment.Operation{}, false, err
		}
	}
	return d.Journal.Create(c, op, events...)
}

// onDisk makes a till whose disk may be full.
func onDisk(t *testing.T, s *script) (*till, *diskful) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := journal.Open(t.Context(), path, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &diskful{Journal: j}
	x := &till{Engine: engine.New(engine.Options{Journal: d}), t: t, journal: j, script: s, path: path}
	if err := x.Add(t.Context(), engine.Terminal{Name: "one", Provider: s}, nil); err != nil {
		t.Fatal(err)
	}
	return x, d
}

// showing has the terminal show something many times and tells whether it ever ends.
func showing(to payment.Reporter) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		for range displays {
			to.Prompt(payment.Prompt{Code: payment.PromptWelcome, Text: "Welcome"})
		}
	}()
	return done
}

// A display is never held up by a disk that is full, and nothing that the terminal
// said meanwhile is lost (F-22, F-44, Seq13).
func TestDisplayWhileTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		x, disk := onDisk(t, s)
		defer x.close()
		shown, kept := make(chan struct{}), make(chan error, 1)
		s.plays(func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
			disk.full(true)
			go func() { kept <- to.Slip(c, slip()) }()
			time.Sleep(time.Second)
			<-showing(to)
			close(shown)
			return approval(r), nil
		})
		op := x.start(payment.Sale, 100, "")
		time.Sleep(time.Minute)
		select {
		case <-shown:
		default:
			t.Error("the displays wait for the disk")
		}
		select {
		case err := <-kept:
			t.Errorf("a slip was acknowledged that is not on the disk: %v", err)
		default:
		}
		disk.full(false)
		if err := <-kept; err != nil {
			t.Errorf("slip: %v", err)
		}
		x.ends(op.ID, payment.Approved, "")
		if got := x.stands(op.ID); got.State != payment.Approved || got.Slip(payment.MerchantCopy) == nil {
			t.Errorf("in the journal: %s, %d slips", got.State, len(got.Slips))
		}
	})
}

// After a form key came again, the terminal is never led to a conversation that nobody
// leads: its displays return and its slips are kept (F-15, F-22, F-44).
func TestRepeatedFormKeyHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves}
		x := newTill(t, s)
		defer x.close()
		first, err := x.Start(t.Context(), engine.Start{FormKey: "k", Amount: 100})
		if err != nil {
			t.Fatal(err)
		}
		x.ends(first.ID, payment.Approved, "")
		synctest.Wait()
		if _, err := x.Start(t.Context(), engine.Start{FormKey: "k", Amount: 100}); err != nil {
			t.Fatal(err)
		}
		shown := showing(s.deps.Inbound())
		time.Sleep(time.Hour)
		select {
		case <-shown:
		default:
			t.Error("a display blocks for ever")
		}
		if err := s.deps.Inbound().Slip(t.Context(), slip()); err != nil {
			t.Errorf("slip: %v", err)
		}
	})
}

// A slip that comes while the next payment cannot be recorded never waits for a
// conversation that does not begin (F-01, F-44).
func TestSlipBesideAnUnrecordedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves}
		x, disk := onDisk(t, s)
		defer x.close()
		x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		time.Sleep(time.Minute)
		recording, fails := make(chan struct{}), make(chan struct{})
		disk.create = func() error {
			close(recording)
			<-fails
			return errors.New("disk full")
		}
		started := make(chan error, 1)
		go func() {
			_, err := x.Start(t.Context(), engine.Start{Amount: 5})
			started <- err
		}()
		<-recording
		kept := make(chan error, 1)
		go func() { kept <- s.deps.Inbound().Slip(t.Context(), slip()) }()
		synctest.Wait()
		close(fails)
		if err := <-started; payment.CodeOf(err) != payment.CodeJournal {
			t.Errorf("started: %v", err)
		}
		time.Sleep(time.Minute)
		select {
		case err := <-kept:
			if err != nil {
				t.Errorf("slip: %v", err)
			}
		default:
			t.Error("the slip waits for ever")
		}
	})
}

// A slip that comes after the last words is never lost, nor put on an operation that
// has ended; nor is any later message (F-08, F-44).
func TestLateSlip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		time.Sleep(time.Minute)
		if err := s.deps.Inbound().Slip(t.Context(), slip()); err != nil {
			t.Errorf("slip: %v", err)
		}
		time.Sleep(5 * time.Hour)
		s.deps.Inbound().Message(payment.Message{In: true, Name: "DisplayRequest", Body: "hours later"})
		time.Sleep(time.Second)
		slips, messages := 0, 0
		strays, err := x.journal.Events(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range strays {
			switch e.Kind {
			case payment.EventSlip:
				slips++
			case payment.EventMessage:
				messages++
			}
		}
		if slips != 1 || messages != 1 {
			t.Errorf("%d slips and %d messages are kept with the terminal", slips, messages)
		}
		events, err := x.journal.Events(t.Context(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.At.Sub(op.EndedAt) >= time.Minute {
				t.Errorf("%s %s after the end stands in the operation", e.Kind, e.At.Sub(op.EndedAt))
			}
		}
	})
}

// A slip that the operation's own call hands over after the last words is never lost (F-44).
func TestLateSlipOfTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to payment.Reporter
		s := &script{sale: func(_ ctx, r payment.Request, given payment.Reporter) (payment.Result, error) {
			to = given
			return approval(r), nil
		}}
		x := newTill(t, s)
		defer x.close()
		x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		time.Sleep(time.Minute)
		if err := to.Slip(t.Context(), slip()); err != nil {
			t.Errorf("slip: %v", err)
		}
		strays, err := x.journal.Events(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range strays {
			if e.Kind == payment.EventSlip {
				return
			}
		}
		t.Error("it is not in the journal")
	})
}
