package poynt

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What one delivery costs: it is read, cleaned and judged.
func BenchmarkDelivery(b *testing.B) {
	body := []byte(result("PROCESSED", exampleTx))
	s := settings{business: testBusiness, store: testStore, device: testDevice, currency: "USD"}
	r := request(payment.Sale)
	b.ReportAllocs()
	for b.Loop() {
		if record(body) == "" {
			b.Fatal("nothing is kept")
		}
		one, err := readTransaction([]byte(exampleTx))
		if err != nil || s.judge(r, []transaction{one}, nil).Outcome != payment.Success {
			b.Fatal(err)
		}
	}
}
