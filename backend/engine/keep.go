package engine

import (
	"context"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The rhythm of a terminal at rest.
const (
	keepEvery   = 60 * time.Second // proof of life of an idle terminal
	signInLimit = 15 * time.Second // one sign-in (nexo-retailer.md 2.5)
)

// signInAgain are the pauses while a terminal does not sign in; the last repeats
// (nexo-retailer.md 5.4).
var signInAgain = []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second}

// keep signs in and looks whether the terminal is alive, only while it is idle
// (F-23): never after a restart with something open, since signing in may reset a
// running payment (nexo-retailer.md 5.4).
func (w *worker) keep() {
	failures := 0
	for {
		pause := keepEvery
		if release, ok := w.hold(); ok {
			err := w.attend(w.ctx)
			release()
			switch {
			case err == nil:
				failures = 0
			case w.ctx.Err() != nil:
				return
			default:
				pause = signInAgain[min(failures, len(signInAgain)-1)]
				failures++
				w.missed(err)
			}
		}
		select {
		case <-w.ctx.Done():
			return
		case <-w.updates.wake:
		case <-time.After(pause):
		}
	}
}

// hold keeps conversations from starting to send. ok is false while one is open.
func (w *worker) hold() (release func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.keeping:
	default:
		return nil, false
	}
	if w.openTalk() != nil || w.leaving || w.ctx.Err() != nil {
		return nil, false
	}
	quiet := make(chan struct{})
	w.keeping = quiet
	return func() { close(quiet) }, true
}

// quiet waits until no sign-in or ping is under way.
func (w *worker) quiet(ctx context.Context) {
	w.mu.Lock()
	keeping := w.keeping
	w.mu.Unlock()
	select {
	case <-keeping:
	case <-ctx.Done():
	}
}

// quietLimit is how long a till that closes waits for that: the rest of its time is for
// the sign-out and for what is closed after the terminals.
const quietLimit = 3 * time.Second

func (w *worker) quietWithin(ctx context.Context, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	w.quiet(ctx)
}

func (w *worker) attend(ctx context.Context) error {
	switch w.nextUpdate() {
	case updateUnder:
		return nil
	case updateLet:
		w.signOut(ctx)
		return nil
	}
	if w.signer != nil && w.maySignIn() {
		return w.signIn(ctx, session{w})
	}
	if w.pinger == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, w.clocks().Status)
	defer cancel()
	err := w.pinger.Ping(ctx, session{w})
	if payment.CodeOf(err) == payment.CodeNotSignedIn && err != nil {
		w.setSignedIn(false)
		return w.signIn(ctx, session{w})
	}
	return err
}

func (w *worker) signIn(ctx context.Context, to payment.Reporter) error {
	ctx, cancel := context.WithTimeout(ctx, signInLimit)
	defer cancel()
	if err := w.signer.SignIn(ctx, to); err != nil {
		return err
	}
	w.setSignedIn(true)
	w.seen()
	return nil
}

// signOut ends the session, with maintenance allowed (nexo-retailer.md 5.5).
func (w *worker) signOut(ctx context.Context) {
	if w.signer == nil || !w.isSignedIn() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, signInLimit)
	defer cancel()
	if err := w.signer.SignOut(ctx, true, session{w}); err != nil {
		w.e.log.Info("sign out", "terminal", w.name, "error", err)
	}
	w.setSignedIn(false)
}

// Test signs in, or asks for a sign of life, and tells what went wrong.
func (e *Engine) Test(ctx context.Context, terminal string) error {
	w, err := e.worker(terminal)
	if err != nil {
		return err
	}
	w.quiet(ctx)
	release, ok := w.hold()
	if !ok {
		return conflict("The terminal is in use: it is not disturbed for a test. Try again in a moment.")
	}
	defer release()
	if err := w.attend(ctx); err != nil {
		w.missed(err)
		return err
	}
	return nil
}

// maySignIn tells whether a sign-in is due and disturbs nothing. What only a manager
// says is over may still run at the terminal, and signing in would reset it
// (nexo-retailer.md 5.4): then only a terminal that says that it has no session is
// signed in to.
func (w *worker) maySignIn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.signedIn && w.watched == 0
}

func (w *worker) isSignedIn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.signedIn
}

func (w *worker) setSignedIn(in bool) {
	w.mu.Lock()
	w.signedIn = in
	w.mu.Unlock()
}
