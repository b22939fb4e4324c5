package frontend_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// stream reads the messages of a page's stream.
type stream struct {
	messages chan string // closed at the end
}

func listen(t testing.TB, url string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("the stream is %q", got)
	}
	s := &stream{make(chan string, 100)}
	go func() {
		defer close(s.messages)
		defer func() { _ = answer.Body.Close() }()
		var b strings.Builder
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if line := lines.Text(); line != "" {
				b.WriteString(strings.TrimPrefix(line, "data: ") + "\n")
			} else if b.Len() > 0 {
				s.messages <- b.String()
				b.Reset()
			}
		}
	}()
	return s
}

// next gives the next message that has a text, within 30 s.
func (s *stream) next(t testing.TB, text string) string {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case m, open := <-s.messages:
			if !open {
				t.Fatalf("the stream ended before %q", text)
			}
			if strings.Contains(m, text) {
				return m
			}
		case <-late:
			t.Fatalf("%q did not come", text)
		}
	}
}

func serve(t testing.TB, d *desk) (url string, stop func()) {
	t.Helper()
	p := pages(t, d, false)
	server := httptest.NewServer(p)
	t.Cleanup(func() { p.Close(); server.Close() })
	return server.URL, p.Close
}

func TestStreamBeginsWithTheWholeState(t *testing.T) {
	d := newDesk()
	s := d.sale(12500)
	s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
	url, _ := serve(t, d)
	first := <-listen(t, url+"/events?on=till&terminal=front").messages
	for _, want := range []string{`hx-target="#bands"`, `hx-target="#till"`, "Present card", "Sätt i kort", "125.00\u00a0kr"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first message lacks %q", want)
		}
	}
}

func TestStreamFollowsTheNews(t *testing.T) {
	d := newDesk()
	url, stop := serve(t, d)
	here, there := listen(t, url+"/events?on=till&terminal=front"), listen(t, url+"/events?on=till&terminal=terrace")
	here.next(t, `data-screen="sale-`)
	there.next(t, `data-screen="sale-`)
	s := d.sale(12500)
	here.next(t, "Connecting to the terminal")
	s.prompt(payment.PromptPINDigits, "", payment.Customer, 2)
	if m := here.next(t, "Customer enters PIN"); strings.Count(m, `class="on"`) != 2 {
		t.Errorf("two digits are drawn as %d", strings.Count(m, `class="on"`))
	}
	// F-28: what was shown for milliseconds stays readable in the history.
	s.prompt(payment.PromptRemove, "", payment.Customer, 0)
	m := here.next(t, "Remove card")
	for _, want := range []string{"PIN entry", "Connecting to the terminal"} {
		if !strings.Contains(m, want) {
			t.Errorf("the history lacks %q", want)
		}
	}
	s.end(payment.Refused, payment.ReasonIssuer)
	here.next(t, "Nothing was charged.")
	s.doubt(false)
	if m := there.next(t, "is in doubt"); strings.Contains(m, `hx-target="#till"`) {
		t.Error("another terminal's page was drawn anew")
	}
	stop()
	for range here.messages { // ends when the pages close
	}
}

// TestCarriageReturnsStayInTheMessage: a lone CR ends a line of the stream as well.
func TestCarriageReturnsStayInTheMessage(t *testing.T) {
	d := newDesk()
	s := d.sale(12500)
	s.prompt(payment.PromptText, "one\rtwo\r\n\r\nthree\n\nfour", payment.Customer, 0)
	url, _ := serve(t, d)
	first := <-listen(t, url+"/events?on=till&terminal=front").messages
	for _, want := range []string{"one", "two", "three", "four", "</hx-partial>"} {
		if !strings.Contains(first, want) {
			t.Errorf("the message lacks %q", want)
		}
	}
}

// TestWithdrawnQuestion is DM-09: the terminal goes on without an answer.
func TestWithdrawnQuestion(t *testing.T) {
	d := newDesk()
	url, _ := serve(t, d)
	here := listen(t, url+"/events?on=till&terminal=front")
	s := d.sale(12500)
	s.ask()
	here.next(t, "Compare the signature")
	s.op.Question = nil
	s.prompt(payment.PromptStopped, "", payment.Device, 0)
	here.next(t, "The terminal took back its question about the signature.")
}

// BenchmarkPromptToStream measures from the engine's news to the fragment out on
// the stream, over a socket. The journal is the test's: the drawing is ours.
func BenchmarkPromptToStream(b *testing.B) {
	d := newDesk()
	url, _ := serve(b, d)
	s := d.sale(12500)
	here := listen(b, url+"/events?on=till&terminal=front")
	<-here.messages
	for b.Loop() {
		s.prompt(payment.PromptPresent, "Sätt i kort", payment.Customer, 0)
		<-here.messages
	}
}
