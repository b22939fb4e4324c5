package poynt

import (
	"strings"
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

func TestNothingThatIsForbiddenIsRecorded(t *testing.T) {
	kept := record([]byte(result("PROCESSED", tx(t))))
	for _, secret := range secrets {
		if strings.Contains(kept, secret) {
			t.Errorf("%q in %s", secret, kept)
		}
	}
	if p, err := readPosted([]byte(kept)); err != nil || string(p.Transactions[0].ID) != testTx || p.Status != "PROCESSED" {
		t.Errorf("what a restart needs is lost: %+v, %v", p, err)
	}
	if !strings.Contains(kept, `"approvalCode":"105502"`) || !strings.Contains(kept, testRef) {
		t.Errorf("what is evidence is lost: %s", kept)
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(exampleTx))
	f.Add([]byte(`{"data":"{\"payment\":\"{\\\"track2data\\\":\\\"x\\\"}\"}"}`))
	f.Add([]byte(`[[[[{"0x57":"1"}]]]]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		kept := record(raw)
		if len(kept) > maxRecord+len("...") {
			t.Errorf("%d bytes are kept", len(kept))
		}
		if value, ok := parse([]byte(kept)); ok {
			if m, ok := value.(map[string]any); ok {
				for name := range m {
					if forbidden(name) {
						t.Errorf("%q is kept", name)
					}
				}
			}
		}
	})
}
