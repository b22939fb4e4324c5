package nexo

import (
	"net/http"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// abort answers 204 always; the aborted request answers for itself
// (nexo-retailer.md 11).
func (t *Terminal) abort(x *exchange) {
	t.obeyAbort(x)
	switch t.faults.Take("abort.answer") {
	case "lose":
		bench.Cut()
	case "delay":
		t.lag(x, delayTakes)
	case "empty-200":
		x.w.WriteHeader(http.StatusOK)
		return
	case "status-500":
		http.Error(x.w, "internal error", http.StatusInternalServerError)
		return
	case "garbage":
		t.write(x, []byte("<html><body>It works!</body></html>"))
		return
	}
	x.w.WriteHeader(http.StatusNoContent)
}

// obeyAbort acts on an abort. A client-only till hears nothing about an abort
// that does not work (nexo-retailer.md 11.1).
func (t *Terminal) obeyAbort(x *exchange) {
	reference := x.body.child("MessageReference")
	t.mu.Lock()
	running := t.running
	effect := t.faults.Get("abort.effect")
	match := running != nil && refersTo(reference, running.header)
	signing := match && running.signing
	past := match && running.past
	t.mu.Unlock()
	switch {
	case effect == "ignore":
		t.log.Note("Abort ignored")
	case !match:
		t.log.Note("Abort of something that is not running")
		t.event(nil, "Reject", "Nothing to abort")
	case signing:
		t.log.Violate("Abort during the signature question")
		t.event(running, "Reject", "Abort is not allowed now")
	case past || effect == "late":
		t.log.Note("Abort came too late")
		t.event(running, "Completed", "Transaction already completed")
	default:
		running.halt()
	}
}

// refersTo says whether every id that a MessageReference gives is that of the header.
func refersTo(reference, header *node) bool {
	for _, a := range reference.attrs {
		if header.get(a.name) != a.value {
			return false
		}
	}
	return len(reference.attrs) > 0
}
