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

// tear leaves in the copy, which was made before a write, what a cut in the middle of
// that write leaves: some of the bytes that it put into the write-ahead log, the last
// of them perhaps spoilt. It tells whether there were any.
func tear(copied, full string, n uint64) (bool, error) {
	before, err := os.ReadFile(copied + "-wal")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	after, err := os.ReadFile(full + "-wal")
	if err != nil {
		return false, err
	}
	from, to := 0, len(after)
	for from < min(len(before), len(after)) && before[from] == after[from] {
		from++
	}
	for to <= len(before) && to > from && before[to-1] == after[to-1] {
		to--
	}
	if from >= to {
		return false, nil
	}
	end := from + int(n%uint64(to-from))
	torn := append([]byte(nil), before...)
	if end > len(torn) {
		torn = append(torn, make([]byte, end-len(torn))...)
	}
	copy(torn[from:end], after[from:end])
	if n = mix(n); n%2 == 0 {
		for i := max(from, end-int(n%sector)); i < end; i++ {
			torn[i] ^= byte(mix(n + uint64(i)))
		}
	}
	return true, os.WriteFile(copied+"-wal", torn, 0o600)
}

// sector is what a disk writes as a whole.
const sector = 512
