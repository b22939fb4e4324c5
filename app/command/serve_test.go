package command_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice"
)

// TestServePrintsOneAddressAndEndsOnASignal: a visitor gets in by the printed line,
// sees that it is practice, and the program ends in order.
func TestServePrintsOneAddressAndEndsOnASignal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, "serve", "--data", dir, "--practice", "--listen", "127.0.0.1:0")
	if pad := await(t, server.out, "pinpad "); !strings.HasPrefix(pad, "pinpad nexo http://127.0.0.1:") {
		t.Errorf("pin pad: %s", pad)
	}
	address := await(t, server.out, "/enter?token=")
	if !strings.HasPrefix(address, "http://127.0.0.1:") || strings.ContainsAny(address, " \t") {
		t.Fatalf("the address is %q", address)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	visitor := &http.Client{Jar: jar}
	page := func(address string) (int, string) {
		t.Helper()
		reply, err := visitor.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		body, err := io.ReadAll(reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply.StatusCode, string(body)
	}
	base, _, _ := strings.Cut(address, "/enter")
	if status, _ := page(base + "/"); status != http.StatusForbidden {
		t.Errorf("before the token: %d", status)
	}
	if status, _ := page(address); status != http.StatusOK {
		t.Errorf("the token: %d", status)
	}
	if next := await(t, server.out, "/enter?token="); next == address {
		t.Error("a used address is printed again")
	}
	if status, body := page(base + "/"); status != http.StatusOK || !strings.Contains(body, "TEST") {
		t.Errorf("the till: %d %s", status, body)
	}
	if err := server.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for server.out.Scan() { // to its end
	}
	for server.said.Scan() {
	}
	if err := server.command.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if status, out, said := run(t, "recover", "--data", dir, "--practice"); status != 0 {
		t.Errorf("the folder afterwards: %d %s%s", status, out, said)
	}
}

// TestSignatureInLightMode: only the till calls, and a refused signature is undone.
func TestSignatureInLightMode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ledger := dir + "/ledger.jsonl"
	terminal := start(t, "practice", "nexo", "--customer", "signature", "--ledger", ledger, "--pace", "0", "--cooldown", "-1s")
	address := strings.TrimPrefix(await(t, terminal.out, "terminal "), "terminal http://")
	if status, _, said := run(t, "terminal", "add", "desk", "--data", dir, "--provider", "nexo",
		"--set", "address="+address, "--set", "poiid=KASSA-01", "--set", "mode=light"); status != 0 {
		t.Fatal(said)
	}
	if status, out, said := run(t, "terminal", "test", "desk", "--data", dir); status != 0 || !strings.Contains(out, "answers") {
		t.Errorf("test: %d %s%s", status, out, said)
	}
	yes := money(t, 0, "sale", "--data", dir, "--amount", "10", "--signature", "yes")
	no := money(t, 3, "sale", "--data", dir, "--amount", "20", "--signature", "no")
	if yes.Card.CVM != "signature" || no.Reason != "signature_refused" || no.Authorised != 0 {
		t.Errorf("%+v\n%+v", yes, no)
	}
	if sums := charged(t, ledger); len(sums) != 1 || sums[yes.References.Terminal] != 1000 {
		t.Errorf("the terminal charged %v", sums)
	}
}

// TestAnInterruptAsksTheTerminalToStop: the terminal's answer decides.
func TestAnInterruptAsksTheTerminalToStop(t *testing.T) {
	t.Parallel()
	till := start(t, "sale", "--data", t.TempDir(), "--practice", "--customer", "walks-away", "--amount", "10")
	await(t, till.said, "Present card")
	if err := till.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	await(t, till.said, "Asking the terminal to stop")
	await(t, till.said, "Cancelled: sale 1")
	for till.said.Scan() { // to its end
	}
	for till.out.Scan() {
	}
	var ended *exec.ExitError
	if err := till.command.Wait(); !errors.As(err, &ended) || ended.ExitCode() != 3 {
		t.Errorf("it ended with %v", err)
	}
}

// TestWayInIsSaidAtOnce: adding a terminal whose results arrive from outside says what
// does not work without a way in, and testing one with a way in tries it.
func TestWayInIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ledger := dir + "/ledger.jsonl"
	terminal := start(t, "practice", "netpay", "--customer", "chip-pin", "--ledger", ledger, "--pace", "0")
	address := strings.TrimPrefix(await(t, terminal.out, "terminal "), "terminal http://")
	kind, err := practice.Find("netpay")
	if err != nil {
		t.Fatal(err)
	}
	add := func(more ...string) string {
		args := []string{"terminal", "add", "caja", "--data", dir, "--provider", "netpay"}
		for key, value := range kind.Settings(address) {
			switch key {
			case "listen":
				continue
			case "auth-string", "password":
				path := filepath.Join(dir, key)
				if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
					t.Fatal(err)
				}
				value = "@" + path
			}
			args = append(args, "--set", key+"="+value)
		}
		status, _, said := run(t, append(args, more...)...)
		if status != 0 {
			t.Fatal(said)
		}
		return said
	}
	if said := add(); !strings.Contains(said, "No way in: nothing from outside can reach terminal caja") || !strings.Contains(said, "settled by hand") {
		t.Errorf("without a way in: %s", said)
	}
	if status, out, said := run(t, "terminal", "test", "caja", "--data", dir); status != 0 || !strings.Contains(out, "answers") || !strings.Contains(said, "No way in") {
		t.Errorf("test without a way in: %d %s%s", status, out, said)
	}
	listen := freePort(t)
	if said := add("--set", "listen="+listen); !strings.Contains(said, "Results are to be delivered to: http://"+listen+"/") || strings.Contains(said, "No way in") {
		t.Errorf("with a way in: %s", said)
	}
	if status, out, said := run(t, "terminal", "test", "caja", "--data", dir); status != 0 || !strings.Contains(out, "A test delivery to http://"+listen+"/") {
		t.Errorf("test with a way in: %d %s%s", status, out, said)
	}
	add("--set", "listen="+listen, "--set", "callback-url=http://"+freePort(t))
	if status, _, said := run(t, "terminal", "test", "caja", "--data", dir); status != 1 || !strings.Contains(said, "arrives here") {
		t.Errorf("test with a way that leads nowhere: %d %s", status, said)
	}
}
