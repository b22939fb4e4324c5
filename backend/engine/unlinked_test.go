package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// giver is a scripted terminal that can give money back without a sale.
type giver struct {
	*script
	refund func(ctx, payment.Request, payment.Reporter) (payment.Result, error)
}

func (g *giver) Open(c ctx, name string, settings payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	if _, err := g.script.Open(c, name, settings, deps); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *giver) Limits() payment.Limits {
	own := g.Info().Limits
	own.TipAsked, own.UnlinkedRefund = true, true
	return own
}

func (g *giver) Refund(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
	g.mu.Lock()
	g.refunds = append(g.refunds, r)
	g.mu.Unlock()
	return g.refund(c, r, to)
}

// newGiver adds a terminal "two" that can, to a till whose "one" cannot.
func newGiver(t *testing.T, x *till, refund func(ctx, payment.Request, payment.Reporter) (payment.Result, error)) *giver {
	t.Helper()
	g := &giver{script: &script{sale: approves}, refund: refund}
	if err := x.Add(context.Background(), engine.Terminal{Name: "two", Provider: g}, nil); err != nil {
		t.Fatal(err)
	}
	return g
}

func away() engine.Start {
	return engine.Start{FormKey: "k1", Kind: payment.Refund, Unlinked: true, Terminal: "two", Amount: 1250, Operator: "anna", Why: "bought before this till"}
}

// A refund without a sale is an operation like any other: committed before it is sent,
// once per form key, with a receipt, and the refund of nothing else.
func TestRefundWithoutASale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: approves})
		defer x.close()
		g := newGiver(t, x, approves)
		sale := x.ends(x.start(payment.Sale, 1250, "").ID, payment.Approved, "")
		op, err := x.Start(context.Background(), away())
		if err != nil {
			t.Fatal(err)
		}
		if again, err := x.Start(context.Background(), away()); err != nil || again.ID != op.ID {
			t.Errorf("the same form once more: %s, %v", again.ID, err)
		}
		op = x.ends(op.ID, payment.Approved, "")
		if !op.Unlinked() || op.Authorised != 1250 || op.Operator != "anna" || op.Why == "" || op.Cart != "" || len(op.Alarms) != 0 || op.OriginalReferences != (payment.References{}) {
			t.Errorf("%+v", op)
		}
		if len(g.refunds) != 1 || !g.refunds[0].Unlinked || g.refunds[0].Original != (payment.References{}) || g.refunds[0].Attempt.Reference == "" {
			t.Errorf("the terminal got %+v", g.refunds)
		}
		if back, open, err := x.journal.Refunded(context.Background(), sale.ID); back+open != 0 || err != nil {
			t.Errorf("%d and %d of the sale count as given back, %v", back, open, err)
		}
		for _, kind := range []payment.Kind{payment.Void, payment.Refund, payment.Capture} {
			if _, err := x.Start(context.Background(), engine.Start{Kind: kind, Original: op.ID, Operator: "anna", Why: "a mistake"}); payment.CodeOf(err) != payment.CodeConflict {
				t.Errorf("%s of it: %v", kind, err)
			}
		}
		linked := x.ends(x.start(payment.Refund, 1250, sale.ID).ID, payment.Approved, "")
		if linked.Unlinked() || x.script.refunds[0].Unlinked {
			t.Error("a refund of a sale is sent as one without")
		}
	})
}

func TestRefundWithoutASaleIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: approves})
		defer x.close()
		g := newGiver(t, x, approves)
		sale := x.ends(x.start(payment.Sale, 1250, "").ID, payment.Approved, "")
		for name, c := range map[string]struct {
			change func(*engine.Start)
			says   string
		}{
			"the terminal cannot":     {func(s *engine.Start) { s.Terminal = "one" }, "cannot give money back without a sale"},
			"nobody says who":         {func(s *engine.Start) { s.Operator = " " }, "needs the name"},
			"nobody says why":         {func(s *engine.Start) { s.Why = "" }, "needs the name"},
			"a sale is named":         {func(s *engine.Start) { s.Original = sale.ID }, "names none"},
			"it is a sale":            {func(s *engine.Start) { s.Kind = payment.Sale }, "Only a refund"},
			"it is a void":            {func(s *engine.Start) { s.Kind = payment.Void }, "Only a refund"},
			"no amount":               {func(s *engine.Start) { s.Amount = 0 }, "more than zero"},
			"less than nothing":       {func(s *engine.Start) { s.Amount = -5 }, "more than zero"},
			"a tip":                   {func(s *engine.Start) { s.Tip = 5 }, "no tip"},
			"cash":                    {func(s *engine.Start) { s.Cashback = 5 }, "cannot pay out cash"},
			"another currency":        {func(s *engine.Start) { s.Currency = "EUR" }, "gives back SEK only"},
			"nobody said it has none": {func(s *engine.Start) { s.Unlinked = false }, "no such operation"},
		} {
			s := away()
			s.FormKey = ""
			c.change(&s)
			op, err := x.Start(context.Background(), s)
			if err == nil || !strings.Contains(strings.ToLower(payment.TextOf(err)), strings.ToLower(c.says)) || payment.SentOf(err) != payment.SentNo {
				t.Errorf("%s: %s, %v", name, op.State, err)
			}
		}
		if len(g.refunds)+len(x.script.refunds) != 0 {
			t.Errorf("the terminals got %d and %d", len(g.refunds), len(x.script.refunds))
		}
	})
}

// Doubt about it ends as any other: the terminal is asked, nothing else begins there
// meanwhile, and it is sent once.
func TestDoubtAboutARefundWithoutASale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: approves})
		defer x.close()
		g := newGiver(t, x, lost)
		asked := make(chan struct{})
		g.lookup = func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
			<-asked
			if !r.Unlinked {
				t.Error("the look-up does not say what it is about")
			}
			return approves(c, r, to)
		}
		op, err := x.Start(context.Background(), away())
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, err := x.Start(context.Background(), engine.Start{Terminal: "two", Amount: 100}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("a sale meanwhile: %v", err)
		}
		close(asked)
		if op = x.ends(op.ID, payment.Approved, ""); op.Authorised != 1250 || len(g.refunds) != 1 {
			t.Errorf("%+v, sent %d times", op, len(g.refunds))
		}
	})
}
