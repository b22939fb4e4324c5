package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// patient is a purse that waits for the customer as long as the cashier wants.
type patient struct {
	purse
	until *time.Time
}

func (p patient) Open(ctx context.Context, name string, settings payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	_, err := p.script.Open(ctx, name, settings, deps)
	return p, err
}

func (p patient) Extend(_ context.Context, r payment.Request) (time.Time, error) {
	if r.Attempt.Reference == "" {
		return time.Time{}, errors.New("which one?")
	}
	*p.until = p.until.Add(time.Minute)
	return *p.until, nil
}

// The customer gets more time only while the till itself would give up, and only where
// the terminal can: the new moment is what every page shows, and in the journal.
func TestExtend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := time.Now().Add(time.Minute)
		first, done := until, make(chan struct{})
		s := &script{sale: func(_ context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
			to.Prompt(payment.Prompt{Code: payment.PromptScan, Waiting: payment.Customer, Narrated: true, QR: "x", Until: first, Latest: first.Add(time.Hour), At: time.Now()})
			<-done
			return approval(r), nil
		}}
		x := newTill(t, s)
		defer x.close()
		if err := x.Add(t.Context(), engine.Terminal{Name: "purse", Provider: patient{purse{s}, &until}}, nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		op, err := x.Start(t.Context(), engine.Start{Terminal: "purse", Amount: 100, ShowQR: true})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if op, err = x.Extend(t.Context(), op.ID); err != nil || !op.Prompt.Until.Equal(first.Add(time.Minute)) || op.Prompt.QR != "x" {
			t.Errorf("%+v, %v", op.Prompt, err)
		}
		close(done)
		x.ends(op.ID, payment.Approved, "")
		if _, err := x.Extend(t.Context(), op.ID); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("what has ended: %v", err)
		}
		events, err := x.journal.Events(t.Context(), op.ID)
		var last payment.Prompt
		for _, e := range events {
			if e.Kind == payment.EventPrompt {
				if err := json.Unmarshal(e.Data, &last); err != nil {
					t.Error(err)
				}
			}
		}
		if err != nil || !last.Until.Equal(first.Add(time.Minute)) {
			t.Errorf("the journal ends with %+v, %v", last, err)
		}
		other, err := x.Start(t.Context(), engine.Start{Terminal: "one", Amount: 100})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Extend(t.Context(), other.ID); err == nil {
			t.Error("a card terminal was given more time")
		}
		x.ends(other.ID, payment.Approved, "")
	})
}
