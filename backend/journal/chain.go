package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Genesis is the previous hash of the first event: 64 zeros.
var Genesis = strings.Repeat("0", 2*sha256.Size)

// chainName stands in front of what is hashed, so that another encoding can never
// give the same bytes. A changed encoding needs another name.
const chainName = "paydesk event 1"

// Hash computes the hash of an event from its Previous, Seq, Operation, At, Kind
// and Data, as 64 hex digits. What is hashed is unambiguous: every text behind its
// length (8 bytes, big endian), every number as 8 bytes, big endian, in this order:
//
//	"paydesk event 1", previous, seq, operation, at (ns since 1970), kind, data
//
// Data goes in byte by byte as it is stored and exported.
func Hash(e payment.Event) string {
	h := sha256.New()
	putText(h, chainName)
	putText(h, e.Previous)
	putNumber(h, e.Seq)
	putText(h, e.Operation)
	putNumber(h, e.At.UnixNano())
	putText(h, string(e.Kind))
	putNumber(h, int64(len(e.Data)))
	h.Write(e.Data)
	return hex.EncodeToString(h.Sum(nil))
}

func putText(h hash.Hash, text string) {
	putNumber(h, int64(len(text)))
	h.Write([]byte(text))
}

func putNumber(h hash.Hash, n int64) {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(n))
	h.Write(raw[:])
}
