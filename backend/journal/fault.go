package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// fault makes the error of a write that leaves the package: a sentence for a person,
// and for the log what was attempted. An error with a code of its own passes
// unchanged. Whether anything was sent is for the caller to say: the journal does
// not know.
func fault(attempt string, err error) error {
	return explain("This cannot be recorded", "Paydesk takes no payment that it cannot record.", attempt, err)
}

// unread makes the error of a read that leaves the package.
func unread(attempt string, err error) error {
	return explain("The journal cannot be read", "Nothing was changed in it.", attempt, err)
}

func explain(what, so, attempt string, err error) error {
	var known *payment.Error
	if errors.As(err, &known) {
		return err
	}
	why, next := cause(err)
	text := fmt.Sprintf("%s: %s. %s %s", what, why, next, so)
	if why == "" {
		text, err = damaged, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return &payment.Error{Code: payment.CodeJournal, Text: text, Err: fmt.Errorf("journal: %s: %w", attempt, err)}
}

// cause says what is wrong and what to do; nothing for a file that is damaged.
func cause(err error) (why, next string) {
	var e sqlite3.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "it was given up before it was done", "Try again."
	case !errors.As(err, &e):
		return "the journal gave an error", "Look into the log, or ask for help with it."
	}
	switch e.Code {
	case sqlite3.ErrFull:
		return "the disk is full", "Free some space, then try again."
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen, sqlite3.ErrAuth:
		return unwritable, "Give Paydesk the right to write there, then try again."
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return "", ""
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return "another program holds the journal", "Close it, then try again."
	case sqlite3.ErrIoErr:
		return "the disk reports an error", "Check the disk and its cable or network, then try again."
	}
	return "the journal gave an error", "Look into the log, or ask for help with it."
}

// ErrDamaged is in every error about a file that cannot be used because of what
// became of it, and never will be: only a new journal helps.
var ErrDamaged = errors.New("damaged")

// spoilt is the error of such a file.
func spoilt(text string, err error) error {
	return refused(text, fmt.Errorf("journal: %w: %w", ErrDamaged, err))
}

// unwritable is a folder, or a file in it, that Paydesk may not write.
const unwritable = "the data folder cannot be written to"

// The sentences about a file that cannot be used. None of them changes it.
const (
	damaged = "The journal is damaged. Nothing was changed in it, and Paydesk takes no payment on it. What was paid stands in the terminal's own report. \"paydesk journal renew\" puts the journal aside and begins a new one, so that you can sell; \"paydesk journal verify\" and \"export\" read what can still be read."
	foreign = "The journal's file belongs to another program. Nothing was changed in it. Choose another data folder."
	empty   = "The journal's file is empty, so what was in it is lost. Nothing was changed. What was paid stands in the terminal's own report. Bring back a backup, or begin a new journal with \"paydesk journal renew\"."
	orphan  = "The journal's file is gone, but its write-ahead log is there. Nothing was changed. Bring the file back, or begin a new journal with \"paydesk journal renew\"."
	gone    = "This cannot be recorded: the journal's file is no longer in the data folder. Paydesk takes no payment that it cannot record. Bring the folder back as it was, then try again."
	newer   = "The journal was written by a newer Paydesk. Nothing was changed in it. Start the newer Paydesk, or choose another data folder."
	older   = "The journal was written by an older Paydesk. Start Paydesk once to bring it up to date, then try again."
	missing = "There is no journal in the data folder yet. Start Paydesk once to begin one."
	locked  = "The journal is open for reading only. Nothing was changed in it."
	shut    = "The journal is closed, because Paydesk is ending. Nothing was recorded."
	broken  = "This does not fit what the journal holds, so it was not recorded. Look into the log, or ask for help with it."
	unknown = "There is no such operation. Check the number, or look for it in the history."
)

func refused(text string, err error) error {
	return &payment.Error{Code: payment.CodeJournal, Text: text, Err: err}
}

// named adds which file an error about opening it is about.
func named(path string, err error) error {
	var known *payment.Error
	if !errors.As(err, &known) {
		return err
	}
	e := *known
	e.Text += " (" + path + ")"
	return &e
}

// refusedFolder is the error of a file that cannot be made, named or removed.
func refusedFolder(attempt string, err error) error {
	return refused("This cannot be recorded: "+unwritable+". Give Paydesk the right to write there, then try again.",
		fmt.Errorf("journal: %s: %w", attempt, err))
}

// unsent adds what only Create knows: what was never begun was never sent.
func unsent(err error) error {
	var known *payment.Error
	if !errors.As(err, &known) {
		return err
	}
	e := *known
	e.Sent = payment.SentNo
	return &e
}

// misfit is the error of a request that can never be recorded as it is: a fault in
// the program, not in the disk.
func misfit(err error) error {
	return &payment.Error{Code: payment.CodeInternal, Text: broken, Err: fmt.Errorf("journal: %w", err)}
}

func notFound(what string) error {
	return &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: unknown, Err: fmt.Errorf("journal: no operation %q", what)}
}
