package journal_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func delivery(key string) payment.Delivery {
	return payment.Delivery{Key: key, Terminal: "till-1", Reference: "202611210000000001", Name: "Callback", Body: `{"status":"PROCESSED"}`, From: "192.0.2.7:4444", At: noon}
}

func TestReceiveOnce(t *testing.T) {
	j, path := till(t)
	op := create(t, j, operation("a"))
	ctx := context.Background()
	for i, want := range []bool{true, false} {
		if fresh, err := j.Receive(ctx, op.ID, delivery("k1")); err != nil || fresh != want {
			t.Errorf("time %d: fresh %t, %v", i, fresh, err)
		}
	}
	if fresh, err := j.Receive(ctx, "", delivery("k2")); err != nil || !fresh {
		t.Errorf("a stray: fresh %t, %v", fresh, err)
	}
	if _, err := j.Receive(ctx, "nobody", delivery("k3")); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("for an operation that does not exist: %v", err)
	}
	if _, err := j.Receive(ctx, "", payment.Delivery{}); err == nil {
		t.Error("a delivery without a key was taken")
	}
	events, err := j.Events(ctx, op.ID)
	if err != nil || len(events) != 2 || events[1].Kind != payment.EventMessage {
		t.Fatalf("%d events, %v", len(events), err)
	}
	// It is known after a restart as well.
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := journal.Open(ctx, path, journal.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if fresh, err := again.Receive(ctx, op.ID, delivery("k1")); err != nil || fresh {
		t.Errorf("after a restart: fresh %t, %v", fresh, err)
	}
	kept, err := again.Deliveries(ctx, "till-1", delivery("").Reference)
	if err != nil || len(kept) != 2 || kept[0].Body != delivery("").Body || kept[0].From != "192.0.2.7:4444" || !kept[0].At.Equal(noon) {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if other, err := again.Deliveries(ctx, "till-2", delivery("").Reference); err != nil || len(other) != 0 {
		t.Errorf("another terminal's: %+v, %v", other, err)
	}
	if at, err := again.LastDelivery(ctx, "till-1"); err != nil || !at.Equal(noon) {
		t.Errorf("last at %s, %v", at, err)
	}
	if at, err := again.LastDelivery(ctx, "till-2"); err != nil || !at.IsZero() {
		t.Errorf("of a terminal that got nothing: %s, %v", at, err)
	}
	if verdict, err := again.Verify(ctx); err != nil || !verdict.Sound() {
		t.Errorf("%v, %v", verdict.Faults, err)
	}
}

// Fifty at once, in one batch or several: one is fresh.
func TestReceiveParallel(t *testing.T) {
	j, _ := till(t)
	op := create(t, j, operation("a"))
	var fresh atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			switch first, err := j.Receive(context.Background(), op.ID, delivery("same")); {
			case err != nil:
				t.Error(err)
			case first:
				fresh.Add(1)
			}
		})
	}
	all.Wait()
	if events, err := j.Events(context.Background(), op.ID); fresh.Load() != 1 || len(events) != 2 || err != nil {
		t.Errorf("%d fresh, %d events, %v", fresh.Load(), len(events), err)
	}
}

func TestDeliveriesAreBounded(t *testing.T) {
	j, _ := till(t)
	for i := range payment.MaxDeliveries + 5 {
		d := delivery(fmt.Sprint("k", i))
		d.At = noon.Add(time.Duration(i) * time.Second)
		if _, err := j.Receive(context.Background(), "", d); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := j.Deliveries(context.Background(), "till-1", delivery("").Reference); err != nil || len(kept) != payment.MaxDeliveries {
		t.Errorf("%d, %v", len(kept), err)
	}
}

// What belongs to no operation is found again, the newest first, bounded; what belongs to
// one, and what a terminal said on a call of the till's own, is none.
func TestStrays(t *testing.T) {
	j, _ := till(t)
	op := create(t, j, operation("a"))
	ctx := context.Background()
	if list, err := j.Strays(ctx); err != nil || len(list) != 0 {
		t.Errorf("at first: %+v, %v", list, err)
	}
	if _, err := j.Receive(ctx, op.ID, delivery("its own")); err != nil {
		t.Fatal(err)
	}
	j.Note("", event(t, "", payment.EventMessage, payment.Message{Terminal: "till-1", In: true, Name: "Display", Body: "x", At: noon}))
	for i := range payment.MaxDeliveries + 3 {
		d := delivery(fmt.Sprint("stray", i))
		d.At, d.Reference, d.Fault = noon.Add(time.Duration(i)*time.Second), fmt.Sprint("r", i), "it names no payment of ours"
		if _, err := j.Receive(ctx, "", d); err != nil {
			t.Fatal(err)
		}
	}
	list, err := j.Strays(ctx)
	if err != nil || len(list) != payment.MaxDeliveries {
		t.Fatalf("%d, %v", len(list), err)
	}
	first := list[0]
	if first.Reference != fmt.Sprint("r", payment.MaxDeliveries+2) || first.Terminal != "till-1" || first.From != "192.0.2.7:4444" || first.Fault == "" || !first.At.Equal(noon.Add((payment.MaxDeliveries+2)*time.Second)) {
		t.Errorf("the newest: %+v", first)
	}
}

func TestByAttempt(t *testing.T) {
	j, _ := till(t)
	op := create(t, j, operation("a"))
	if _, _, err := j.Append(context.Background(), op.ID, event(t, op.ID, payment.EventAttempt, payment.Attempt{Number: 1, Reference: "r1"})); err != nil {
		t.Fatal(err)
	}
	if got, found, err := j.ByAttempt(context.Background(), "r1"); err != nil || !found || got.ID != op.ID {
		t.Errorf("%+v, %t, %v", got, found, err)
	}
	for _, none := range []string{"", "r2"} {
		if _, found, err := j.ByAttempt(context.Background(), none); err != nil || found {
			t.Errorf("%q: %t, %v", none, found, err)
		}
	}
}
