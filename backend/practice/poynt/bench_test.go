package poynt

import (
	"fmt"
	"testing"
)

// BenchmarkSale is one sale from the cloud message to the acknowledged result,
// durably booked, without any waiting.
func BenchmarkSale(b *testing.B) {
	c := newTill(b, Options{Customer: "contactless", Ledger: ledgerFile(b)})
	c.signIn()
	c.fault("busy", "queue")
	b.ResetTimer()
	for i := range b.N {
		c.quiet(fmt.Sprintf("sale-%d", i))
		<-c.news
	}
	b.StopTimer()
	if n := len(c.cloud.Bookings()); n != b.N {
		b.Fatalf("%d bookings of %d sales", n, b.N)
	}
}
