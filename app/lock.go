package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Holder tells which process has the data folder, and for what.
type Holder struct {
	PID   int       `json:"pid"`
	Doing string    `json:"doing"` // "shows the window"
	Since time.Time `json:"since"`
}

// Lock keeps other processes of Paydesk from the folder. It is taken before
// anything is opened: a second till on the same journal would ask the same
// terminal about the same payments.
type Lock struct {
	folder Folder
	flock  *flock.Flock
}

// TakeLock takes the folder's lock. Where another process has it, the error has
// CodeConflict and says which.
func TakeLock(f Folder, doing string, now time.Time) (*Lock, error) {
	if err := f.Make(); err != nil {
		return nil, err
	}
	file := flock.New(f.file(lockFile), flock.SetPermissions(0o600))
	taken, err := file.TryLock()
	if err != nil {
		return nil, &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
			Text: fmt.Sprintf("The data folder %s cannot be written, so nothing can be recorded and no payment is started. Check its rights, or name another one with --data.", f)}
	}
	if !taken {
		return nil, &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
			Text: fmt.Sprintf("Paydesk is already running with this data folder (%s): %s. Nothing was started. Use that one, or close it first.", f, f.holder())}
	}
	l := &Lock{folder: f, flock: file}
	if err := l.sign(doing, now); err != nil {
		return nil, errors.Join(err, l.Release())
	}
	return l, nil
}

// sign writes down who has the lock. It stands beside the lock because a locked
// file cannot be read on every system.
func (l *Lock) sign(doing string, now time.Time) error {
	text, err := json.Marshal(Holder{PID: os.Getpid(), Doing: doing, Since: now.UTC()})
	if err != nil {
		return fmt.Errorf("write down who has the data folder: %w", err)
	}
	if err := os.WriteFile(l.folder.file(holderFile), text, 0o600); err != nil {
		return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
			Text: fmt.Sprintf("The data folder %s cannot be written, so nothing can be recorded and no payment is started. Check its rights and the space on its disk.", l.folder)}
	}
	return nil
}

// Release gives the folder free. The lock's file stays: removing it would let two
// processes hold locks on two files of the same name.
func (l *Lock) Release() error {
	if err := os.Remove(l.folder.file(holderFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.Join(fmt.Errorf("forget who has the data folder: %w", err), l.flock.Unlock())
	}
	if err := l.flock.Unlock(); err != nil {
		return fmt.Errorf("release the data folder: %w", err)
	}
	return nil
}

// Locked tells whether a process has the folder now, and which.
func (f Folder) Locked() (who string, locked bool) {
	if _, err := os.Stat(f.file(lockFile)); err != nil {
		return "", false
	}
	file := flock.New(f.file(lockFile))
	free, err := file.TryLock()
	if err != nil || !free {
		return f.holder(), true
	}
	_ = file.Unlock() // taken a moment ago by ourselves
	return "", false
}

// holder words who has the lock, as far as that was written down.
func (f Folder) holder() string {
	text, err := os.ReadFile(f.file(holderFile))
	var h Holder
	if err != nil || json.Unmarshal(text, &h) != nil || h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d, which %s since %s", h.PID, h.Doing, h.Since.Local().Format("15:04:05"))
}
