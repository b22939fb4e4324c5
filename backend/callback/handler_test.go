package callback

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// box is an inbox in memory.
type box struct {
	mu   sync.Mutex
	kept []payment.Delivery
	fail error
}

func (b *box) Keep(_ context.Context, d payment.Delivery) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return false, b.fail
	}
	for _, k := range b.kept {
		if k.Key == d.Key {
			return false, nil
		}
	}
	b.kept = append(b.kept, d)
	return true, nil
}

func (b *box) Kept(context.Context, string) ([]payment.Delivery, error) { return b.kept, nil }

// read takes "key reference" for a body.
func read(_ *http.Request, body []byte) payment.Delivery {
	key, reference, ok := strings.Cut(string(body), " ")
	if !ok {
		return payment.Delivery{Body: string(body), Fault: "no reference"}
	}
	return payment.Delivery{Key: key, Reference: reference, Body: string(body)}
}

func serve(t *testing.T, o Options) (*Door, *httptest.Server) {
	t.Helper()
	o.Name, o.Read = "TestCallback", read
	door := New(o)
	server := httptest.NewServer(door)
	t.Cleanup(server.Close)
	return door, server
}

func post(t *testing.T, url, encoding string, body []byte) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if encoding != "" {
		request.Header.Set("Content-Encoding", encoding)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func packed(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestStoredBeforeItIsAcknowledged(t *testing.T) {
	inbox, stored := &box{}, 0
	_, server := serve(t, Options{Inbox: inbox, Answer: func(w http.ResponseWriter, _ payment.Delivery) {
		stored = len(inbox.kept)
		_, _ = fmt.Fprint(w, "taken")
	}})
	if status, text := post(t, server.URL, "", []byte("k1 r1")); status != 200 || text != "taken" || stored != 1 {
		t.Fatalf("status %d, %q, %d stored before the answer", status, text, stored)
	}
	if d := inbox.kept[0]; d.Reference != "r1" || d.Name != "TestCallback" || d.From == "" || d.At.IsZero() {
		t.Errorf("stored %+v", d)
	}
}

func TestNotStoredNotAcknowledged(t *testing.T) {
	inbox := &box{fail: errors.New("the disk is full")}
	told := false
	_, server := serve(t, Options{Inbox: inbox, Take: func(payment.Delivery, []byte, bool) { told = true }})
	if status, _ := post(t, server.URL, "", []byte("k1 r1")); status != http.StatusServiceUnavailable || told {
		t.Errorf("status %d, told %t", status, told)
	}
}

// hung is an inbox on a disk that does not answer.
type hung struct{ box }

func (h *hung) Keep(ctx context.Context, _ payment.Delivery) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

// A terminal waits 3 s for an answer (poynt.md 9.2): a disk that hangs is said before, so
// that it delivers again.
func TestASlowDiskIsSaidInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := New(Options{Name: "TestCallback", Read: read, Inbox: &hung{}})
		begun, got := time.Now(), httptest.NewRecorder()
		door.ServeHTTP(got, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("k r")))
		if took := time.Since(begun); took >= 3*time.Second || got.Code != http.StatusServiceUnavailable {
			t.Errorf("status %d after %s", got.Code, took)
		}
	})
}

func TestParallelDuplicatesAreTakenOnce(t *testing.T) {
	inbox := &box{}
	var mu sync.Mutex
	fresh := 0
	_, server := serve(t, Options{Inbox: inbox, Take: func(_ payment.Delivery, _ []byte, f bool) {
		mu.Lock()
		defer mu.Unlock()
		if f {
			fresh++
		}
	}})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if status, _ := post(t, server.URL, "", []byte("same r1")); status != 200 {
				t.Errorf("status %d", status)
			}
		})
	}
	all.Wait()
	if fresh != 1 || len(inbox.kept) != 1 {
		t.Errorf("%d were fresh, %d stored", fresh, len(inbox.kept))
	}
}

func TestBodies(t *testing.T) {
	big := bytes.Repeat([]byte("a"), Limit+1)
	for _, c := range []struct {
		name, encoding string
		body           []byte
		status, stored int
	}{
		{"plain", "", []byte("k r"), 200, 1},
		{"gzip", "gzip", packed(t, []byte("k r")), 200, 1},
		{"just fits", "", append([]byte("k r"), big[:Limit-3]...), 200, 1},
		{"too large", "", big, 413, 1},
		{"a gzip bomb", "gzip", packed(t, bytes.Repeat([]byte("a"), 100*Limit)), 413, 1},
		{"not gzip", "gzip", []byte("k r"), 400, 1},
		{"gzip cut short", "gzip", packed(t, []byte("key reference"))[:20], 400, 1},
		{"another encoding", "br", []byte("k r"), 415, 1},
		{"unreadable", "", []byte("???"), 200, 1},
		{"empty", "", nil, 200, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inbox, told := &box{}, 0
			_, server := serve(t, Options{Inbox: inbox, Take: func(payment.Delivery, []byte, bool) { told++ }})
			for range 3 { // the same again is kept once
				if status, text := post(t, server.URL, c.encoding, c.body); status != c.status || len(inbox.kept) != c.stored {
					t.Errorf("status %d (%s), stored %d", status, text, len(inbox.kept))
				}
			}
			if d := inbox.kept[0]; c.status != 200 && (told > 0 || d.Body != "" || !strings.HasPrefix(d.Fault, "its body was not taken: ") || d.From == "") {
				t.Errorf("%d were told, and kept is %+v", told, d)
			}
		})
	}
}

func TestWhoMayDeliver(t *testing.T) {
	inbox := &box{}
	secret := Secret(Long, []byte("key"), "one", "two")
	_, server := serve(t, Options{Inbox: inbox, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Known: func(r *http.Request) bool { return Matches(strings.TrimPrefix(r.URL.Path, "/"), secret) }})
	if status, _ := post(t, server.URL+"/"+secret, "", []byte("k r")); status != 200 {
		t.Errorf("with the secret: status %d", status)
	}
	for _, path := range []string{"/", "/" + secret[1:], "/" + secret + "x"} {
		if status, _ := post(t, server.URL+path, "", []byte("k2 r")); status != 404 {
			t.Errorf("%s: status %d", path, status)
		}
	}
	_, closed := serve(t, Options{Inbox: inbox, Allowed: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	if status, _ := post(t, closed.URL, "", []byte("k3 r")); status != 404 {
		t.Errorf("from elsewhere: status %d", status)
	}
	if len(inbox.kept) != 1 {
		t.Errorf("%d stored", len(inbox.kept))
	}
	answer, err := http.Get(server.URL + "/" + secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d, %v", answer.StatusCode, err)
	}
}

// Who does not know the secret writes nothing into the journal, but it is logged.
func TestWhatIsTurnedAwayIsLogged(t *testing.T) {
	inbox, said := &box{}, &bytes.Buffer{}
	_, server := serve(t, Options{Inbox: inbox, Known: func(*http.Request) bool { return false }, Log: slog.New(slog.NewTextHandler(said, nil))})
	if status, _ := post(t, server.URL+"/a-guess", "", []byte("k r")); status != 404 || len(inbox.kept) != 0 {
		t.Errorf("status %d, %d stored", status, len(inbox.kept))
	}
	if text := said.String(); !strings.Contains(text, "turned away") || !strings.Contains(text, "from=127.0.0.1:") || strings.Contains(text, "a-guess") {
		t.Errorf("the log says %q", text)
	}
}

func TestSecretsDiffer(t *testing.T) {
	a := Secret(Long, []byte("key"), "ab", "c")
	for _, other := range []string{Secret(Long, []byte("key"), "a", "bc"), Secret(Long, []byte("key"), "abc"), Secret(Long, []byte("kez"), "ab", "c")} {
		if a == other {
			t.Errorf("%s is the secret of something else", a)
		}
	}
	if a != Secret(Long, []byte("key"), "ab", "c") || len(a) != 32 || len(Secret(Typed, nil, "x")) != 16 {
		t.Error("a secret is not what it was")
	}
}

func TestStraysAreBounded(t *testing.T) {
	inbox := &box{}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	_, server := serve(t, Options{Inbox: inbox, Now: func() time.Time { return now }})
	for i := range strays + 10 {
		if status, _ := post(t, server.URL, "", fmt.Appendf(nil, "stray%d", i)); status != 200 {
			t.Fatalf("stray %d: status %d", i, status)
		}
	}
	if len(inbox.kept) != strays {
		t.Errorf("%d strays were stored", len(inbox.kept))
	}
	if status, _ := post(t, server.URL, "", []byte("k r")); status != 200 || len(inbox.kept) != strays+1 {
		t.Errorf("one of ours: status %d, %d stored", status, len(inbox.kept))
	}
	now = now.Add(strayWindow)
	if post(t, server.URL, "", []byte("later")); len(inbox.kept) != strays+2 {
		t.Errorf("after an hour %d are stored", len(inbox.kept))
	}
}

func TestProbe(t *testing.T) {
	inbox := &box{}
	door, server := serve(t, Options{Inbox: inbox, Known: func(*http.Request) bool { return false }})
	if err := door.Probe(t.Context(), server.Client(), server.URL+"/any"); err != nil {
		t.Errorf("its own door: %v", err)
	}
	_, other := serve(t, Options{Inbox: inbox})
	if err := door.Probe(t.Context(), other.Client(), other.URL); payment.CodeOf(err) != payment.CodeForeign {
		t.Errorf("another till's door: %v", err)
	}
	other.Close()
	if err := door.Probe(t.Context(), http.DefaultClient, other.URL); payment.CodeOf(err) != payment.CodeUnreachable {
		t.Errorf("nobody there: %v", err)
	}
}
