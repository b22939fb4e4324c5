package simulate

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// company is what one till of several providers charges in, so that the card can be taken
// from one to another.
type company struct {
	currency string
	of       []*protocol
}

var companies = []company{
	{"EUR", []*protocol{nexoProtocol, poyntProtocol}},
	{"USD", []*protocol{poyntProtocol, pockytProtocol}},
	{"GBP", []*protocol{pockytProtocol, poyntProtocol}},
	{"CAD", []*protocol{iotpayProtocol, poyntProtocol}},
	{"CAD", []*protocol{iotpayProtocol, iotpayProtocol}},
}

// mixedOdds: of so many shifts one is mixed.
const mixedOdds = 4

// mixed draws the terminals of a till with several providers, and their currency; nil:
// the shift is another one. The last terminal is a spare one, without a cashier.
func mixed(r *rand.Rand) ([]*protocol, string) {
	if *onlyFlag != "" || r.IntN(mixedOdds) > 0 {
		return nil, ""
	}
	m := companies[r.IntN(len(companies))]
	return append(slices.Clone(m.of), m.of[r.IntN(len(m.of))]), m.currency
}

// elsewhere has the cashier take some sales to another terminal, most often to the
// spare one.
func (o *operationPlan) elsewhere(r *rand.Rand, at int, played []*protocol) {
	if r.IntN(3) > 0 {
		return
	}
	o.moves = span(r, 500*time.Millisecond, 6*time.Second)
	if r.IntN(2) == 0 {
		o.moves = span(r, time.Second, 90*time.Second)
	}
	if o.movesTo = len(played) - 1; r.IntN(4) == 0 {
		o.movesTo = (at + 1) % len(played)
	}
	customers := played[o.movesTo].customers
	o.movesWith = customers[r.IntN(len(customers))]
}

// takeOver takes the card to another terminal. The cashier stays with the sale there.
func (w *world) takeOver(i int, op payment.Operation, o operationPlan) {
	time.Sleep(o.moves)
	to := terminalName(o.movesTo)
	x := w.till("take over " + op.ID)
	got, err := x.engine.HandOver(x.alive, op.ID, to, "anna")
	w.log("%s: operation %d is to be taken to %s: %v", terminalName(i), op.Number, to, err)
	if err != nil {
		return
	}
	w.count("handover")
	w.customer(o.movesTo, o.movesWith)
	if got.ID == op.ID {
		w.follow(op.ID, o)
		if got, err = w.till("taken over "+op.ID).journal.Operation(context.Background(), op.ID); err != nil || got.Handover == nil || got.Handover.Operation == "" {
			return
		}
		if got, err = w.till("taken over "+op.ID).journal.Operation(context.Background(), got.Handover.Operation); err != nil {
			return
		}
	}
	w.count("taken over")
	w.follow(got.ID, o)
	if o.manager != managerAway {
		w.settleByHand(o.movesTo, got, o.manager == managerHasty)
	}
}

// checkCarts looks for sales that were charged on two terminals without anybody being
// told.
func (w *world) checkCarts(b books) {
	paid := map[string][]payment.Operation{}
	for _, op := range b.operations {
		if op.Kind != payment.Sale {
			continue
		}
		cart := cmp.Or(op.Cart, op.ID) // the first attempt's id is the cart of what followed it
		charged := func(one booking) bool { return one.Stays && !w.uncontradicted(op, one) }
		if slices.ContainsFunc(b.bookings[op.ID], charged) {
			paid[cart] = append(paid[cart], op)
		}
	}
	for cart, list := range paid {
		told := func(op payment.Operation) bool { return len(op.Alarms) > 0 }
		if len(list) > 1 && !slices.ContainsFunc(list, told) {
			w.fail(oneCharge, "cart %s is charged by the operations %d and %d, and nobody is told", cart, list[0].Number, list[1].Number)
		}
	}
}
