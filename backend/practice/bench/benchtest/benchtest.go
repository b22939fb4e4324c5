// Package benchtest is for the tests of practice terminals: a network in memory, and
// a practice terminal in a process of its own, to be killed. Like bench it knows no
// protocol, and nothing but tests may import it.
package benchtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// setupEnv makes the test binary a practice terminal.
const setupEnv = "PAYDESK_PRACTICE_TEST"

// Listener is a practice terminal, as far as a process of its own needs it.
type Listener interface {
	Listen(address string) (string, error)
}

// Main runs the tests, or, in a process that Process has started, the terminal that
// start makes of the setup.
func Main(m *testing.M, start func(setup []string) (Listener, error)) {
	text, child := os.LookupEnv(setupEnv)
	if !child {
		os.Exit(m.Run())
	}
	address, err := listen(strings.Split(text, "|"), start)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(address)
	select {}
}

func listen(setup []string, start func([]string) (Listener, error)) (string, error) {
	terminal, err := start(setup)
	if err != nil {
		return "", err
	}
	return terminal.Listen("127.0.0.1:0")
}

// Process starts the terminal that Main makes of the setup in a process of its own.
// It returns where the terminal listens, and what kills the process.
func Process(t testing.TB, setup ...string) (address string, kill func()) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), setupEnv+"="+strings.Join(setup, "|"))
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the terminal's process printed no address")
	}
	return lines.Text(), func() {
		if err := command.Process.Kill(); err != nil {
			t.Error(err)
		}
		if err := command.Wait(); err == nil {
			t.Error("a killed process ended well")
		}
	}
}

// Wire is a network in memory: a request becomes a call of the handler, and a
// handler that cuts the line becomes ErrCut.
type Wire struct{ Handler http.Handler }

// ErrCut is what a request meets whose connection the handler broke.
var ErrCut = errors.New("the connection broke")

// RoundTrip carries one request.
func (w Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	rec := httptest.NewRecorder()
	served := make(chan bool, 1)
	go func() {
		whole := false
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				panic(p)
			}
			served <- whole
		}()
		in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
		in.Header = r.Header.Clone()
		w.Handler.ServeHTTP(rec, in)
		whole = true
	}()
	select {
	case whole := <-served:
		if !whole {
			return nil, ErrCut
		}
		return rec.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
