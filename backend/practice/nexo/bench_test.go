package nexo

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkPayment is a whole light-mode payment in memory: parse, play, book,
// two receipts, answer. The stack above it pays this for each of its payments.
func BenchmarkPayment(b *testing.B) {
	term, err := New(Options{Customer: "contactless", CoolDown: NoCoolDown})
	if err != nil {
		b.Fatal(err)
	}
	post := func(id, category, body string) {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://terminal.invalid"+Path, strings.NewReader(request(id, category, body)))
		if err != nil {
			b.Fatal(err)
		}
		response, err := memory{term.Handler()}.RoundTrip(r)
		if err != nil || response.StatusCode != http.StatusOK {
			b.Fatal(response, err)
		}
	}
	post("1", "Login", loginBody(lightCapability))
	n := 1
	for b.Loop() {
		n++
		post(strconv.Itoa(n), "Payment", paymentBody(strconv.Itoa(n), "10", "", "Normal"))
	}
	if got := len(term.Bookings()); got != n-1 {
		b.Fatalf("%d bookings of %d payments", got, n-1)
	}
	if err := term.Close(); err != nil {
		b.Fatal(err)
	}
}
