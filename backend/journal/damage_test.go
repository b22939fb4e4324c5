package journal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// exported is what can be read of a journal, and the fault that the export ended with.
func exported(t *testing.T, path string) (string, error) {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	if err != nil {
		return "", err
	}
	var lines bytes.Buffer
	err = j.Export(t.Context(), &lines)
	if e := j.Close(); e != nil {
		t.Error(e)
	}
	return lines.String(), err
}

// verdictOf is what Verify says; a file that cannot be opened is not sound.
func verdictOf(t *testing.T, path string) journal.Verdict {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	if err != nil {
		wantCode(t, err, payment.CodeJournal)
		return journal.Verdict{Faults: []string{err.Error()}}
	}
	v, err := j.Verify(t.Context())
	if err != nil {
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	return v
}

// refuses fails unless the journal is refused with a next step, unchanged.
func refuses(t *testing.T, what, path string) {
	t.Helper()
	before, log := content(t, path), content(t, path+"-wal")
	j, err := journal.Open(t.Context(), path, journal.Options{})
	if err == nil {
		t.Errorf("%s: it was opened", what)
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		return
	}
	wantCode(t, err, payment.CodeJournal)
	if says := payment.TextOf(err); !strings.Contains(says, "journal renew") || !strings.Contains(says, path) {
		t.Errorf("%s: no next step, or not the file: %q", what, says)
	}
	if !bytes.Equal(before, content(t, path)) || !bytes.Equal(log, content(t, path+"-wal")) {
		t.Errorf("%s: the files were changed", what)
	}
}

// TestTruncatedAnywhere: a file that has lost its end is refused, at every length,
// and what is left of it can be exported.
func TestTruncatedAnywhere(t *testing.T) {
	t.Parallel()
	path := written(t, 12)
	whole := content(t, path)
	all, err := exported(t, path)
	if err != nil {
		t.Fatal(err)
	}
	rescued := 0
	for _, length := range lengths(len(whole)) {
		if err := os.WriteFile(path, whole[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("%d bytes of %d", length, len(whole))
		refuses(t, what, path)
		if v := verdictOf(t, path); v.Sound() {
			t.Errorf("%s: sound: %+v", what, v)
		}
		got, err := exported(t, path)
		rescued = max(rescued, checkRescue(t, what, all, got, err))
	}
	if rescued == 0 {
		t.Error("nothing was ever rescued")
	}
}

// lengths are those around each end of a page and of a sector of the first one.
func lengths(whole int) (list []int) {
	for at := 0; at < whole; at += pageSize {
		for _, beside := range []int{0, 100, pageSize - 1} {
			list = append(list, min(at+beside, whole-1))
		}
	}
	return list
}

// checkRescue fails unless each rescued line is one of the journal's, in order, and
// the export says that some are missing when they are. It counts them.
func checkRescue(t *testing.T, what, all, got string, err error) (lines int) {
	t.Helper()
	rest := all
	for line := range strings.Lines(got) {
		var e payment.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Errorf("%s: exported %s: %v", what, line, err)
		}
		if journal.Hash(e) != e.Hash {
			continue // of a row that was cut its own hash tells
		}
		_, behind, found := strings.Cut(rest, line)
		if !found {
			t.Errorf("%s: exported, but not the journal's: %s", what, line)
			return lines
		}
		rest = behind
		lines++
	}
	if whole := strings.Count(all, "\n"); err == nil && lines < whole {
		t.Errorf("%s: %d events of %d exported without a word", what, lines, whole)
	}
	if err != nil {
		wantCode(t, err, payment.CodeJournal)
	}
	return lines
}

// TestABadPageInTheMiddle: an export goes on behind it, and names what is missing.
func TestABadPageInTheMiddle(t *testing.T) {
	t.Parallel()
	path := written(t, 12)
	all, err := exported(t, path)
	if err != nil {
		t.Fatal(err)
	}
	whole := content(t, path)
	behind := false
	for page := 1; page < len(whole)/pageSize; page++ {
		file := bytes.Clone(whole)
		fill(rand.New(rand.NewPCG(3, uint64(page))), file[page*pageSize:(page+1)*pageSize])
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("page %d", page)
		got, err := exported(t, path)
		lines := checkRescue(t, what, all, got, err)
		if err != nil && lines > 0 && strings.HasSuffix(all, lastLine(got)) {
			behind = true
			if says := payment.TextOf(err); !strings.Contains(says, "cannot be read: ") {
				t.Errorf("%s: it says %q", what, says)
			}
		}
		if v := verdictOf(t, path); v.Sound() {
			t.Errorf("%s is garbage, and the journal sound", what)
		}
	}
	if !behind {
		t.Error("no export went on behind a bad page")
	}
}

func lastLine(text string) string {
	text = strings.TrimSuffix(text, "\n")
	return text[strings.LastIndexByte(text, '\n')+1:] + "\n"
}

// TestFlippedBits: one bit of the file, in its header and everywhere else. What is
// refused stays as it was. What is opened records a sale, or says that it cannot; and
// a journal that is called sound has lost nothing.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	path := written(t, 12)
	whole := content(t, path)
	all, err := exported(t, path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(4, 4))
	bits := []int{}
	for at := 0; at < 100; at += 4 { // SQLite's header
		bits = append(bits, (at+random.IntN(4))*8+random.IntN(8))
	}
	for page := range len(whole) / pageSize {
		for range 2 {
			bits = append(bits, (page*pageSize+random.IntN(pageSize))*8+random.IntN(8))
		}
	}
	refused, unsound := 0, 0
	for _, bit := range bits {
		file := bytes.Clone(whole)
		file[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("bit %d of byte %d", bit%8, bit/8)
		sold, opened := sellOn(t, what, path, file)
		v := verdictOf(t, path)
		got, err := exported(t, path)
		switch {
		case !opened:
			refused++
		case !v.Sound():
			unsound++
		case err != nil || !strings.HasPrefix(got, all):
			t.Errorf("%s: sound, but the events are others (%v)", what, err)
		}
		if n := strings.Count(got, `"operation":"after"`); sold && v.Sound() && n != 3 {
			t.Errorf("%s: %d events of the sale that was recorded", what, n)
		}
		for _, suffix := range []string{"-wal", "-shm"} {
			if err := os.Remove(path + suffix); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d flipped bits: %d journals refused, %d called unsound, the rest whole", len(bits), refused, unsound)
	if refused == 0 || unsound == 0 {
		t.Error("the bits were not those that matter")
	}
}

// sellOn records a sale on a journal, if it can be opened.
func sellOn(t *testing.T, what, path string, file []byte) (sold, opened bool) {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{Now: clock})
	if err != nil {
		wantCode(t, err, payment.CodeJournal)
		if !bytes.Equal(file, content(t, path)) {
			t.Errorf("%s: refused, but changed", what)
		}
		return false, false
	}
	_, _, err = j.Create(t.Context(), operation("after"))
	if err == nil {
		_, _, err = j.Append(t.Context(), "after", attempt(t, "after", "99after"), approved(t, "after", 1250))
	}
	if err != nil && payment.CodeOf(err) != payment.CodeJournal {
		t.Errorf("%s: %v", what, err)
	}
	if e := j.Close(); e != nil && payment.CodeOf(e) != payment.CodeJournal {
		t.Errorf("%s: close: %v", what, e)
	}
	return err == nil, true
}

// TestFlippedBitsInTheLog: SQLite takes a bad frame for the end of the log and
// forgets what comes behind. Paydesk refuses instead, unless it was the last commit,
// which looks like one that a power cut tore.
func TestFlippedBitsInTheLog(t *testing.T) {
	t.Parallel()
	j, path := till(t)
	moments := saleMoments(t, j, path, "op-1")
	last, before := moments[len(moments)-1], moments[len(moments)-2]
	cut := filepath.Join(t.TempDir(), "journal.db")
	random := rand.New(rand.NewPCG(5, 5))
	for at := 0; at < len(last.log); at += 1 + random.IntN(1500) {
		log := bytes.Clone(last.log)
		log[at] ^= 1 << random.IntN(8)
		for suffix, file := range map[string][]byte{"": last.file, "-wal": log} {
			if err := os.WriteFile(cut+suffix, file, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		what := fmt.Sprintf("byte %d of %d", at, len(log))
		if at < len(before.log) {
			refuses(t, what, cut)
		}
		if v := verdictOf(t, cut); v.Sound() && v.Events != before.events {
			t.Errorf("%s: sound with %d events of %d", what, v.Events, last.events)
		}
		if err := os.Remove(cut + "-shm"); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}
