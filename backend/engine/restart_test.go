package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// A till that comes back while the terminal is still at it gets the question of the
// signature, but no longer the answer to its own call: it goes on asking, instead of
// waiting out the silence.
func TestQuestionAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: hangs})
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		x.close()

		s := &script{}
		answered := make(chan struct{})
		s.lookup = answers(func(_ ctx, _ payment.Request, to payment.Reporter) (payment.Result, error) {
			go func() {
				if err := to.Slip(t.Context(), slip()); err != nil {
					t.Error(err)
				}
				if _, err := to.Ask(t.Context(), payment.Question{}); err != nil {
					t.Error(err)
				}
				to.Prompt(payment.Prompt{Code: payment.PromptPresent})
				close(answered)
			}()
			return payment.Result{Outcome: payment.Pending}, nil
		}, func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) { return approval(r), nil })
		y := open(t, x.path, s, nil)
		defer y.close()
		y.reaches(op.ID, payment.AwaitingAnswer)
		y.answer(op.ID, true)
		<-answered
		since := time.Now()
		y.ends(op.ID, payment.Approved, "")
		if took, most := time.Since(since), 5*time.Second; took > most {
			t.Errorf("known %s after the answer, want %s at most", took, most)
		}
	})
}
