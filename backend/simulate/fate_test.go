package simulate

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"sync"
	"time"
)

// jitter gives every step a little time of its own, made of the seed, the moment and
// what is about to happen: so no two things fall on one instant, and the same seed
// gives the same times.
type jitter uint64

// The span of a step's own time.
const (
	leastJitter = 20 * time.Microsecond
	mostJitter  = 10020 * time.Microsecond
)

func (j jitter) of(what string, more ...[]byte) time.Duration {
	return leastJitter + time.Duration(j.draw(what, more...)%uint64(mostJitter-leastJitter))
}

// draw is a number made of the seed, the moment, and what is given.
func (j jitter) draw(what string, more ...[]byte) uint64 {
	h := fnv(14695981039346656037)
	var head [16]byte
	binary.LittleEndian.PutUint64(head[:8], uint64(j))
	binary.LittleEndian.PutUint64(head[8:], uint64(time.Now().UnixNano()))
	h.add(head[:])
	h.add([]byte(what))
	for _, b := range more {
		h.add(b)
	}
	return mix(uint64(h))
}

// fnv is FNV-1a, and mix the end of SplitMix64: what is random here must only look so.
type fnv uint64

func (h *fnv) add(b []byte) {
	for _, c := range b {
		*h = (*h ^ fnv(c)) * 1099511628211
	}
}

func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// weather decides the fate of messages.
type weather struct {
	mu     sync.Mutex
	odds   uint64         // of a thousand messages so many fare badly
	counts map[string]int // what happened, by name
	marred int            // so often a terminal may object, since the network did something to a message
}

func (w *weather) set(odds int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.odds = uint64(odds)
}

// fate is what becomes of a message.
type fate struct {
	refuse  bool          // no connection
	lost    bool          // it does not arrive
	silence time.Duration // then the connection breaks
	delay   time.Duration
	again   time.Duration // a copy follows so much later; 0: none
	keep    int           // so many bytes arrive; 0: all
	flip    int           // one bit of the byte at this place is another; 0: none
	ids     bool          // the ids in it are another message's
}

// foreign makes another message's of a message.
type foreign struct {
	ids  *regexp.Regexp
	with []byte
}

// change is the message as it arrives.
func (f fate) change(raw []byte, names *foreign) []byte {
	switch {
	case f.keep > 0:
		return raw[:f.keep]
	case f.flip > 0:
		raw = bytes.Clone(raw)
		raw[f.flip] ^= 0x10
	case f.ids:
		raw = names.ids.ReplaceAll(raw, names.with)
	}
	return raw
}

// there is the fate of a request.
func (w *weather) there(j jitter, m message) fate {
	return w.fate(j, "request", m, m.raw, m.told, m.byTill)
}

// back is the fate of the answer to it.
func (w *weather) back(j jitter, m message, body []byte) fate {
	return w.fate(j, "answer", m, body, m.back(body), !m.byTill)
}

// kinds of bad fate. What reorders messages is the delay of one of them.
var kinds = []string{"refuse", "lose", "silence", "delay", "duplicate", "truncate", "flip", "wrong-id"}

// fate draws. fromTill says who wrote the message. A message that moves money keeps
// its content on the way to the terminal, which would book what it got; and a flipped
// bit meets the markup only: no check of the protocol covers an amount.
func (w *weather) fate(j jitter, what string, m message, raw, told []byte, fromTill bool) fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.odds == 0 {
		return fate{}
	}
	n := j.draw("fate of "+what, told)
	if n%1000 >= w.odds {
		return fate{}
	}
	n = mix(n)
	kind, n := kinds[n%uint64(len(kinds))], n/uint64(len(kinds))
	request := what == "request"
	money := request && fromTill && m.spoken.moves(m.path, raw)
	f := fate{}
	switch kind {
	case "refuse":
		f.refuse = request
	case "lose":
		f.lost = true
	case "silence":
		f.lost, f.silence = true, time.Second+time.Duration(n%uint64(10*time.Minute))
	case "delay":
		f.delay = time.Duration(n % uint64(20*time.Second))
	case "duplicate":
		if request && (!money || m.spoken.repeats) {
			f.again = time.Millisecond + time.Duration(n%uint64(50*time.Millisecond))
		}
	case "truncate":
		if len(raw) > 1 {
			f.keep = 1 + int(n%uint64(len(raw)-1))
		}
	case "flip":
		if !money {
			f.flip = markup(raw, m.spoken.markup, n)
		}
	case "wrong-id":
		f.ids = !money && m.spoken.names.ids.Match(raw)
	}
	if f == (fate{}) {
		return f
	}
	w.counts[kind]++
	switch {
	case m.spoken.delicate:
		w.marred++
	case fromTill && f.again > 0:
		w.marred += 2 // its id is repeated, and it disturbs
	case fromTill && (f.keep > 0 || f.flip > 0 || f.ids):
		w.marred++
	}
	if !m.spoken.delicate && !fromTill && request && (f.keep > 0 || f.flip > 0 || f.ids) {
		w.marred++ // what the till answers to that, the terminal may not expect
	}
	return f
}

// markup finds a sign of the markup to be flipped; 0: there is none.
func markup(raw []byte, signs string, n uint64) int {
	if len(raw) < 2 {
		return 0
	}
	from := 1 + int(n%uint64(len(raw)-1))
	if i := bytes.IndexAny(raw[from:], signs); i >= 0 {
		return from + i
	}
	return 0
}
