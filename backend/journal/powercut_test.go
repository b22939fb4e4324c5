package journal_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The layout of a write-ahead log (SQLite's file format, 4).
const (
	logHeader   = 32
	frameHeader = 24
	pageSize    = 4096
	frameSize   = frameHeader + pageSize
	sectorSize  = 512 // of which a disk writes each whole or not at all
)

// moment is what lies on the disk once a write was promised.
type moment struct {
	file, log []byte
	events    int64
}

func momentOf(t *testing.T, j *journal.Journal, path string) moment {
	t.Helper()
	seq, _, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return moment{content(t, path), content(t, path+"-wal"), seq}
}

// saleMoments takes a sale with the commits of a real one, and looks after each.
func saleMoments(t *testing.T, j *journal.Journal, path, id string) []moment {
	t.Helper()
	moments := []moment{momentOf(t, j, path)}
	slip := payment.Slip{Copy: payment.MerchantCopy, Text: strings.Repeat("a line of the slip\n", 60)}
	create(t, j, operation(id))
	moments = append(moments, momentOf(t, j, path))
	for _, events := range [][]payment.Event{
		{attempt(t, id, "99"+id)},
		{event(t, id, payment.EventPrompt, payment.Prompt{Code: payment.PromptPresent}), event(t, id, payment.EventPrompt, payment.Prompt{Code: payment.PromptPIN})},
		{event(t, id, payment.EventSlip, slip)},
		{approved(t, id, 1250)},
		{event(t, id, payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy})},
	} {
		add(t, j, id, events...)
		moments = append(moments, momentOf(t, j, path))
	}
	return moments
}

// powerCut is a folder in which what a power cut left is opened again and again.
type powerCut struct {
	path         string
	tried, found int // and those that held the write that nobody was promised
}

// survives opens what is left, and fails unless it is whole, holds all that was
// promised and at most what was being written, and takes a payment.
func (p *powerCut) survives(t *testing.T, what string, file, log []byte, promised, written int64) {
	t.Helper()
	for _, one := range []struct {
		suffix  string
		content []byte
	}{{"", file}, {"-wal", log}, {"-shm", nil}} {
		var err error
		if err = os.Remove(p.path + one.suffix); os.IsNotExist(err) {
			err = nil
		}
		if err == nil && len(one.content) > 0 {
			err = os.WriteFile(p.path+one.suffix, one.content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	j, err := journal.Open(t.Context(), p.path, journal.Options{Now: clock})
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	v, err := j.Verify(t.Context())
	if err != nil || !v.Sound() || (v.Events != promised && v.Events != written) {
		t.Errorf("%s: %+v, %v; promised were %d events, %d were being written", what, v, err, promised, written)
	} else if p.tried%4 == 0 {
		sell(t, j, operation("after"))
		sound(t, j, v.Events+3, v.Operations+1)
	}
	if err := j.Close(); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	p.tried++
	if v.Events == written && written != promised {
		p.found++
	}
}

// between tries what a power cut can leave of the log while the bytes from one
// moment to the next were on their way: a part of them, in any order, or garbage.
func (p *powerCut) between(t *testing.T, a, b moment) {
	t.Helper()
	old := append(bytes.Clone(a.log), make([]byte, max(0, len(b.log)-len(a.log)))...)
	from, to := 0, len(b.log)
	for from < to && from < len(a.log) && a.log[from] == b.log[from] {
		from++
	}
	for to > from && to <= len(a.log) && a.log[to-1] == b.log[to-1] {
		to--
	}
	leave := func(what string, at int, log []byte) {
		p.survives(t, fmt.Sprintf("from %d to %d events, %s %d of %d to %d", a.events, b.events, what, at, from, to), b.file, log, a.events, b.events)
	}
	for _, at := range cuts(from, to) {
		if at < logHeader && len(a.log) > 0 {
			continue // a header that replaces another lies in one sector
		}
		leave("cut at", at, b.log[:max(at, from)])                               // the file had not grown yet
		leave("written up to", at, append(bytes.Clone(b.log[:at]), old[at:]...)) // or had, without its content
	}
	random := rand.New(rand.NewPCG(1, uint64(b.events)))
	for at := logHeader; at < to; at += frameSize {
		if at+frameSize <= from {
			continue
		}
		for what, garble := range map[string]func([]byte){
			"zeros in":        func(frame []byte) { clear(frame) },
			"garbage in":      func(frame []byte) { fill(random, frame) },
			"a wrong head of": func(frame []byte) { fill(random, frame[:frameHeader]) },
			"a bit in":        func(frame []byte) { frame[random.IntN(len(frame))] ^= 1 << random.IntN(8) },
			"not written":     func(frame []byte) { copy(frame, old[at:]) },
		} {
			log := bytes.Clone(b.log)
			garble(log[max(at, from):min(at+frameSize, to)])
			leave(what, at, log)
		}
	}
}

// cuts are the places at which a log is cut: each end of a frame, and inside of it.
func cuts(from, to int) (list []int) {
	list = append(list, from, min(from+7, to), to)
	for at := logHeader; at < to; at += frameSize {
		for _, inside := range []int{0, 1, frameHeader, frameHeader + sectorSize, frameSize - 1} {
			if at+inside > from && at+inside < to {
				list = append(list, at+inside)
			}
		}
	}
	return list
}

func fill(random *rand.Rand, bytes []byte) {
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
}

// TestPowerCutAtEveryWrite: file and log after each commit of a sale, with what
// came after the last sync there in part, in disorder, or as garbage.
func TestPowerCutAtEveryWrite(t *testing.T) {
	t.Parallel()
	j, path := till(t)
	moments := saleMoments(t, j, path, "op-1")
	p := &powerCut{path: filepath.Join(t.TempDir(), "journal.db")}
	for i := range moments[1:] {
		p.between(t, moments[i], moments[i+1])
	}
	if p.found == 0 || p.found == p.tried {
		t.Errorf("of %d cuts %d held the last write: they do not cut between", p.tried, p.found)
	}
	t.Logf("%d power cuts during %d commits; %d held the last write whole", p.tried, len(moments)-1, p.found)
}

// TestPowerCutAfterACheckpoint: the log has been folded into the file and is written
// anew from its beginning, over frames of before.
func TestPowerCutAfterACheckpoint(t *testing.T) {
	t.Parallel()
	j, path := till(t)
	p := &powerCut{path: filepath.Join(t.TempDir(), "journal.db")}
	before := momentOf(t, j, path)
	folded, renewed := 0, 0
	for i := 0; renewed == 0; i++ {
		if i > 200 {
			t.Fatal("the log was never folded into the file")
		}
		for _, m := range saleMoments(t, j, path, fmt.Sprintf("op-%d", i))[1:] {
			if !bytes.Equal(m.file, before.file) {
				p.checkpoint(t, before, m)
				folded++
			}
			if len(before.log) > 0 && !bytes.Equal(m.log[:logHeader], before.log[:logHeader]) {
				p.between(t, before, m)
				renewed++
			}
			before = m
		}
	}
	if folded == 0 {
		t.Error("no checkpoint was seen")
	}
	t.Logf("%d power cuts around %d checkpoints", p.tried, folded)
}

// checkpoint tries what a power cut can leave of the file while the log, which is
// whole, was being folded into it: each sector old or new, in any order.
func (p *powerCut) checkpoint(t *testing.T, a, b moment) {
	t.Helper()
	random := rand.New(rand.NewPCG(2, uint64(b.events)))
	for try := range 40 {
		share := float64(try) / 40
		file := bytes.Clone(b.file)
		for at := 0; at < len(file); at += sectorSize {
			if random.Float64() < share {
				end := min(at+sectorSize, len(file))
				clear(file[at:end])
				if at < len(a.file) {
					copy(file[at:end], a.file[at:])
				}
			}
		}
		whole := len(a.file) + (len(b.file)-len(a.file))*(try%5)/4
		p.survives(t, fmt.Sprintf("checkpoint at event %d, try %d", b.events, try), file[:max(whole, len(a.file))], b.log, b.events, b.events)
	}
}

// TestPowerCutWhileClosing: the same for the checkpoint of an orderly end.
func TestPowerCutWhileClosing(t *testing.T) {
	t.Parallel()
	j, path := till(t)
	moments := saleMoments(t, j, path, "op-1")
	last := moments[len(moments)-1]
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	p := &powerCut{path: filepath.Join(t.TempDir(), "journal.db")}
	after := moment{content(t, path), last.log, last.events}
	p.checkpoint(t, last, after)
	p.survives(t, "the log is gone", after.file, nil, last.events, last.events)
}

// TestPowerCutTwice: a second cut, while what the first one tore still lies behind
// the end of the log.
func TestPowerCutTwice(t *testing.T) {
	t.Parallel()
	j, path := till(t)
	moments := saleMoments(t, j, path, "op-1")
	again := filepath.Join(t.TempDir(), "journal.db")
	p := &powerCut{path: filepath.Join(t.TempDir(), "journal.db")}
	for i := 0; i+1 < len(moments); i += 2 {
		a, b := moments[i], moments[i+1]
		torn := bytes.Clone(b.log)
		from := max(len(a.log), logHeader) // the header was synced before the first frame
		clear(torn[from:min(from+frameSize, len(torn))])
		for suffix, file := range map[string][]byte{"": b.file, "-wal": torn} {
			if err := os.WriteFile(again+suffix, file, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		second, err := journal.Open(t.Context(), again, journal.Options{Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		before := momentOf(t, second, again)
		create(t, second, operation("op-2"))
		p.between(t, before, momentOf(t, second, again))
		if err := second.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d power cuts", p.tried)
}
