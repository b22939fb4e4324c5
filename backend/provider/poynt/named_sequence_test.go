package poynt

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The tip was given on the terminal and stands in the amounts: it is no other amount,
// and nothing is read again (9).
func TestSeq09_TipInAmounts(t *testing.T) {
	play(t, payment.Settings{"tip": "terminal"}, func(t *testing.T, h *house) {
		paid := tx(t, `amounts.tipAmount=188`, `amounts.transactionAmount=1444`, `processorResponse.approvedAmount=1444`)
		h.deliver = func(m sent) { h.books(paid); h.post(m, result("PROCESSED", paid)) }
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success || got.Authorised != 1444 || got.Tip != 188 || len(got.Slips) == 0 || got.Slips[0].Total != "14.44" {
			t.Errorf("%+v, %v", got, err)
		}
		if n := h.cloud.asked("GET /businesses/" + testBusiness + "/transactions/" + testTx); n != 1 {
			t.Errorf("read %d times", n)
		}
	})
}

// Two cards pay one sale: their sum counts, told by the terminal or found by asking, and
// a slip is there for each (11).
func TestSeq11_SplitTender(t *testing.T) {
	for name, more := range map[string]payment.Settings{"told": nil, "found": polling} {
		t.Run(name, func(t *testing.T) {
			play(t, more, func(t *testing.T, h *house) {
				part := func(id string, minor int) string {
					return tx(t, `id="`+id+`"`, fmt.Sprintf(`amounts.orderAmount=%d`, minor), fmt.Sprintf(`amounts.transactionAmount=%d`, minor), fmt.Sprintf(`processorResponse.approvedAmount=%d`, minor))
				}
				h.deliver = func(m sent) {
					h.books(part(testTx, 600))
					time.Sleep(12 * time.Second)
					h.books(part(otherTx, 656))
					if more == nil {
						h.post(m, result("PROCESSED", part(testTx, 600), part(otherTx, 656)))
					}
				}
				if got, err := h.sell(); err != nil || got.Outcome != payment.Success || got.Authorised != 1256 || len(got.Slips) != 4 {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}

// Poynt does not show the capture yet, so the reservation's own id is tried and refused:
// nothing was given back. Once the capture shows, the same refund names it (45).
func TestSeq45_RefundOfTheReservation(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.books(tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`))
		var bodies []string
		h.answer = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
			if r.Method != http.MethodPost || r.URL.Path == "/token" {
				return false
			}
			bodies = append(bodies, string(body))
			if strings.Contains(string(body), `"parentId":"`+testTx+`"`) {
				refuse(w, 400, "UNSUPPORTED_TXN_ACTION")
				return true
			}
			fmt.Fprint(w, child(t, "REFUND", "REFUNDED", 1256, `parentId="`+otherTx+`"`))
			return true
		}
		if got, err := h.Refund(context.Background(), refund(1256), h.op); err != nil || got.Outcome != payment.Refused || got.ReasonText == "" {
			t.Errorf("with the reservation's id: %+v, %v", got, err)
		}
		h.books(child(t, "CAPTURE", "CAPTURED", 1256, `id="`+otherTx+`"`))
		if got, err := h.Refund(context.Background(), refund(1256), h.op); err != nil || got.Outcome != payment.Success || got.Authorised != 1256 {
			t.Errorf("with the capture's: %+v, %v", got, err)
		}
		if len(bodies) != 2 || !strings.Contains(bodies[1], `"parentId":"`+otherTx+`"`) {
			t.Errorf("sent %q", bodies)
		}
	})
}
