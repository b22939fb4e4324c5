package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// asideFolder is where a damaged journal is kept, below the data folder.
const asideFolder = "damaged-20060102T150405Z" // a time's layout

// beside are the files of a journal, in the order in which they are moved: a log
// without its journal is never opened, but a journal without its log would be.
var beside = []string{"", "-wal", "-shm"}

// Renewed tells what became of a damaged journal.
type Renewed struct {
	Kept      string              // the folder in which it is now
	Terminals []string            // those that the new journal has from it
	Open      []payment.Operation // those without an outcome, which the new journal does not know
	Unread    []string            // what could not be read of it
}

// Renew puts a damaged journal aside and begins a new one with its terminals, so
// that the shop can sell. A journal that is sound, or another program's, or of a
// newer Paydesk, is left alone: the error has CodeConflict, or is that of opening it.
func Renew(ctx context.Context, f Folder, now time.Time) (r Renewed, err error) {
	lock, err := TakeLock(f, "puts a damaged journal aside", now)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if err := mustRenew(ctx, f); err != nil {
		return r, err
	}
	terminals := r.salvage(ctx, f)
	if r.Kept, err = putAside(f, now); err != nil {
		return r, &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
			Text: fmt.Sprintf("The damaged journal cannot be put aside, so no payment is started. Check the rights of %s and the space on its disk, then try again.", f)}
	}
	j, err := journal.Open(ctx, f.Journal(), journal.Options{})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	for _, t := range terminals {
		if err := j.PutTerminal(ctx, t); err != nil {
			return r, fmt.Errorf("take over terminal %s: %w", t.Name, err)
		}
		r.Terminals = append(r.Terminals, t.Name)
	}
	// The head that is kept outside belongs to the old journal.
	if err := ReadSeal(ctx, f, j).Accept(ctx, "paydesk journal renew", "the damaged journal was put aside as "+filepath.Base(r.Kept)); err != nil {
		return r, fmt.Errorf("keep the head of the new journal: %w", err)
	}
	return r, nil
}

// mustRenew fails unless the folder's journal is damaged.
func mustRenew(ctx context.Context, f Folder) error {
	j, err := journal.Open(ctx, f.Journal(), journal.Options{})
	if errors.Is(err, journal.ErrDamaged) {
		return nil
	}
	if err != nil {
		return err
	}
	verdict, err := j.Verify(ctx)
	if err := errors.Join(err, j.Close()); err != nil {
		return err
	}
	if verdict.Sound() {
		return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
			Text: fmt.Sprintf("The journal is sound, so it stays in use (%s). Nothing was changed.", f.Journal())}
	}
	return nil
}

// salvage reads what the new journal needs, as far as it can be read.
func (r *Renewed) salvage(ctx context.Context, f Folder) (terminals []journal.Terminal) {
	j, err := Read(ctx, f)
	if err != nil {
		r.Unread = []string{"the terminals", "what was under way"}
		return nil
	}
	defer func() { _ = j.Close() }() // it was only read
	if terminals, err = j.Terminals(ctx); err != nil {
		r.Unread = append(r.Unread, "the terminals")
	}
	if r.Open, err = j.Open(ctx); err != nil {
		r.Unread = append(r.Unread, "what was under way")
	}
	return terminals
}

// putAside moves the journal's files into a folder of their own.
func putAside(f Folder, now time.Time) (string, error) {
	folder := f.file(now.UTC().Format(asideFolder))
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	for _, suffix := range beside {
		to := filepath.Join(folder, journalFile+suffix)
		if _, err := os.Lstat(to); err == nil {
			return "", fmt.Errorf("%s is there already", to)
		}
		if err := os.Rename(f.Journal()+suffix, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return folder, nil
}
