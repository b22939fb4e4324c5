package simulate

import (
	"context"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// cardNumber is invented and passes the Luhn check: a careless cashier types it.
const cardNumber = "4929000000000000"

// cashier works through the operations of one terminal.
func (w *world) cashier(i int) {
	for _, o := range w.plan.terminals[i].operations {
		time.Sleep(o.pause)
		w.perform(i, o)
	}
}

// atOnce is when an operation begins, after what is wrong before it.
const atOnce = 100 * time.Microsecond

// tryAgain is how long a cashier waits who was refused.
const tryAgain = 30 * time.Second

// perform does one operation with all that happens around it.
func (w *world) perform(i int, o operationPlan) {
	var around sync.WaitGroup
	defer around.Wait()
	if o.mended {
		w.mend(i)
	}
	w.customer(i, o.customer)
	for _, what := range o.incidents {
		around.Go(func() {
			time.Sleep(what.after)
			w.trouble(i, what)
		})
	}
	if o.crash != nil {
		around.Go(func() { w.crash(*o.crash) })
	}
	if o.next != "" {
		around.Go(func() {
			time.Sleep(o.nextAfter)
			w.log("%s: the next customer: %s", terminalName(i), o.next)
			w.customer(i, o.next)
		})
	}
	time.Sleep(atOnce) // what goes wrong from the beginning is wrong by now
	start := w.wish(i, o)
	op, ok := w.begin(i, start, o)
	if !ok && o.wish != wishSale { // there is nothing to give back: the next customer pays
		o.wish = wishSale
		start = w.wish(i, o)
		op, ok = w.begin(i, start, o)
	}
	for deadline := time.Now().Add(o.patience); !ok && time.Now().Before(deadline); {
		time.Sleep(tryAgain) // the terminal is taken
		op, ok = w.begin(i, start, o)
	}
	if !ok {
		return
	}
	for _, after := range o.aborts {
		around.Go(func() {
			time.Sleep(after)
			w.abort(op.ID, after)
		})
	}
	if o.moves > 0 && start.Kind == payment.Sale {
		around.Go(func() { w.takeOver(i, op, o) })
	}
	w.follow(op.ID, o)
	if o.manager != managerAway {
		w.settleByHand(i, op, o.manager == managerHasty)
	}
	if o.again {
		w.begin(i, start, operationPlan{})
	}
}

// wish completes what is wanted: what is given back must have been paid.
func (w *world) wish(i int, o operationPlan) engine.Start {
	s := engine.Start{FormKey: o.key, Kind: payment.Sale, Terminal: terminalName(i), Amount: o.amount, Cashback: o.cashback}
	if o.careless {
		s.Reference = "card " + cardNumber
	}
	if o.wish == wishSale {
		s.AuthOnly, s.Account = o.reserve, o.account
		s.Code, s.ShowQR, s.Vendor = o.code, o.showQR, o.vendor
		return s
	}
	if o.wish == wishRefund && o.pick%unlinkedIn == 0 && w.station(s.Terminal).protocol.unlinked {
		s.Kind, s.Unlinked, s.Operator, s.Why, s.Cashback = payment.Refund, true, "anna", "bought elsewhere", 0
		return s
	}
	x := w.till(o.key)
	if o.wish == wishCapture {
		return w.toCapture(x, s)
	}
	paid, err := x.journal.Operations(context.Background(), payment.Query{State: payment.Approved, Kind: payment.Sale})
	if err != nil || len(paid) == 0 {
		return s // the till may have stopped: then a sale
	}
	// The latest one half of the time: no other can be voided.
	original := paid[0]
	if o.pick%2 == 0 {
		original = paid[(o.pick/2)%uint64(len(paid))]
	}
	s.Kind, s.Original, s.Operator, s.Why, s.Amount, s.Cashback = payment.Refund, original.ID, "anna", "brought back", 0, 0
	if o.careless {
		s.Why = "brought back " + cardNumber
	}
	if o.part {
		s.Amount = 1 + o.amount%original.Authorised
	}
	if o.wish == wishVoid {
		s.Kind, s.Amount, s.Terminal = payment.Void, 0, original.Terminal
	}
	return s
}

// unlinkedIn: of so many refunds one is without a sale, where the terminal can. What was
// drawn for the sale that it would be of says which, so that nothing else is drawn anew.
const unlinkedIn = 5

// toCapture takes what was reserved last, if anything was.
func (w *world) toCapture(x *till, s engine.Start) engine.Start {
	paid, err := x.journal.Operations(context.Background(), payment.Query{State: payment.Approved, Kind: payment.Sale})
	if err != nil {
		return s // the till may have stopped: then a sale
	}
	for _, op := range paid {
		if op.AuthOnly && op.Terminal == s.Terminal {
			s.Kind, s.Original, s.Amount, s.Cashback = payment.Capture, op.ID, 0, 0
			return s
		}
	}
	return s
}

// begin starts an operation, twice at once if the form is sent twice. After a power
// cut the cashier sends the form again, as a page does that got no answer.
func (w *world) begin(i int, s engine.Start, o operationPlan) (payment.Operation, bool) {
	type begun struct {
		op  payment.Operation
		err error
	}
	for {
		x := w.till(s.FormKey)
		var both [2]begun
		var sent sync.WaitGroup
		times := 1
		if o.twice {
			times = 2
		}
		for n := range times {
			sent.Go(func() {
				time.Sleep(w.jitter.of("start", []byte(s.FormKey), []byte{byte(n)}))
				both[n].op, both[n].err = x.engine.Start(x.alive, s)
			})
		}
		sent.Wait()
		var op payment.Operation
		var failed error
		for _, b := range both[:times] {
			if b.err != nil {
				failed = b.err
				continue
			}
			op = b.op
			w.acknowledge(s, op)
		}
		if op.ID != "" {
			kind := string(s.Kind)
			if s.Unlinked {
				kind += " without a sale"
			}
			w.log("%s: %s of %d as operation %d, customer %s", s.Terminal, kind, s.Amount+s.Cashback, op.Number, o.customer)
			return op, true
		}
		if x.isDead() {
			continue
		}
		w.log("%s: %s refused: %v", s.Terminal, s.Kind, failed)
		w.mu.Lock()
		w.tally.Refused++
		w.mu.Unlock()
		return op, false
	}
}

// acknowledge keeps what the till has promised.
func (w *world) acknowledge(s engine.Start, op payment.Operation) {
	w.mu.Lock()
	before, known := w.byKey[s.FormKey]
	w.byKey[s.FormKey] = op.ID
	w.started[op.ID] = op
	w.mu.Unlock()
	if known && before != op.ID {
		w.fail(oneFormOneOperation, "form %s made %s and %s", s.FormKey, before, op.ID)
	}
}

// follow stays with an operation until its end, or until the cashier has no more
// patience; a question is answered.
func (w *world) follow(id string, o operationPlan) {
	deadline := time.Now().Add(o.patience)
	answered := map[string]bool{}
	var last payment.State
	for time.Now().Before(deadline) {
		x := w.till("follow " + id)
		ctx, cancel := context.WithDeadline(x.alive, deadline)
		changes, err := x.engine.Follow(ctx, id)
		if err != nil {
			cancel()
			if !x.isDead() && ctx.Err() == nil {
				w.fail(nothingLost, "operation %s: %v", id, err)
				return
			}
			continue
		}
		for op := range changes {
			if op.State != last {
				last = op.State
				w.log("%s: operation %d is %s %s %s", op.Terminal, op.Number, op.State, op.Reason, op.ReasonText)
			}
			if op.Prompt.QR != "" && !op.State.Final() {
				w.show(op)
			}
			if op.State.Final() {
				w.mu.Lock()
				w.promised[op.ID] = shown{op.State, op.Reason}
				w.mu.Unlock()
			}
			if op.State.Final() || op.Doubt.Parked {
				cancel()
				return
			}
			if op.State == payment.AwaitingAnswer && op.Question != nil && !answered[op.Question.ID] {
				answered[op.Question.ID] = w.answer(x, op, o)
			}
		}
		cancel()
	}
	w.log("operation %s is left alone", id)
}

// show has the customer see the code that the till shows.
func (w *world) show(op payment.Operation) {
	time.Sleep(w.jitter.of("show", []byte(op.ID)))
	w.mu.Lock()
	p := w.station(op.Terminal).practice
	w.mu.Unlock()
	if customer, ok := p.(interface{ Show(string) }); ok {
		customer.Show(op.Prompt.QR)
	}
}

// settleByHand is what a manager does about parked doubt: settled as not paid, by a
// hasty one without a look, else if the terminal's own journal does not have it.
func (w *world) settleByHand(i int, op payment.Operation, hasty bool) {
	x := w.till("settle " + op.ID)
	now, err := x.journal.Operation(x.alive, op.ID)
	if err != nil || !now.Doubt.Parked || op.Kind == payment.Void || op.Kind == payment.Capture {
		return
	}
	for _, b := range w.terminal(i).bookings() {
		if !hasty && b.Reference == now.Attempt.Reference {
			return
		}
	}
	_, err = x.engine.Settle(x.alive, op.ID, payment.Settlement{Operator: "berit", Why: "not in the terminal's journal"})
	w.log("%s: operation %d is settled as not paid: %v", op.Terminal, op.Number, err)
	if err == nil {
		w.mu.Lock()
		w.tally.Settled++
		w.mu.Unlock()
	}
}

// answer says whether the signature matches, in a while. Yes needs the slip. False:
// the till stopped before.
func (w *world) answer(x *till, op payment.Operation, o operationPlan) bool {
	select {
	case <-time.After(o.answerIn):
	case <-x.alive.Done():
		return false
	}
	a := payment.Answer{Question: op.Question.ID, Yes: o.answer, Operator: "anna"}
	_, err := x.engine.Answer(x.alive, op.ID, a)
	if err != nil && a.Yes && op.Slip(payment.MerchantCopy) == nil {
		a.Yes = false
		_, err = x.engine.Answer(x.alive, op.ID, a)
	}
	w.log("%s: operation %d, signature %t: %v", op.Terminal, op.Number, a.Yes, err)
	return !x.isDead()
}

func (w *world) abort(id string, after time.Duration) {
	x := w.till("abort " + id + after.String())
	op, err := x.engine.Abort(x.alive, id, "anna")
	w.log("%s: abort of operation %d: %v", op.Terminal, op.Number, err)
}

// crash takes the till's power, at a moment or at a point to come, or closes it.
func (w *world) crash(c crash) {
	if c.points > 0 {
		x := w.till("power")
		x.off.Store(int64(c.off))
		x.torn.Store(c.torn)
		x.points.Store(int64(c.points))
		return
	}
	time.Sleep(c.after)
	x := w.till("power")
	if c.clean {
		w.stopClean(x, c.off)
		return
	}
	x.off.Store(int64(c.off))
	x.cut("at a moment", nil)
}
