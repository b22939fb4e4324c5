package poynt_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/poynt"
)

// thief reads what the till tells the cloud: where the terminal is to deliver.
type thief struct {
	http.RoundTripper
	mu      sync.Mutex
	address string
}

func (f *thief) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/cloudMessages" {
		return f.RoundTripper.RoundTrip(r)
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var m struct{ Data string }
	var data struct{ CallbackURL string }
	if json.Unmarshal(raw, &m) == nil && json.Unmarshal([]byte(m.Data), &data) == nil && data.CallbackURL != "" {
		f.mu.Lock()
		f.address = data.CallbackURL
		f.mu.Unlock()
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(raw))
	return f.RoundTripper.RoundTrip(again)
}

// post delivers to the address of the latest payment, as nobody could who has not
// stolen its secret.
func (f *thief) post(t *testing.T, body, encoding string) (status int) {
	t.Helper()
	f.mu.Lock()
	address := f.address
	f.mu.Unlock()
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Encoding", encoding)
	answer, err := (&http.Client{Transport: f.RoundTripper}).Do(r)
	if err != nil {
		return 0 // the till did not want to hear it out
	}
	_ = answer.Body.Close() // only the status counts
	return answer.StatusCode
}

// timeline is all that the journal holds of an operation.
func (one *till) timeline(id string) string {
	one.t.Helper()
	synctest.Wait()
	time.Sleep(time.Second)
	events, err := one.journal.Events(context.Background(), id)
	if err != nil {
		one.t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range events {
		fmt.Fprintf(&all, "%s %s\n", e.Kind, e.Data)
	}
	return all.String()
}

// claimed is a transaction as a forger tells it: right in every field but those changed.
func claimed(reference string, change map[string]any) map[string]any {
	got := map[string]any{"id": "12345678-1234-4234-8234-123456789012", "action": "SALE", "status": "CAPTURED",
		"amounts":           map[string]any{"transactionAmount": 1256, "orderAmount": 1256, "currency": "USD"},
		"context":           map[string]any{"businessId": practice.BusinessID, "storeId": practice.StoreID, "storeDeviceId": practice.DeviceID},
		"processorResponse": map[string]any{"status": "Successful", "approvalCode": "123456"},
		"references":        []any{map[string]any{"type": "CUSTOM", "customType": "referenceId", "id": reference}}}
	for k, v := range change {
		got[k] = v
	}
	return got
}

// Whatever is posted to the stolen address of a payment, while the customer is at it and
// when its outcome is known: what Poynt itself tells decides, and the post stands in the
// timeline. A payment that is named and that Poynt never shows can bring a decline or a
// cancel into doubt, and no further.
func TestForgedDeliveries(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"an approval":       nil,
		"a wrong amount":    {"amounts": map[string]any{"transactionAmount": 1, "orderAmount": 1, "currency": "USD"}},
		"a wrong store":     {"context": map[string]any{"storeId": "99999999-2222-4222-8222-222222222222"}},
		"another device":    {"context": map[string]any{"storeDeviceId": "urn:tid:99999999-3333-3333-8333-333333333333"}},
		"a decline":         {"status": "DECLINED"},
		"no id of Poynt's":  {"id": "../../token"},
		"another reference": {"references": []any{map[string]any{"customType": "referenceId", "id": "202511150000000007"}}},
	} {
		for customer, want := range map[string]payment.State{"declined": payment.Declined, "chip-pin": payment.Approved, "cancels": payment.Cancelled} {
			t.Run(name+", "+customer, func(t *testing.T) {
				with(t, nil, func(x *shop) {
					forger := &thief{RoundTripper: x.way}
					x.way = forger
					x.customer(customer)
					one := x.open("journal.db", doorAddress)
					id := one.sell()
					time.Sleep(time.Second) // the customer is at it
					op, err := one.journal.Operation(context.Background(), id)
					if err != nil {
						t.Error(err)
					}
					body, err := json.Marshal(map[string]any{"referenceId": op.References.Ours, "status": "PROCESSED", "note": "FORGED", "transactions": []any{claimed(op.References.Ours, change)}})
					if err != nil {
						t.Error(err)
					}
					if status := forger.post(t, string(body), ""); status != http.StatusOK {
						t.Errorf("status %d", status)
					}
					op = one.until(id, func(op payment.Operation) bool { return op.State.Final() || op.Doubt.Parked })
					if op.State != want && (want == payment.Approved || op.State != payment.InDoubt) {
						t.Errorf("%s (%s: %s)", op.State, op.Reason, op.ReasonText)
					}
					forger.post(t, strings.Replace(string(body), "FORGED", "AGAIN", 1), "")
					time.Sleep(5 * time.Minute)
					again, err := one.journal.Operation(context.Background(), id)
					if err != nil || again.State != op.State || len(again.Alarms) != 0 {
						t.Errorf("afterwards %s, %+v, %v", again.State, again.Alarms, err)
					}
					if charged := x.pair.Practice.Charged(); (len(charged) == 1) != (want == payment.Approved) {
						t.Errorf("charged %v", charged)
					}
					if told := one.timeline(id); !strings.Contains(told, "FORGED") {
						t.Errorf("the post is not in the timeline:\n%s", told)
					}
				})
			})
		}
	}
}

// A cancel that is told at a moment when the customer goes on to pay: Poynt cannot
// confirm a cancel, so what shows afterwards is learnt by asking alone, and is an alarm.
func TestForgedCancel(t *testing.T) {
	with(t, nil, func(x *shop) {
		forger := &thief{RoundTripper: x.way}
		x.way = forger
		x.customer("chip-pin")
		x.set([2]string{"callback.result", "lose"}, [2]string{"list.visibility", "10s"})
		one := x.open("journal.db", doorAddress)
		id := one.sell()
		time.Sleep(time.Second)
		op, err := one.journal.Operation(context.Background(), id)
		if err != nil {
			t.Error(err)
		}
		forger.post(t, `{"referenceId":"`+op.References.Ours+`","status":"CANCELED"}`, "")
		if op = one.until(id, final); op.State != payment.Cancelled {
			t.Errorf("%s (%s)", op.State, op.ReasonText)
		}
		time.Sleep(10 * time.Minute)
		if op, err = one.journal.Operation(context.Background(), id); err != nil || op.State != payment.Approved || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmLateMoney {
			t.Errorf("%s, %+v, %v", op.State, op.Alarms, err)
		}
		forger.post(t, `{"referenceId":"`+op.References.Ours+`","status":"CANCELED","more":1,"transactions":[{"id":"x"}]}`, "")
		time.Sleep(10 * time.Minute)
		if op, err = one.journal.Operation(context.Background(), id); err != nil || op.State != payment.Approved || len(op.Alarms) != 1 {
			t.Errorf("in the end %s, %+v, %v", op.State, op.Alarms, err)
		}
	})
	for customer, want := range map[string]payment.State{"declined": payment.Declined, "cancels": payment.Cancelled} {
		with(t, nil, func(x *shop) { // when the outcome is known it says nothing new
			forger := &thief{RoundTripper: x.way}
			x.way = forger
			x.customer(customer)
			one := x.open("journal.db", doorAddress)
			op := one.until(one.sell(), final)
			forger.post(t, `{"referenceId":"`+op.References.Ours+`","status":"CANCELED"}`, "")
			time.Sleep(5 * time.Minute)
			if op, err := one.journal.Operation(context.Background(), op.ID); err != nil || op.State != want || len(op.Alarms) != 0 {
				t.Errorf("%s: %s, %+v, %v", customer, op.State, op.Alarms, err)
			}
		})
	}
}
