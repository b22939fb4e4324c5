package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Folder is the data folder: everything that Paydesk keeps.
type Folder string

// The files of the folder.
const (
	journalFile = "journal.db"
	logFile     = "paydesk.log"
	lockFile    = "lock"
	holderFile  = "lock.json" // who holds the lock
	windowFile  = "window.json"
	choicesFile = "choices.json"    // what was chosen last on the pages
	ledgerFile  = "%s-ledger.jsonl" // of a practice terminal
	webFolder   = "web"             // what the window's engine writes
	practiceDir = "practice"
)

// FolderAt gives the folder of dir, or of the system's place for settings where
// dir is empty; with practice the one below it that holds no real money.
func FolderAt(dir string, practice bool) (Folder, error) {
	if dir == "" {
		home, err := os.UserConfigDir()
		if err != nil {
			return "", &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
				Text: "The system does not say where settings are kept. Name a data folder with --data."}
		}
		dir = filepath.Join(home, "paydesk")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	if practice {
		dir = filepath.Join(dir, practiceDir)
	}
	return Folder(dir), nil
}

// Make creates the folder, for its owner alone.
func (f Folder) Make() error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
			Text: fmt.Sprintf("The data folder %s cannot be made, so nothing can be recorded and no payment is started. Check the rights of that folder, or name another one with --data.", f)}
	}
	return nil
}

func (f Folder) file(name string) string { return filepath.Join(string(f), name) }

// Journal is the journal's file.
func (f Folder) Journal() string { return f.file(journalFile) }

// fresh tells that no journal was begun yet. A log without its journal is none.
func (f Folder) fresh() bool {
	for _, suffix := range beside {
		if _, err := os.Stat(f.Journal() + suffix); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// Log is the file of the log.
func (f Folder) Log() string { return f.file(logFile) }

// Ledger is the file of a practice terminal's bookings.
func (f Folder) Ledger(provider string) string { return f.file(fmt.Sprintf(ledgerFile, provider)) }
