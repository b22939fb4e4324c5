package journal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The benchmarks tell what the disk's sync costs beside what the journal costs:
//
//	go test -bench . -run '^$' ./backend/journal

// BenchmarkSync is the bare price of durability: 4 KiB appended and synced.
func BenchmarkSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			b.Error(err)
		}
	}()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppend is one event, durable, with nobody else writing.
func BenchmarkAppend(b *testing.B) {
	j, _ := till(b)
	create(b, j, operation("op-1"))
	e := attempt(b, "op-1", "990001")
	for b.Loop() {
		if _, _, err := j.Append(context.Background(), "op-1", e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppendParallel is a whole payment of eight events, four of them waited
// for, by 64 tills at once.
func BenchmarkAppendParallel(b *testing.B) {
	j, _ := till(b)
	var count atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			pay(b, j, fmt.Sprintf("op-%d", count.Add(1)))
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
}

// pay takes a payment as the engine does.
func pay(b *testing.B, j *journal.Journal, id string) {
	ctx := context.Background()
	message := payment.Message{Terminal: "till-1", Name: "DisplayRequest", Body: "<SaleToPOIRequest><MessageHeader/></SaleToPOIRequest>"}
	if _, _, err := j.Create(ctx, operation(id)); err != nil {
		b.Error(err)
	}
	if _, _, err := j.Append(ctx, id, attempt(b, id, "99"+id)); err != nil {
		b.Error(err)
	}
	j.Note(id, event(b, id, payment.EventMessage, message))
	for range 3 {
		j.Note(id, event(b, id, payment.EventPrompt, payment.Prompt{Code: payment.PromptPresent, Text: "Present card"}))
	}
	slip := payment.Slip{Copy: payment.MerchantCopy, Kind: payment.Sale, Masked: "************0119", AID: "A0000000031010", Amount: "12,50"}
	if _, _, err := j.Append(ctx, id, event(b, id, payment.EventSlip, slip)); err != nil {
		b.Error(err)
	}
	if _, _, err := j.Append(ctx, id, approved(b, id, 1250)); err != nil {
		b.Error(err)
	}
}

// BenchmarkSearch looks for one of a few thousand operations.
func BenchmarkSearch(b *testing.B) {
	j, _ := till(b)
	var count atomic.Int64
	done := make(chan bool)
	for range 64 {
		go func() {
			for range 50 {
				pay(b, j, fmt.Sprintf("op-%d", count.Add(1)))
			}
			done <- true
		}()
	}
	for range 64 {
		<-done
	}
	for _, text := range []string{"1600", "12.50", "0119", "99op-77", "Table"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if _, err := j.Operations(context.Background(), payment.Query{Text: text, Limit: 20}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if v, err := j.Verify(context.Background()); err != nil || !v.Sound() {
				b.Fatal(v, err)
			}
		}
		b.ReportMetric(float64(8*3200*b.N)/b.Elapsed().Seconds(), "events/s")
	})
}
