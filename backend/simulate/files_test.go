package simulate

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// copyJournal copies the database and its write-ahead log, the former first: what
// is folded from the log into it meanwhile stands in both.
func copyJournal(path string) (string, error) {
	folder, err := os.MkdirTemp(filepath.Dir(filepath.Dir(path)), "till")
	if err != nil {
		return "", err
	}
	copied := filepath.Join(folder, filepath.Base(path))
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(copied+suffix, path+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return copied, nil
}

func copyFile(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	target, err := os.Create(to)
	if err != nil {
		return errors.Join(err, source.Close())
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, source.Close(), target.Close())
}

// quickFolder is one in memory where the system has such a thing: whether a disk
// keeps what it was told to keep is not what is tested here. Empty: the usual one.
func quickFolder() string {
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); err == nil && info.IsDir() {
		return memory
	}
	return ""
}
