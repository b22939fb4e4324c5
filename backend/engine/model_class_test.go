package engine_test

import (
	"context"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// class is one way in which a terminal can behave towards a request to pay.
type class struct {
	name string
	play func(*call) (payment.Result, error)
}

func names(list []class) []string {
	all := make([]string, len(list))
	for i, c := range list {
		all[i] = c.name
	}
	return all
}

// call is one request to pay, refund or void while it is open.
type call struct {
	*charge
	device *device
	ctx    context.Context
	to     payment.Reporter
	pace   time.Duration
}

// runs has the terminal take the request: what comes of it is known after a time.
func (c *call) runs(takes time.Duration, outcome payment.Outcome) {
	c.device.mu.Lock()
	defer c.device.mu.Unlock()
	c.arrived, c.outcome, c.decides = true, outcome, time.Now().Add(takes)
}

// answers tells the till after a time, or soon after the payment was stopped.
func (c *call) answers(after time.Duration) (payment.Result, error) {
	select {
	case <-time.After(after):
	case <-c.stopped:
		if !sleeps(c.ctx, c.pace) {
			return c.gone()
		}
	case <-c.ctx.Done():
		return c.gone()
	}
	c.device.mu.Lock()
	defer c.device.mu.Unlock()
	if c.broken {
		return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
	}
	return c.result(), nil
}

func (c *call) gone() (payment.Result, error) {
	return payment.Result{}, &payment.Error{Code: payment.CodeNoAnswer, Err: errGone}
}

// fails ends the call after a time without an outcome.
func (c *call) fails(after time.Duration, code payment.Code, sent payment.Sent) (payment.Result, error) {
	if !sleeps(c.ctx, after) {
		return c.gone()
	}
	return payment.Result{}, fails(code, sent)
}

// hangs until the till stops.
func (c *call) hangs() (payment.Result, error) {
	<-c.ctx.Done()
	return c.gone()
}

// plain is a request that is carried out at once and answered.
func plain(outcome payment.Outcome) func(*call) (payment.Result, error) {
	return func(c *call) (payment.Result, error) {
		c.runs(c.pace/2, outcome)
		return c.answers(c.pace)
	}
}

// refuses is a request that is provably not carried out.
func refuses(code payment.Code) func(*call) (payment.Result, error) {
	return func(c *call) (payment.Result, error) { return c.fails(c.pace, code, payment.SentNo) }
}

// loses is a request that is carried out, and whose answer is lost.
func loses(outcome payment.Outcome, sent payment.Sent) func(*call) (payment.Result, error) {
	return func(c *call) (payment.Result, error) {
		c.runs(c.pace/2, outcome)
		return c.fails(c.pace, payment.CodeNoAnswer, sent)
	}
}

// tells answers something that the terminal's books do not say.
func tells(outcome payment.Outcome, r payment.Result) func(*call) (payment.Result, error) {
	return func(c *call) (payment.Result, error) {
		c.runs(c.pace/2, outcome)
		if !sleeps(c.ctx, c.pace) {
			return c.gone()
		}
		return r, nil
	}
}

// unsigned is how many of saleClasses know no signature and no tip.
const unsigned = 23

// saleClasses are all ways of a payment. The first is the good one.
var saleClasses = []class{
	{"approves", plain(payment.Success)},
	{"declines", plain(payment.Refused)},
	{"is stopped by the customer", plain(payment.Stopped)},
	{"is busy", refuses(payment.CodeBusy)},
	{"has no session", func(c *call) (payment.Result, error) {
		c.device.reboot()
		return c.fails(c.pace, payment.CodeNotSignedIn, payment.SentNo)
	}},
	{"cannot be reached", refuses(payment.CodeUnreachable)},
	{"says that nothing was done", func(c *call) (payment.Result, error) {
		if !sleeps(c.ctx, c.pace) {
			return c.gone()
		}
		return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonRejected}, nil
	}},
	{"approves, and the answer is lost", loses(payment.Success, payment.SentMaybe)},
	{"declines, and the answer is lost", loses(payment.Refused, payment.SentYes)},
	{"never gets it, and the link breaks", func(c *call) (payment.Result, error) {
		return c.fails(c.pace, payment.CodeNoAnswer, payment.SentMaybe)
	}},
	{"approves with an unknown word", tells(payment.Success, payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: "surprise"})},
	{"declines without saying why", tells(payment.Refused, payment.Result{Outcome: payment.Refused, Confirm: true})},
	{"approves, and says refused without saying why", tells(payment.Success, payment.Result{Outcome: payment.Refused, Confirm: true})},
	{"approves another amount", func(c *call) (payment.Result, error) {
		c.amount -= 10
		return plain(payment.Success)(c)
	}},
	{"shows something, and approves slowly", func(c *call) (payment.Result, error) {
		c.runs(paceCustomer, payment.Success)
		c.to.Prompt(payment.Prompt{Code: payment.PromptPresent, Waiting: payment.Customer})
		return c.answers(paceCustomer + c.pace)
	}},
	{"approves slowly and silently", func(c *call) (payment.Result, error) {
		c.runs(paceCustomer, payment.Success)
		return c.answers(paceCustomer + c.pace)
	}},
	{"declines slowly and silently", func(c *call) (payment.Result, error) {
		c.runs(paceCustomer, payment.Refused)
		return c.answers(paceCustomer + c.pace)
	}},
	{"approves, and the answer is slow", func(c *call) (payment.Result, error) {
		c.runs(c.pace/2, payment.Success)
		return c.answers(paceCustomer + c.pace)
	}},
	{"declines, and the answer is slow", func(c *call) (payment.Result, error) {
		c.runs(c.pace/2, payment.Refused)
		return c.answers(paceCustomer + c.pace)
	}},
	{"approves slowly, and the answer never comes", func(c *call) (payment.Result, error) {
		c.runs(paceCustomer, payment.Success)
		return c.hangs()
	}},
	{"approves, and the link breaks slowly", func(c *call) (payment.Result, error) {
		c.runs(c.pace/2, payment.Success)
		return c.fails(paceCustomer+c.pace, payment.CodeNoAnswer, payment.SentMaybe)
	}},
	{"never got it, as turns out slowly", func(c *call) (payment.Result, error) {
		return c.fails(paceCustomer+c.pace, payment.CodeUnreachable, payment.SentNo)
	}},
	{"never gets it and says nothing", (*call).hangs},
	{"asks for the signature", func(c *call) (payment.Result, error) { return c.asks(paceSign, payment.Stopped) }},
	{"asks for the signature, and approves by itself", func(c *call) (payment.Result, error) { return c.asks(paceOvertake, payment.Success) }},
	{"approves, the signature open", func(c *call) (payment.Result, error) {
		c.signs = true
		return plain(payment.Success)(c)
	}},
	{"approves, the signature open, and the answer is lost", func(c *call) (payment.Result, error) {
		c.signs = true
		return loses(payment.Success, payment.SentMaybe)(c)
	}},
	{"approves, and gets a tip afterwards", func(c *call) (payment.Result, error) {
		c.tip, c.tips = 15, time.Now().Add(paceTip)
		return plain(payment.Success)(c)
	}},
}

// voidClasses are the ways of the void after a refused signature.
var voidClasses = []class{
	{"approves", plain(payment.Success)},
	{"declines", plain(payment.Refused)},
	{"cannot be reached", refuses(payment.CodeUnreachable)},
	{"approves, and the answer is lost", loses(payment.Success, payment.SentMaybe)},
	{"declines, and the answer is lost", loses(payment.Refused, payment.SentMaybe)},
	{"never gets it and says nothing", (*call).hangs},
	{"approves slowly, and the answer never comes", func(c *call) (payment.Result, error) {
		c.runs(paceCustomer, payment.Success)
		return c.hangs()
	}},
}

// asks puts the question of the default mode. Without an answer in time the terminal
// decides by itself: it gives up, or its approval overtakes the question (DM-09).
func (c *call) asks(limit time.Duration, otherwise payment.Outcome) (payment.Result, error) {
	c.runs(limit, otherwise)
	select {
	case <-time.After(c.pace):
	case <-c.stopped:
		return c.answers(c.pace)
	case <-c.ctx.Done():
		return c.gone()
	}
	if err := c.to.Slip(c.ctx, slip()); err != nil {
		return c.hangs()
	}
	asked, end := context.WithCancel(c.ctx)
	defer end()
	answered := make(chan bool, 1)
	go func() {
		if a, err := c.to.Ask(asked, payment.Question{}); err == nil {
			answered <- a.Yes
		}
	}()
	c.device.path.moment()
	select {
	case yes := <-answered:
		outcome := payment.Stopped
		if yes {
			outcome = payment.Success
		}
		c.runs(c.pace/2, outcome)
	case <-time.After(limit - c.pace):
		if otherwise == payment.Stopped {
			end() // it takes its question back, and says so a moment later
		} else {
			return c.answers(0)
		}
	case <-c.stopped:
		end()
	case <-c.ctx.Done():
		return c.gone()
	}
	return c.answers(c.pace)
}
