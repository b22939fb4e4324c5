package command

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// defaultWait is how long a command stays with a doubt before it ends with it.
const defaultWait = 60 * time.Second

// follower watches an operation for a person at a command line: it shows the
// terminal's prompts, answers the signature question, and turns an interrupt into
// the wish to stop.
type follower struct {
	c         *cli
	till      *app.Till
	signature string        // "yes", "no", or empty: ask, where there is somebody to ask
	wait      time.Duration // how long to stay in doubt
	operator  string
	wishes    <-chan os.Signal
	lines     <-chan string // typed at the terminal; nil until somebody is asked

	shown    payment.Prompt
	drawn    string // the QR code that was shown last
	state    payment.State
	answered string // the question that was answered or put to the person
	aborted  bool
}

// until follows an operation until its outcome is known, until it was in doubt for
// so long as --wait says, or until enough says so.
func (f *follower) until(ctx context.Context, id string, enough func(payment.Operation) bool) (payment.Operation, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := f.till.Engine.Follow(ctx, id)
	if err != nil {
		return payment.Operation{}, err
	}
	var last payment.Operation
	doubt := time.NewTimer(f.wait)
	doubt.Stop()
	inDoubt := false
	for {
		select {
		case op, ok := <-changes:
			if !ok {
				return last, ctx.Err()
			}
			last = op
			f.show(op)
			if op.State.Final() || (enough != nil && enough(op)) {
				return op, nil
			}
			if now := op.State == payment.InDoubt; now != inDoubt {
				inDoubt = now
				doubt.Stop()
				if now {
					doubt.Reset(f.wait)
				}
			}
			f.question(ctx, op)
		case line := <-f.lines:
			f.typed(ctx, last, line)
		case <-doubt.C:
			return last, nil
		case <-f.wishes:
			if f.aborted || last.State == payment.InDoubt {
				return last, nil
			}
			f.abort(ctx, id)
		}
	}
}

// show tells what changed since the last time.
func (f *follower) show(op payment.Operation) {
	if op.State == payment.InDoubt && f.state != payment.InDoubt {
		f.line("The outcome is not known. Money may have been moved. Asking the terminal until it is.")
	}
	f.state = op.State
	if op.Prompt == f.shown || op.Prompt.Code == "" {
		return
	}
	f.shown = op.Prompt
	f.line(promptLine(op.Prompt))
	f.code(op.Prompt)
}

// line is for a person only: --json keeps standard output for the program that
// reads it, and this goes to standard error in both cases.
func (f *follower) line(text string) { f.c.say("%s", text) }

// abort asks the terminal to stop. Its own answer decides what became of it.
func (f *follower) abort(ctx context.Context, id string) {
	f.aborted = true
	f.line("Asking the terminal to stop. Its answer decides; interrupt again to leave without waiting for it.")
	if _, err := f.till.Engine.Abort(ctx, id, f.operator); err != nil {
		f.line(payment.TextOf(err))
	}
}

// question answers, or puts to the person, a question that is new.
func (f *follower) question(ctx context.Context, op payment.Operation) {
	q := op.Question
	if q == nil || q.ID == f.answered {
		return
	}
	asks := f.signature == "" && f.c.interactive()
	switch {
	case q.RefuseOnly:
		f.line("The slip to sign is lost, so the signature cannot be accepted.")
		f.answer(ctx, op, false)
	case (asks || f.signature == "yes") && op.Slip(payment.MerchantCopy) == nil:
		return // the slip is on its way; the question is looked at again with it
	case f.signature != "":
		f.answer(ctx, op, f.signature == "yes")
	case !asks:
		f.line("The signature cannot be compared here: nobody is at the keyboard. (--signature yes|no answers it.)")
		f.answer(ctx, op, false)
	default:
		f.answered = q.ID
		f.toSign(ctx, op)
		f.line("Have the customer sign the merchant copy. Does the signature match the card? Type yes or no:")
		f.lines = f.c.typed()
	}
}

// toSign hands out the merchant copy. A fault of it never changes the payment.
func (f *follower) toSign(ctx context.Context, op payment.Operation) {
	err := f.c.slipTo(f.c.stderr, op, payment.MerchantCopy, 0)
	if err == nil {
		_, err = f.till.Engine.Printed(ctx, op.ID, payment.Print{Copy: payment.MerchantCopy, Where: wherePrinted, Operator: f.operator})
	}
	if err != nil {
		f.line(err.Error())
	}
}

// typed takes a line of the person as the answer to the open question.
func (f *follower) typed(ctx context.Context, op payment.Operation, line string) {
	if op.Question == nil {
		return
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "yes", "y":
		f.answer(ctx, op, true)
	case "no", "n":
		f.answer(ctx, op, false)
	default:
		f.line("Type yes or no:")
	}
}

func (f *follower) answer(ctx context.Context, op payment.Operation, yes bool) {
	f.answered = op.Question.ID
	word := "no"
	if yes {
		word = "yes"
	}
	f.line("Signature matches: " + word)
	if _, err := f.till.Engine.Answer(ctx, op.ID, payment.Answer{Question: op.Question.ID, Yes: yes, Operator: f.operator}); err != nil {
		f.line(payment.TextOf(err))
	}
}
