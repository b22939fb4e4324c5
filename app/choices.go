package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"sync"

	"github.com/paydesk-till/paydesk/frontend"
)

// What is kept of choices at most: beyond, a file is nonsense.
const (
	maxKept     = 200 // terminals
	maxKeptID   = 200 // bytes of a terminal's name and of an account
	maxKeptFile = 128 << 10
)

// choices keeps what was chosen last on the pages in the data folder.
type choices struct {
	folder   Folder
	mu       sync.Mutex
	accounts map[string]string // by terminal
}

var _ frontend.Choices = (*choices)(nil)

// choicesText is the file.
type choicesText struct {
	Accounts map[string]string `json:"accounts"`
}

// newChoices reads what is kept. A file that is missing or makes no sense keeps nothing.
func newChoices(f Folder) *choices {
	c := &choices{folder: f, accounts: map[string]string{}}
	text, err := os.ReadFile(f.file(choicesFile))
	var stored choicesText
	if err != nil || len(text) > maxKeptFile || json.Unmarshal(text, &stored) != nil {
		return c
	}
	for terminal, account := range stored.Accounts {
		if len(c.accounts) < maxKept && keepable(terminal, account) {
			c.accounts[terminal] = account
		}
	}
	return c
}

func keepable(terminal, account string) bool {
	return terminal != "" && account != "" && len(terminal) <= maxKeptID && len(account) <= maxKeptID
}

// Accounts gives what is kept.
func (c *choices) Accounts() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.accounts)
}

// KeepAccount keeps the account that was chosen on a terminal. The old file stands
// until the new one is whole.
func (c *choices) KeepAccount(terminal, account string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.accounts[terminal] == account {
		return nil
	}
	if !keepable(terminal, account) || len(c.accounts) >= maxKept {
		return fmt.Errorf("keep the account of terminal %.40q: too many or too long", terminal)
	}
	next := maps.Clone(c.accounts)
	next[terminal] = account
	text, err := json.Marshal(choicesText{Accounts: next})
	if err != nil {
		return fmt.Errorf("keep the account of terminal %s: %w", terminal, err)
	}
	file := c.folder.file(choicesFile)
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return fmt.Errorf("keep the account of terminal %s: %w", terminal, err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		gone := os.Remove(file + ".new")
		if errors.Is(gone, fs.ErrNotExist) {
			gone = nil
		}
		return fmt.Errorf("keep the account of terminal %s: %w", terminal, errors.Join(err, gone))
	}
	c.accounts = next
	return nil
}
