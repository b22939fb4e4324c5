package nexo

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Why a question is taken back.
var (
	errOvertaken = errors.New("the payment was answered meanwhile")
	errReplaced  = errors.New("the terminal asks another question")
	errGivenUp   = errors.New("the terminal gave the payment up")
	errHungUp    = errors.New("the terminal closed the connection")
	errClosing   = errors.New("the till closes")
)

// maxAttached bounds how many repeats of one question are held open.
const maxAttached = 8

// dialog is one question to the cashier. A repeat with the same ids joins it and
// gets the same answer (nexo-retailer.md 10.4).
type dialog struct {
	key      string
	attached int
	gone     bool // taken back; it only waits for the cashier's page to notice
	take     context.CancelCauseFunc
	done     chan struct{} // closed when answer and err are set
	answer   payment.Answer
	err      error
}

// ask gets the cashier's answer for one InputRequest. ctx is that of the request:
// when the last request of a question hangs up, the question is taken back.
func (t *Terminal) ask(ctx context.Context, m *message, to payment.Reporter) (payment.Answer, error) {
	d, err := t.attach(m, to)
	if err != nil {
		return payment.Answer{}, err
	}
	select {
	case <-d.done:
		t.detach(d)
		return d.answer, d.err
	case <-ctx.Done():
		t.detach(d)
		return payment.Answer{}, errHungUp
	}
}

// attach finds the dialog of a question or opens it. Another question replaces the
// open one.
func (t *Terminal) attach(m *message, to payment.Reporter) (*dialog, error) {
	key := m.Header.ServiceID + "/" + m.Header.DeviceID
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range []*dialog{t.dialog, t.settled} {
		if d == nil || d.key != key || d.gone {
			continue
		}
		if d.attached >= maxAttached {
			return nil, errors.New("too many repeats of one question")
		}
		d.attached++
		return d, nil
	}
	before := t.dialog
	if before != nil {
		before.back(errReplaced)
	}
	ctx, take := context.WithCancelCause(context.Background())
	d := &dialog{key: key, attached: 1, take: take, done: make(chan struct{})}
	t.dialog = d
	go t.run(ctx, d, before, t.question(m), to)
	return d, nil
}

// back takes the question back. The caller holds the terminal's lock.
func (d *dialog) back(why error) {
	d.gone = true
	d.take(why)
}

// run waits for the cashier and publishes the answer. The question before is seen
// off first, so that the two never overlap on the page.
func (t *Terminal) run(ctx context.Context, d, before *dialog, q payment.Question, to payment.Reporter) {
	defer d.take(nil)
	if before != nil {
		<-before.done
	}
	if !q.Deadline.IsZero() {
		limited, cancel := context.WithDeadline(ctx, q.Deadline)
		defer cancel()
		ctx = limited
	}
	d.answer, d.err = to.Ask(ctx, q)
	if d.err == nil {
		d.err = context.Cause(ctx) // an answer after the question was taken back is none
	}
	t.mu.Lock()
	if t.dialog == d {
		t.dialog = nil
	}
	if d.err == nil {
		t.settled = d
	}
	t.mu.Unlock()
	close(d.done)
}

func (t *Terminal) detach(d *dialog) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d.attached--
	if d.attached == 0 && t.dialog == d {
		d.back(errHungUp)
	}
}

// closeDialog takes an open question back.
func (t *Terminal) closeDialog(why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dialog != nil {
		t.dialog.back(why)
	}
}

// asking tells whether a question is open.
func (t *Terminal) asking() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dialog != nil && !t.dialog.gone
}

// question puts an InputRequest into the words of the till.
func (t *Terminal) question(m *message) payment.Question {
	q := payment.Question{ID: or(m.Header.DeviceID, m.Header.ServiceID), At: t.now()}
	if o := m.InputRequest.Output; o != nil {
		if p, ok := promptOf(*o, q.At); ok {
			q.Text = p.Text
		}
	}
	if seconds, err := strconv.ParseUint(m.InputRequest.Data.MaxTime, 10, 16); err == nil && seconds > 0 {
		q.Deadline = q.At.Add(time.Duration(seconds) * time.Second)
	}
	return q
}
