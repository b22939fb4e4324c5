package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// The layout of a write-ahead log (SQLite's file format, 4.1).
const (
	logHeaderSize   = 32
	frameHeaderSize = 24
	logMagic        = 0x377f0682 // the lowest bit tells the byte order of the checksums
)

// errLog tells that a write-ahead log has lost what was promised.
var errLog = errors.New("the write-ahead log is damaged")

// checkLog looks for damage that SQLite takes for the end of the log, and so would
// silently forget what comes behind it. Every commit is synced before the next one
// begins, and the header before the first: a power cut can leave one commit behind
// the last whole frame, never two, and no frame at all behind a broken header (which
// lies in one sector of the disk, so that it is never half an old one).
func checkLog(log []byte) error {
	if len(log) < logHeaderSize {
		return nil
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if binary.BigEndian.Uint32(log)&1 == 1 {
		order = binary.BigEndian
	}
	var sum checksum
	sum.add(order, log[:24])
	size := int(binary.BigEndian.Uint32(log[8:]))
	frames := log[logHeaderSize:]
	if binary.BigEndian.Uint32(log)&^1 != logMagic || !sum.is(log[24:32]) {
		if len(bytes.Trim(frames, "\x00")) > 0 {
			return fmt.Errorf("%w: its header", errLog)
		}
		return nil
	}
	salts := log[16:24]
	whole, lost, bad := true, 0, 0
	for n := 1; len(frames) >= frameHeaderSize+size; n++ {
		head, page := frames[:frameHeaderSize], frames[frameHeaderSize:frameHeaderSize+size]
		frames = frames[frameHeaderSize+size:]
		if whole {
			next := sum
			next.add(order, head[:8])
			next.add(order, page)
			if whole = bytes.Equal(head[8:16], salts) && next.is(head[16:24]); whole {
				sum = next
				continue
			}
			bad = n
		}
		if bytes.Equal(head[8:16], salts) && binary.BigEndian.Uint32(head[4:]) != 0 {
			lost++ // the end of a commit
		}
	}
	if lost > 1 {
		return fmt.Errorf("%w: frame %d, with %d commits behind it", errLog, bad, lost)
	}
	return nil
}

// checksum is the running one of a log.
type checksum struct{ a, b uint32 }

func (c *checksum) add(order binary.ByteOrder, data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		c.a += order.Uint32(data) + c.b
		c.b += order.Uint32(data[4:]) + c.a
	}
}

func (c checksum) is(stored []byte) bool {
	return c.a == binary.BigEndian.Uint32(stored) && c.b == binary.BigEndian.Uint32(stored[4:])
}

// readLog is what the write-ahead log of a journal holds; nothing where there is none.
func readLog(path string) ([]byte, error) {
	log, err := os.ReadFile(path + walSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return log, err
}

// verifyLog adds to a verdict what is wrong with the write-ahead log. One that is
// being written meanwhile is left to its writer.
func (j *Journal) verifyLog(v *Verdict) {
	first, err := readLog(j.path)
	again, errAgain := readLog(j.path)
	if err := errors.Join(err, errAgain); err != nil {
		v.add("the write-ahead log could not be read: %v", err)
		return
	}
	if err := checkLog(first); err != nil && bytes.Equal(first, again) {
		v.add("%v: what was recorded last is missing here", err)
	}
}
