package bench

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

// keeper is a practice terminal that has a ledger open and does nothing else.
type keeper struct{ *Life }

func (k keeper) Listen(address string) (string, error) {
	return k.Life.Listen(address, http.NotFoundHandler(), quiet().Logger, nil)
}

func TestMain(m *testing.M) {
	benchtest.Main(m, func(setup []string) (benchtest.Listener, error) {
		l, err := OpenLedger(setup[0], entryRules)
		if err != nil {
			return nil, err
		}
		return keeper{NewLife()}, l.Book(entry{ID: "theirs"})
	})
}

// A ledger belongs to one process, and to nobody once that was killed.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	_, kill := benchtest.Process(t, path)
	if _, err := OpenLedger(path, entryRules); !errors.Is(err, ErrInUse) {
		t.Errorf("while another process has it: %v", err)
	}
	kill()
	l := ledgerAt(t, path, entryRules)
	if _, ok := l.Get("theirs"); !ok {
		t.Error("what the other process booked is gone")
	}
	closes(t, l)
}
