package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gofrs/flock"
)

// maxLine is the longest line of a book, in bytes, its end included.
const maxLine = 1 << 20

// ErrInUse says that another practice terminal has the book open.
var ErrInUse = errors.New("another practice terminal has this ledger open; stop that one first, or name another file")

// Book is a file of JSON lines, to which each line is durable before anybody
// hears of it. One process has it at a time. A Book without a file keeps nothing.
// Its owner lets one caller in at a time.
type Book struct {
	path string
	file *os.File // nil: none, or closed
	lock *flock.Flock
	size int64 // end of the last whole line
}

// OpenBook opens the file at path, or makes it, and has read see every line. A last
// line that was torn by a crash was never answered and counts as not written; it is
// cut off. Any other line that read refuses is an error. An empty path is no file.
// Where another practice terminal has the file, the error is ErrInUse.
func OpenBook(path string, read func(line []byte) error) (*Book, error) {
	b := &Book{path: path}
	if path == "" {
		return b, nil
	}
	// The lock is a file of its own: where locks are binding, a locked ledger could
	// not be read by a person.
	b.lock = flock.New(path+".lock", flock.SetPermissions(0o600))
	taken, err := b.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the practice ledger %s: %w", path, err)
	}
	if !taken {
		return nil, fmt.Errorf("opening the practice ledger %s: %w", path, ErrInUse)
	}
	if b.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the practice ledger: %w", err), b.lock.Unlock())
	}
	if err := b.load(read); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Book) load(read func(line []byte) error) error {
	r := bufio.NewReaderSize(b.file, maxLine)
	for number := 1; ; number++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading line %d of the ledger %s: %w", number, b.path, err)
		}
		if err := read(bytes.TrimSpace(line)); err != nil {
			return fmt.Errorf("line %d of the ledger %s is damaged: %w", number, b.path, err)
		}
		b.size += int64(len(line))
	}
	if err := b.file.Truncate(b.size); err != nil {
		return fmt.Errorf("cutting a torn line off the ledger %s: %w", b.path, err)
	}
	return nil
}

// Append writes a line durably. After an error nothing is written.
func (b *Book) Append(value any) error {
	if b.path == "" {
		return nil
	}
	if b.file == nil {
		return fmt.Errorf("writing the practice ledger %s: %w", b.path, os.ErrClosed)
	}
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing a line of the practice ledger: %w", err)
	}
	line = append(line, '\n')
	if len(line) > maxLine {
		return fmt.Errorf("a line of %d bytes is above the ledger's limit of %d", len(line), maxLine)
	}
	if _, err = b.file.WriteAt(line, b.size); err == nil {
		err = b.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the practice ledger: %w", err), b.file.Truncate(b.size))
	}
	b.size += int64(len(line))
	return nil
}

// Close gives the file free. It may be called more than once; nothing can be
// written afterwards.
func (b *Book) Close() error {
	if b.file == nil {
		return nil
	}
	err := errors.Join(b.file.Close(), b.lock.Unlock())
	b.file = nil
	if err != nil {
		return fmt.Errorf("closing the practice ledger: %w", err)
	}
	return nil
}
