package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// An approval that has been read already is never thrown away because the till stops (F-14).
func TestAnswerAtStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: func(c ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			<-c.Done()
			return approval(r), nil
		}})
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		if err := x.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := x.stands(op.ID); got.State != payment.Approved || got.Authorised != 100 {
			t.Errorf("%s, authorised %d", got.State, got.Authorised)
		}
		if err := x.journal.Close(); err != nil {
			t.Error(err)
		}
	})
}

// leaver is a terminal whose sign-out the test plays, and whose limits it may hold back.
type leaver struct {
	*script
	out  func()
	held <-chan struct{}
}

func (l leaver) Open(_ ctx, _ string, _ payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	l.deps = deps
	return l, nil
}

func (l leaver) SignOut(context.Context, bool, payment.Reporter) error {
	l.out()
	return nil
}

func (l leaver) Limits() payment.Limits {
	if l.held != nil {
		<-l.held
	}
	return l.Info().Limits
}

// A payment never begins on a terminal that is being signed out of (F-11, F-23).
func TestStartWhileSigningOut(t *testing.T) {
	for name, leave := range map[string]func(x *till) error{
		"close":  func(x *till) error { return x.Close(context.Background()) },
		"remove": func(x *till) error { return x.Remove(context.Background(), "two") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{sale: hangs}
				x := newTill(t, s)
				defer x.close()
				slow := leaver{script: s, out: func() { time.Sleep(10 * time.Second) }}
				if err := x.Add(t.Context(), engine.Terminal{Name: "two", Provider: slow}, nil); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				left := make(chan error, 1)
				go func() { left <- leave(x) }()
				time.Sleep(time.Second)
				op, err := x.Start(t.Context(), engine.Start{Amount: 100, Terminal: "two"})
				if err == nil {
					t.Errorf("operation %d was started", op.Number)
				} else if payment.SentOf(err) != payment.SentNo || payment.TextOf(err) == "" {
					t.Errorf("no sentence that nothing was sent: %v", err)
				}
				if err := <-left; err != nil {
					t.Error(err)
				}
				if n := s.count(&s.sales); n != 0 {
					t.Errorf("%d sales were sent", n)
				}
			})
		})
	}
}

// Nothing is ever started on a closed engine: nobody would lead it (F-01).
func TestStartAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: hangs}
		x := newTill(t, s)
		synctest.Wait()
		if err := x.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if op, err := x.Start(t.Context(), engine.Start{Amount: 100}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("operation %d is %s, %v", op.Number, op.State, err)
		}
		synctest.Wait()
		open, err := x.journal.Open(t.Context())
		if err != nil || len(open) != 0 || s.count(&s.sales) != 0 {
			t.Errorf("open %+v, %v, %d sales", open, err, s.count(&s.sales))
		}
		if err := x.journal.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A payment that was on its way to a terminal when that was removed is never sent,
// nor left open with nobody to lead it (F-01).
func TestStartWhileRemoving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{})
		s := &script{sale: hangs}
		x := newTill(t, &script{})
		defer x.close()
		slow := leaver{script: s, held: held, out: func() { close(held); time.Sleep(5 * time.Second) }}
		if err := x.Add(t.Context(), engine.Terminal{Name: "two", Provider: slow}, nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		started := make(chan error, 1)
		go func() {
			_, err := x.Start(context.Background(), engine.Start{Amount: 100, Terminal: "two"})
			started <- err
		}()
		synctest.Wait() // it has found its terminal and reads what that can do
		if err := x.Remove(t.Context(), "two"); err != nil {
			t.Fatal(err)
		}
		if err := <-started; payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("started: %v", err)
		}
		open, err := x.journal.Open(t.Context())
		if err != nil || len(open) != 0 || s.count(&s.sales) != 0 {
			t.Errorf("open %+v, %v, %d sales", open, err, s.count(&s.sales))
		}
	})
}

// An open payment of a terminal that nobody drives any more never stands for ever,
// out of a manager's reach (F-01, F-02, F-04).
func TestOrphans(t *testing.T) {
	for name, paid := range map[string]bool{"settled as paid": true, "settled as not paid": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTill(t, &script{sale: hangs})
				op := x.start(payment.Sale, 100, "")
				synctest.Wait()
				x.close()

				j, err := journal.Open(t.Context(), x.path, journal.Options{})
				if err != nil {
					t.Fatal(err)
				}
				y := &till{Engine: engine.New(engine.Options{Journal: j}), t: t, journal: j, path: x.path}
				defer y.close()
				if err := y.Add(t.Context(), engine.Terminal{Name: "two", Provider: &script{sale: approves}}, nil); err != nil {
					t.Fatal(err)
				}
				if _, err := y.Settle(t.Context(), op.ID, payment.Settlement{Operator: "boss", Why: "report"}); payment.CodeOf(err) != payment.CodeConflict {
					t.Errorf("settled before it was in doubt: %v", err)
				}
				for range 2 { // the second time it is in doubt already
					list, err := y.Orphans(t.Context())
					if err != nil || len(list) != 1 || list[0].ID != op.ID || list[0].State != payment.InDoubt {
						t.Fatalf("%+v, %v", list, err)
					}
				}
				if got := y.stands(op.ID); got.State != payment.InDoubt {
					t.Errorf("in the journal: %s", got.State)
				}
				y.settle(op.ID, paid)
				want := map[bool]payment.State{true: payment.Approved, false: payment.Declined}[paid]
				y.ends(op.ID, want, payment.ReasonSettled)
				if list, err := y.Orphans(t.Context()); err != nil || len(list) != 0 {
					t.Errorf("still there: %+v, %v", list, err)
				}
			})
		})
	}
}

// What a terminal has open that is driven is never put in doubt as an orphan, and
// never settled before its terminal was asked (F-02, F-07).
func TestDrivenIsNoOrphan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: hangs})
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		if list, err := x.Orphans(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := x.Settle(t.Context(), op.ID, payment.Settlement{Operator: "boss", Why: "report"}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("settled: %v", err)
		}
		if got := x.stands(op.ID); got.State == payment.InDoubt || got.State.Final() {
			t.Errorf("it is %s", got.State)
		}
	})
}

// mute is a terminal that answers no sign of life.
type mute struct{ payment.Terminal }

func (m mute) Ping(c context.Context, _ payment.Reporter) error {
	<-c.Done()
	return c.Err()
}

// muted is a terminal that answers neither a sign of life nor a sign-in, if it has one.
type muted struct {
	*script
	signs bool
}

func (m muted) Open(_ ctx, _ string, _ payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	m.deps = deps
	m.signIn = func(c context.Context) error {
		<-c.Done()
		return c.Err()
	}
	if m.signs {
		return m.script, nil
	}
	return mute{m.script}, nil
}

// A terminal that does not answer keeps nobody from closing the till, and leaves time
// for what is closed after it: the head of the journal's chain.
func TestCloseOfAMuteTerminal(t *testing.T) {
	for signs, most := range map[bool]time.Duration{false: 0, true: 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			x := newTill(t, &script{})
			if err := x.Add(t.Context(), engine.Terminal{Name: "mute", Provider: muted{&script{}, signs}}, nil); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			begun := time.Now()
			closing, cancel := context.WithTimeout(context.Background(), 8*time.Second)
			defer cancel()
			if err := x.Close(closing); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took > most {
				t.Errorf("signing in: %t, it took %s", signs, took)
			}
			if err := x.journal.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
