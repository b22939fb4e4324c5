package trial

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// lineBuffer is how many lines of a program may wait to be read by its test.
const lineBuffer = 256

// till is a running program on a data folder of its own, with practice terminals.
type till struct {
	*testing.T
	program string
	data    string
	cmd     *exec.Cmd
	lines   chan string   // what it prints, on both outputs
	ended   chan struct{} // closed when it has ended
	failure error         // how it ended; read it after ended is closed
	mu      sync.Mutex
	said    []string // all lines so far, for a failing test's report
	pad     *pad
	address string // lets the first visitor in; empty for a window
}

// serve starts `paydesk serve` for a browser.
func serve(t *testing.T) *till {
	t.Helper()
	return serveOn(t, t.TempDir())
}

// serveOn serves the till of a data folder.
func serveOn(t *testing.T, data string) *till {
	t.Helper()
	s := start(t, program(t), data, nil, "serve", "--practice", "--listen", "127.0.0.1:0")
	s.pad = newPad(t, s.after("pinpad nexo "))
	s.address = "http://" + s.after("http://")
	return s
}

// start starts a program on a data folder and ends it with the test.
func start(t *testing.T, program, data string, environment []string, arguments ...string) *till {
	t.Helper()
	s := &till{T: t, program: program, data: data, lines: make(chan string, lineBuffer), ended: make(chan struct{})}
	s.cmd = exec.Command(program, append(arguments, "--data", data)...)
	s.cmd.Env = append(os.Environ(), environment...)
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdout, s.cmd.Stderr = w, w
	if err := s.cmd.Start(); err != nil {
		t.Fatal("start the program:", err)
	}
	_ = w.Close() // the program has its own
	go s.listen(out)
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Logf("the program said:\n%s", strings.Join(s.said, "\n"))
		}
	})
	return s
}

// listen reads what the program prints until it ends.
func (s *till) listen(out io.ReadCloser) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		s.mu.Lock()
		s.said = append(s.said, lines.Text())
		s.mu.Unlock()
		select {
		case s.lines <- lines.Text():
		default: // nobody reads them any more
		}
	}
	_ = out.Close()
	s.failure = s.cmd.Wait()
	close(s.ended)
}

// after awaits a line with a beginning and gives the rest of it.
func (s *till) after(beginning string) string {
	s.Helper()
	late := time.After(patience)
	for {
		select {
		case line := <-s.lines:
			if rest, found := strings.CutPrefix(line, beginning); found {
				return rest
			}
		case <-s.ended:
			s.Fatalf("the program ended (%v) before it said %q", s.failure, beginning)
		case <-late:
			s.Fatalf("the program did not say %q", beginning)
		}
	}
}

// signal sends a signal to the program.
func (s *till) signal(what os.Signal) {
	s.Helper()
	if err := s.cmd.Process.Signal(what); err != nil {
		s.Error("signal the program:", err)
	}
}

// wait awaits the program's end and gives its exit status.
func (s *till) wait() int {
	s.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.Error("the program did not end")
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
	return s.cmd.ProcessState.ExitCode()
}

// stop ends the program politely; it must end well.
func (s *till) stop() {
	s.Helper()
	select {
	case <-s.ended:
		return // the test has seen to it
	default:
	}
	s.signal(syscall.SIGTERM)
	if status := s.wait(); status != 0 {
		s.Errorf("the program ended with %d after SIGTERM", status)
	}
}

// operation is one line of `paydesk journal list --json`.
type operation struct {
	Operation, Kind, State, Reason, Original string
	Requested, Authorised                    int64
}

// journal lists the operations, newest first, as the program tells them while the
// till runs.
func (s *till) journal() []operation {
	s.Helper()
	out, err := exec.Command(s.program, "journal", "list", "--json", "--practice", "--data", s.data).Output()
	if err != nil {
		s.Fatal("journal list:", err)
	}
	var list []operation
	if err := json.Unmarshal(out, &list); err != nil {
		s.Fatalf("journal list: %v\n%s", err, out)
	}
	return list
}

// recorded asserts the states of all operations, newest first, and an intact chain.
func (s *till) recorded(states ...string) {
	s.Helper()
	var got []string
	for _, op := range s.journal() {
		got = append(got, op.Kind+" "+op.State)
	}
	if strings.Join(got, ", ") != strings.Join(states, ", ") {
		s.Errorf("the journal has %q, want %q", got, states)
	}
	if out, err := exec.Command(s.program, "journal", "verify", "--practice", "--data", s.data).CombinedOutput(); err != nil {
		s.Errorf("journal verify: %v\n%s", err, out)
	}
}
