package bench

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func taps(d Deed) bool { return d.Kind == DeedTap }

func nobody(time.Duration) Round { return Round{} }

func TestAwait(t *testing.T) {
	tap, plays := Deed{Kind: DeedTap, Card: "visa"}, Deed{Kind: DeedInsert, Card: "stripe"}
	closed := make(chan struct{})
	close(closed)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for name, one := range map[string]struct {
		ctx    context.Context
		limit  time.Duration
		look   func(time.Duration) Round
		pushed []Deed
		want   Deed
		err    error
		after  time.Duration
	}{
		"a person":               {limit: time.Minute, pushed: []Deed{{Kind: DeedKey, Key: "1"}, {}, tap}, want: tap},
		"nobody":                 {limit: time.Minute, err: ErrTimeout, after: time.Minute},
		"no time at all":         {limit: 0, pushed: []Deed{tap}, err: ErrTimeout},
		"a customer":             {limit: time.Minute, look: func(time.Duration) Round { return Round{Plays: true, Deed: plays, In: time.Second} }, want: plays, after: time.Second},
		"a customer at once":     {limit: time.Minute, look: func(time.Duration) Round { return Round{Plays: true, Deed: plays} }, pushed: []Deed{tap}, want: plays},
		"a customer for ever":    {limit: Forever, look: func(time.Duration) Round { return Round{Plays: true, Deed: plays, In: time.Hour} }, want: plays, after: time.Hour},
		"a person is faster":     {limit: time.Minute, look: func(time.Duration) Round { return Round{Plays: true, Deed: plays, In: time.Second} }, pushed: []Deed{tap}, want: tap},
		"a slow one, at the end": {limit: time.Minute, look: func(left time.Duration) Round { return Round{Plays: true, Deed: plays, In: min(left, time.Hour)} }, want: plays, after: time.Minute},
		"the till stops it":      {limit: time.Minute, look: func(time.Duration) Round { return Round{Stopped: closed} }, pushed: []Deed{tap}, err: ErrStopped},
		"the power goes":         {ctx: over, limit: Forever, pushed: []Deed{tap}, err: ErrGone},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if one.ctx == nil {
					one.ctx = t.Context()
				}
				if one.look == nil {
					one.look = nobody
				}
				q := NewDeeds()
				for _, d := range one.pushed {
					q.Push(d)
				}
				begin := time.Now()
				got, err := q.Await(one.ctx, one.limit, one.look, taps)
				if got != one.want || !errors.Is(err, one.err) || time.Since(begin) != one.after {
					t.Errorf("%+v, %v, after %v", got, err, time.Since(begin))
				}
			})
		})
	}
}

// What ends the waiting later ends it then.
func TestAwaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		q := NewDeeds()
		time.AfterFunc(time.Second, func() { close(stopped) })
		if _, err := q.Await(ctx, Forever, func(time.Duration) Round { return Round{Stopped: stopped} }, taps); !errors.Is(err, ErrStopped) {
			t.Error(err)
		}
		time.AfterFunc(time.Second, cancel)
		if _, err := q.Await(ctx, Forever, nobody, taps); !errors.Is(err, ErrGone) {
			t.Error(err)
		}
	})
}

// A wake has the customer looked at anew, and does not prolong the limit.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewDeeds()
		begin, rounds := time.Now(), 0
		time.AfterFunc(20*time.Second, q.Wake)
		time.AfterFunc(40*time.Second, q.Wake)
		_, err := q.Await(t.Context(), time.Minute, func(left time.Duration) Round {
			if want := time.Minute - time.Since(begin); left != want {
				t.Errorf("%v left, want %v", left, want)
			}
			rounds++
			return Round{}
		}, taps)
		if !errors.Is(err, ErrTimeout) || rounds != 3 || time.Since(begin) != time.Minute {
			t.Errorf("%v after %d rounds, %v", err, rounds, time.Since(begin))
		}
	})
}

func TestDeedsAreBounded(t *testing.T) {
	q := NewDeeds()
	for range maxDeeds {
		if !q.Push(Deed{Kind: DeedKey, Key: "1"}) {
			t.Fatal("it is full too early")
		}
	}
	if q.Push(Deed{Kind: DeedTap}) {
		t.Error("more wait than may")
	}
	if d, err := q.Once(t.Context(), time.Minute); err != nil || d.Key != "1" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := NewDeeds().Once(t.Context(), -time.Second); !errors.Is(err, ErrTimeout) {
		t.Errorf("a limit that is over: %v", err)
	}
}
