package netpay_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/netpay"
)

// shop is the engine with its journal and one NetPay terminal, in virtual time.
type shop struct {
	*engine.Engine
	t        *testing.T
	journal  *journal.Journal
	network  *conform.Network
	practice *practice.Terminal
	pair     conform.Pair
	path     string
	odd      bool // the test has looked at what the terminal objects to by itself
}

// with opens a shop, has test play in it, and closes it.
func with(t *testing.T, more payment.Settings, test func(x *shop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(18 * time.Hour) // noon in Mexico City: a bubble begins at midnight UTC
		x := &shop{t: t, network: &conform.Network{}}
		folder := t.TempDir()
		x.path = filepath.Join(folder, "journal.db")
		x.pair = open(nil, more)(t, x.network, folder)
		x.practice = x.pair.Practice.(*practice.Terminal)
		x.start()
		test(x)
		x.stop()
		for _, v := range x.practice.Violations() {
			if !x.odd {
				t.Errorf("the till broke the protocol: %s", v)
			}
		}
		if err := x.practice.Close(); err != nil {
			t.Error(err)
		}
		x.network.Close()
	})
}

func (x *shop) start() {
	x.t.Helper()
	var err error
	if x.journal, err = journal.Open(context.Background(), x.path, journal.Options{}); err != nil {
		x.t.Fatal(err)
	}
	x.Engine = engine.New(engine.Options{Journal: x.journal})
	if err := x.Add(context.Background(), engine.Terminal{Name: "one", Provider: x.pair.Provider, Settings: x.pair.Settings, Transport: x.network.Transport()}, x.network.Listen); err != nil {
		x.t.Fatal(err)
	}
	synctest.Wait()
}

func (x *shop) stop() {
	if err := x.Close(context.Background()); err != nil {
		x.t.Error(err)
	}
	if err := x.journal.Close(); err != nil {
		x.t.Error(err)
	}
}

func (x *shop) set(faults ...string) {
	x.t.Helper()
	for _, f := range faults {
		name, value, _ := strings.Cut(f, "=")
		if err := x.practice.SetFault(name, value); err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *shop) customer(name string) {
	x.t.Helper()
	if err := x.practice.SetCustomer(name); err != nil {
		x.t.Fatal(err)
	}
}

func (x *shop) begin(s engine.Start) payment.Operation {
	x.t.Helper()
	op, err := x.Start(context.Background(), s)
	if err != nil {
		x.t.Fatal(err)
	}
	return op
}

func (x *shop) sell() payment.Operation { return x.begin(engine.Start{Amount: 1256}) }

// until follows an operation until it is as wanted.
func (x *shop) until(id string, wanted func(payment.Operation) bool) (last payment.Operation) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	changes, err := x.Follow(ctx, id)
	if err != nil {
		x.t.Fatal(err)
	}
	for last = range changes {
		if wanted(last) {
			return last
		}
	}
	x.t.Fatalf("it stays %s (%s)", last.State, last.ReasonText)
	return last
}

func final(op payment.Operation) bool  { return op.State.Final() }
func parked(op payment.Operation) bool { return op.Doubt.Parked }

// post delivers a body to the till as anybody could who knows the address.
func (x *shop) post(body []byte, encoding string) (status int, answer string) {
	x.t.Helper()
	r, err := http.NewRequest(http.MethodPost, x.Terminals()[0].Door.URL, bytes.NewReader(body))
	if err != nil {
		x.t.Fatal(err)
	}
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	reply, err := (&http.Client{Transport: x.network.Transport()}).Do(r)
	if err != nil {
		return hungUp, "" // before the body had left as a whole
	}
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	if err := reply.Body.Close(); err != nil {
		x.t.Fatal(err)
	}
	return reply.StatusCode, string(text)
}

// timeline is everything that the journal holds of an operation, as text.
func (x *shop) timeline(id string) string {
	x.t.Helper()
	synctest.Wait()
	time.Sleep(time.Second) // what nobody waits for is recorded a little later
	events, err := x.journal.Events(context.Background(), id)
	if err != nil {
		x.t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range events {
		fmt.Fprintf(&all, "%s %s\n", e.Kind, e.Data)
	}
	return all.String()
}

// hungUp stands for the status of a post that the till did not want to hear out.
const hungUp = 0
