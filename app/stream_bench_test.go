package app_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/nexo"
	"github.com/paydesk-till/paydesk/backend/provider/nexo"
	"github.com/paydesk-till/paydesk/frontend"
)

// BenchmarkDisplayToStream is from a terminal's DisplayRequest at the till's
// listener to its fragment on the page's event stream, over sockets: provider,
// engine, journal and pages as they are. It gives the median and the 99th of 100.
func BenchmarkDisplayToStream(b *testing.B) {
	ctx := context.Background()
	j, err := journal.Open(ctx, filepath.Join(b.TempDir(), "journal.db"), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	terminal, err := practice.New(practice.Options{Customer: "walks-away", CoolDown: practice.NoCoolDown, Pace: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	address, err := terminal.Listen("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	e := engine.New(engine.Options{Journal: j})
	defer func() { _ = e.Close(ctx) }()
	var till string
	listen := func(_, path string, h http.Handler) (string, func(), error) {
		server := httptest.NewServer(h)
		till = server.URL + path + "3.1"
		terminal.SetTill(server.URL)
		return server.Listener.Addr().String(), server.Close, nil
	}
	if err := e.Add(ctx, engine.Terminal{Name: "one", Provider: nexo.New(), Settings: payment.Settings{
		"address": address, "poiid": "KASSA-01", "listen": "127.0.0.1:0"}}, listen); err != nil {
		b.Fatal(err)
	}
	pages := frontend.New(frontend.Deps{Engine: e, Journal: j})
	defer pages.Close()
	server := httptest.NewServer(pages)
	defer server.Close()
	op, err := e.Start(ctx, engine.Start{Amount: 100})
	if err != nil {
		b.Fatal(err)
	}
	changes, err := e.Follow(ctx, op.ID)
	if err != nil {
		b.Fatal(err)
	}
	for op := range changes {
		if op.State == payment.InProgress && !op.Prompt.Narrated {
			break
		}
	}
	answer, err := http.Get(server.URL + "/events?on=till")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	stream := bufio.NewScanner(answer.Body)
	stream.Buffer(make([]byte, 1<<20), 1<<20)

	times := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for n := range b.N {
		text := fmt.Sprintf("Line number %d", n)
		begin := time.Now()
		display(b, till, text)
		for !strings.Contains(stream.Text(), text) {
			if !stream.Scan() {
				b.Fatalf("the stream ended: %v", stream.Err())
			}
		}
		times = append(times, time.Since(begin))
	}
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}

// display sends a DisplayRequest as the terminal does.
func display(b *testing.B, till, text string) {
	b.Helper()
	body := `<SaleToPOIRequest><MessageHeader MessageClass="Device" MessageCategory="Display" MessageType="Request" ServiceID="1" DeviceID="7" SaleID="PAYDESK1" POIID="KASSA-01"/>` +
		`<DisplayRequest><DisplayOutput ResponseRequiredFlag="false" Device="CashierDisplay" InfoQualify="POIReplication"><OutputContent OutputFormat="Text"><OutputText>` +
		text + `</OutputText></OutputContent></DisplayOutput></DisplayRequest></SaleToPOIRequest>`
	answer, err := http.Post(till, "application/xml", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusNoContent {
		b.Fatalf("status %d, %v", answer.StatusCode, err)
	}
}
