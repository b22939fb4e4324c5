package conform_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/nexo"
	"github.com/paydesk-till/paydesk/backend/provider/nexo"
)

// stack is the whole way of a sale over real sockets and a real disk: engine,
// journal, provider and practice terminals that do not wait between their steps.
type stack struct {
	engine    *engine.Engine
	terminals []*practice.Terminal
	arrived   atomic.Int64 // when the latest PaymentRequest's first byte reached a terminal, Unix nanoseconds
}

func newStack(b *testing.B, terminals int, mode string) *stack {
	b.Helper()
	ctx := context.Background()
	folder := b.TempDir()
	j, err := journal.Open(ctx, filepath.Join(folder, "journal.db"), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	s := &stack{engine: engine.New(engine.Options{Journal: j})}
	b.Cleanup(func() {
		if err := s.engine.Close(ctx); err != nil {
			b.Error(err)
		}
		if err := j.Close(); err != nil {
			b.Error(err)
		}
		for _, p := range s.terminals {
			if err := p.Close(); err != nil {
				b.Error(err)
			}
		}
	})
	for i := range terminals {
		s.add(b, i, mode, folder)
	}
	return s
}

func (s *stack) add(b *testing.B, i int, mode, folder string) {
	b.Helper()
	poiid := fmt.Sprintf("KASSA-%02d", i)
	p, err := practice.New(practice.Options{POIID: poiid, Customer: "contactless", CoolDown: practice.NoCoolDown})
	if err != nil {
		b.Fatal(err)
	}
	s.terminals = append(s.terminals, p)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	handler := p.Handler()
	h := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.arrived.Store(time.Now().UnixNano())
		handler.ServeHTTP(w, r)
	}), ReadHeaderTimeout: time.Second}
	go func() { _ = h.Serve(server) }() // ends with the close below
	b.Cleanup(func() { _ = h.Close() })
	listen := func(_, path string, handler http.Handler) (string, func(), error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", nil, err
		}
		mux := http.NewServeMux()
		mux.Handle(path, handler)
		till := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
		go func() { _ = till.Serve(l) }() // ends with stop
		p.SetTill("http://" + l.Addr().String())
		return l.Addr().String(), func() { _ = till.Close() }, nil
	}
	ctx := context.Background()
	if err := s.engine.Add(ctx, engine.Terminal{Name: poiid, Provider: nexo.New(), Settings: payment.Settings{
		"address": server.Addr().String(), "poiid": poiid, "mode": mode, "listen": "127.0.0.1:0"},
		Software: payment.Software{Maker: "Paydesk", Name: "Paydesk", Version: "bench"}}, listen); err != nil {
		b.Fatal(err)
	}
	for s.engine.Test(ctx, poiid) != nil {
		news, _, stop := s.engine.Watch(1)
		<-news
		stop()
	}
}

// pay takes one payment to its end.
func (s *stack) pay(b *testing.B, terminal string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	op, err := s.engine.Start(ctx, engine.Start{Terminal: terminal, Amount: 1250})
	if err != nil {
		b.Error(err)
		return
	}
	changes, err := s.engine.Follow(ctx, op.ID)
	if err != nil {
		b.Error(err)
		return
	}
	for op = range changes {
		if op.State.Final() {
			break
		}
	}
	if op.State != payment.Approved {
		b.Errorf("ended %s: %s", op.State, op.ReasonText)
	}
}

// reportSync measures a bare synced write beside the figures, since the disk
// decides about them.
func reportSync(b *testing.B) {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	const times = 50
	begin := time.Now()
	for range times {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(time.Since(begin).Microseconds())/times, "sync-µs")
}

// BenchmarkClickToFirstByte is from Start to the first byte of the PaymentRequest
// at the terminal, the durable commit included.
func BenchmarkClickToFirstByte(b *testing.B) {
	s := newStack(b, 1, "light")
	var total time.Duration
	b.ResetTimer()
	for range b.N {
		begin := time.Now()
		s.pay(b, "KASSA-00")
		total += time.Unix(0, s.arrived.Load()).Sub(begin)
	}
	b.StopTimer()
	b.ReportMetric(float64(total.Microseconds())/float64(b.N), "to-first-byte-µs")
	reportSync(b)
}

// BenchmarkPayments is whole payments through the stack, every one durable, on as
// many terminals as the name says.
func BenchmarkPayments(b *testing.B) {
	for _, mode := range []string{"light", "default"} {
		for _, terminals := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/terminals=%d", mode, terminals), func(b *testing.B) {
				s := newStack(b, terminals, mode)
				var left atomic.Int64
				left.Store(int64(b.N))
				b.ResetTimer()
				var tills sync.WaitGroup
				for i := range terminals {
					tills.Go(func() {
						for left.Add(-1) >= 0 {
							s.pay(b, fmt.Sprintf("KASSA-%02d", i))
						}
					})
				}
				tills.Wait()
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
				reportSync(b)
			})
		}
	}
}
