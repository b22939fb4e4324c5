package bench

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestLife(t *testing.T) {
	l := NewLife()
	var order []string
	started := l.Spawn(func() {
		<-l.Ctx.Done()
		order = append(order, "part")
	})
	if !started || l.Ended() {
		t.Fatal("a new life takes no part")
	}
	failed := errors.New("failed")
	err := l.End(func() error { order = append(order, "last"); return failed })
	if !errors.Is(err, failed) || !slices.Equal(order, []string{"part", "last"}) {
		t.Errorf("%v in order %v", err, order)
	}
	if l.Spawn(func() { t.Error("a part began after the end") }) || !l.Ended() {
		t.Error("it goes on")
	}
	if err := l.End(func() error { return failed }); err != nil {
		t.Errorf("a second end: %v", err)
	}
	if _, err := l.Listen("127.0.0.1:0", http.NotFoundHandler(), quiet().Logger, nil); err == nil {
		t.Error("it listens after the end")
	}
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLife()
		begin := time.Now()
		if !l.Sleep(nil, time.Hour) || time.Since(begin) != time.Hour || !l.Sleep(nil, 0) {
			t.Error("it does not sleep as long as it should")
		}
		done := make(chan struct{})
		close(done)
		if l.Sleep(done, time.Hour) {
			t.Error("it sleeps although it is done")
		}
		closes(t, ender{l})
		if l.Sleep(nil, time.Hour) || l.Sleep(nil, 0) {
			t.Error("it sleeps after the end")
		}
	})
}

type ender struct{ *Life }

func (e ender) Close() error { return e.End() }

func TestListen(t *testing.T) {
	l := NewLife()
	defer func() { closes(t, ender{l}) }()
	var away atomic.Bool
	address, err := l.Listen("127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := io.WriteString(w, "here"); err != nil {
			t.Error(err)
		}
	}), quiet().Logger, away.Load)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() (string, error) {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		r, err := client.Get("http://" + address)
		if err != nil {
			return "", err
		}
		defer func() { closes(t, r.Body) }()
		raw, err := io.ReadAll(r.Body)
		return string(raw), err
	}
	if got, err := ask(); err != nil || got != "here" {
		t.Errorf("%q, %v", got, err)
	}
	away.Store(true)
	if got, err := ask(); err == nil {
		t.Errorf("nobody is there, and says %q", got)
	}
	away.Store(false)
	if got, err := ask(); err != nil || got != "here" {
		t.Errorf("back again: %q, %v", got, err)
	}
	if _, err := l.Listen(address, http.NotFoundHandler(), quiet().Logger, nil); err == nil {
		t.Error("an address is taken twice")
	}
}

// TestEndWaitsForAnswers: what a request that is being answered writes down comes before
// the last part, not after the end.
func TestEndWaitsForAnswers(t *testing.T) {
	l := NewLife()
	begun := make(chan struct{})
	var order []string
	address, err := l.Listen("127.0.0.1:0", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done() // the connection is closed, and there is something left to do
		<-l.Ctx.Done()
		order = append(order, "answer")
	}), quiet().Logger, nil)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		if r, err := http.Get("http://" + address); err == nil {
			closes(t, r.Body)
		}
	}()
	<-begun
	if err := l.End(func() error { order = append(order, "last"); return nil }); err != nil {
		t.Error(err)
	}
	<-over
	if !slices.Equal(order, []string{"answer", "last"}) {
		t.Errorf("order %v", order)
	}
}

func TestLine(t *testing.T) {
	l := NewLine()
	cut := l.Cut()
	l.Plug(true)
	select {
	case <-cut:
		t.Fatal("a whole line is cut")
	default:
	}
	l.Plug(false)
	l.Plug(false)
	<-cut
	<-l.Cut()
	if l.Whole() {
		t.Error("a cut line is whole")
	}
	l.Plug(true)
	if !l.Whole() {
		t.Error("it was not mended")
	}
	<-cut // who held on to the old one knows that it was cut
}
