package command_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// processLimit bounds every process of these tests; one that takes so long hangs.
const processLimit = 90 * time.Second

var program string

// TestMain builds the program once, or takes the one that PAYDESK_BIN names.
func TestMain(m *testing.M) { os.Exit(withProgram(m)) }

func withProgram(m *testing.M) int {
	if err := os.Setenv("PAYDESK_KEYCHAIN", "off"); err != nil { // the keychain is the developer's own
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	program = os.Getenv("PAYDESK_BIN")
	if program != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "paydesk-command-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system clears its folder too
	program = filepath.Join(dir, "paydesk")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "github.com/paydesk-till/paydesk")
	if said, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, said)
		return 1
	}
	return m.Run()
}

// answer is what --json prints.
type answer struct {
	Operation, Kind, State, Reason, Terminal, Account, Currency, Original string
	Requested, Authorised, Tip, Cashback                                  int64
	Card                                                                  struct{ Brand, Masked, Entry, CVM string }
	References                                                            struct {
		Ours, Terminal, RRN string
		AuthCode            string `json:"auth_code"`
	}
}

// run runs the program to its end.
func run(t testing.TB, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), processLimit)
	defer cancel()
	var out, said bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Stdout, command.Stderr = &out, &said
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatalf("%v: %v", args, err)
	}
	return command.ProcessState.ExitCode(), out.String(), said.String()
}

// money runs a money command with --json and reads its answer.
func money(t testing.TB, want int, args ...string) answer {
	t.Helper()
	status, stdout, stderr := run(t, append(args, "--json")...)
	if status != want {
		t.Fatalf("%v: exit status %d, want %d\n%s%s", args, status, want, stdout, stderr)
	}
	var a answer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil {
		t.Fatalf("%v: %v in %q", args, err, stdout)
	}
	return a
}

// child is a program that runs beside the test.
type child struct {
	command *exec.Cmd
	out     *bufio.Scanner
	said    *bufio.Scanner
}

func start(t testing.TB, args ...string) *child {
	t.Helper()
	command := exec.Command(program, args...)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(processLimit, func() { _ = command.Process.Kill() })
	end := sync.OnceFunc(func() {
		guard.Stop()
		_ = command.Process.Kill() // it may have ended already
		_ = command.Wait()         // its status is that of the kill
	})
	t.Cleanup(end)
	return &child{command: command, out: bufio.NewScanner(out), said: bufio.NewScanner(said)}
}

// await reads lines until one holds text, and returns it.
func await(t testing.TB, lines *bufio.Scanner, text string) string {
	t.Helper()
	var seen []string
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return lines.Text()
		}
		seen = append(seen, lines.Text())
	}
	t.Fatalf("no line says %q: %v\n%s", text, lines.Err(), strings.Join(seen, "\n"))
	return ""
}

// press does something at a pin pad.
func press(t testing.TB, pinpad, name, value string) {
	t.Helper()
	reply, err := http.PostForm(pinpad+"/0/do", url.Values{"name": {name}, "value": {value}})
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(reply.Body)
		t.Fatalf("%s %s: status %d %s", name, value, reply.StatusCode, body)
	}
}

// The ports that freePort gives: below those that the system hands to outgoing
// connections, so that none of these takes one meanwhile.
const (
	lowestPort = 20_000
	ports      = 12_000
)

var portsDrawn atomic.Int64

// freePort is an address of this computer that nobody else is given.
func freePort(t testing.TB) string {
	t.Helper()
	for range ports {
		address := fmt.Sprintf("127.0.0.1:%d", lowestPort+(int64(os.Getpid())*97+portsDrawn.Add(1))%ports)
		if socket, err := net.Listen("tcp", address); err == nil {
			_ = socket.Close() // it was only tried
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// charged lists what stands charged in a practice terminal's ledger: the newest
// record of each booking counts, and a reversal takes back what it names.
func charged(t testing.TB, ledger string) map[string]int64 {
	t.Helper()
	text, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		var records []booked
		if strings.HasPrefix(line, "{") {
			line = "[" + line + "]" // Poynt's has lists of them
		}
		if err := json.Unmarshal([]byte(line), &records); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, r := range records {
			delete(sums, r.Booking.ID)
			delete(sums, r.Reverses)
			delete(sums, r.Cancels)
			if r.Booking.Charged {
				sums[r.Booking.ID] = r.Booking.Amount
			}
		}
	}
	return sums
}

// booked is one record of a ledger.
type booked struct {
	Booking struct {
		ID      string `json:"id"`
		Charged bool   `json:"charged"`
		Amount  int64  `json:"amount"`
	} `json:"booking"`
	Reverses string `json:"reverses"` // nexo
	Cancels  string `json:"cancels"`  // NetPay
}

// padShows waits until a practice terminal's page shows a text.
func padShows(ctx context.Context, pinpad, text string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, pinpad+"/0/stream", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "<p>"+text+"</p>") {
			return true
		}
	}
	return false
}
