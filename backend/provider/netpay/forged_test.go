package netpay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/netpay"
)

// claim is an approval of an operation as somebody forges it who has seen others: all
// but the mark can be known or guessed.
func claim(op payment.Operation, change map[string]any) []byte {
	got := map[string]any{"affiliation": "7000001", "amount": "12.56", "authCode": "123456", "cardNumber": "0042", "responseCode": "00", "message": "Transacción exitosa",
		"folioNumber": op.Attempt.Reference, "isRePrint": false, "orderId": "000101120007-" + practice.DefaultSerial, "reprintModule": "C", "storeId": "700101",
		"terminalId": practice.DefaultSerial, "transType": "A", "traceability": map[string]any{"paydesk": op.Attempt.Reference, "op": "sale", "paydesk_mark": "abcdefgh23456777"}}
	for k, v := range change {
		if got[k] = v; v == nil {
			delete(got, k)
		}
	}
	raw, err := json.Marshal(got)
	if err != nil {
		panic(err)
	}
	return raw
}

// TestForgedDeliveries: whatever a stranger posts while a customer is at the terminal,
// and afterwards, the outcome is the terminal's own, and the post is in the timeline.
func TestForgedDeliveries(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"an approval":           nil,
		"without traceability":  {"traceability": nil},
		"a wrong amount":        {"amount": "99.0"},
		"a wrong store":         {"storeId": "700102", "affiliation": "7000002"},
		"another device":        {"terminalId": "9999999999"},
		"another folio":         {"folioNumber": "202511150000000007"},
		"an approval by points": {"summary": map[string]any{"sum": "12.56"}, "orderId": "700101-0b7b6a1e-R"},
		"a cancel":              {"transType": "V"},
		"a reprint: it stands":  {"isRePrint": true},
		"a reprint: declined":   {"isRePrint": true, "reprintModule": "D", "responseCode": "51"},
		"a decline":             {"responseCode": "51", "reprintModule": ""},
		"a customer's cancel":   {"responseCode": "02", "amount": "0.00", "orderId": "", "reprintModule": ""},
	} {
		for customer, want := range map[string]payment.State{"declined": payment.Declined, "chip-pin": payment.Approved, "cancels": payment.Cancelled} {
			t.Run(name+", "+customer, func(t *testing.T) {
				with(t, nil, func(x *shop) {
					x.customer(customer)
					op := x.sell()
					time.Sleep(time.Second) // the customer is at it
					if status, answer := x.post(claim(op, change), ""); status != 200 || answer != `{"code":"00","message":"Recibido"}` {
						t.Errorf("status %d, %s", status, answer)
					}
					op = x.until(op.ID, final)
					if op.State != want {
						t.Errorf("%s (%s: %s)", op.State, op.Reason, op.ReasonText)
					}
					x.post(claim(op, change), "")
					later := map[string]any{"authCode": "654321"}
					for k, v := range change {
						later[k] = v
					}
					x.post(claim(op, later), "") // once more, when the outcome is known
					time.Sleep(10 * time.Minute)
					if again, err := x.journal.Operation(context.Background(), op.ID); err != nil || again.State != want || len(again.Alarms) != 0 {
						t.Errorf("afterwards %s, %v, %v", again.State, again.Alarms, err)
					}
					if charged := x.practice.Charged(); (len(charged) == 1) != (want == payment.Approved) {
						t.Errorf("charged %v", charged)
					}
					if told := x.timeline(op.ID); strings.Count(told, "123456") < 1 || strings.Count(told, "654321") != 1 {
						t.Errorf("the posts are not in the timeline:\n%s", told)
					}
				})
			})
		}
	}
}

// TestReplayOfLastWeek: a result that was true once is of another operation.
func TestReplayOfLastWeek(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		old := x.until(x.sell().ID, final)
		kept, err := x.journal.Deliveries(context.Background(), "one", old.Attempt.Reference)
		if err != nil || len(kept) != 1 {
			t.Fatalf("%d, %v", len(kept), err)
		}
		time.Sleep(7 * 24 * time.Hour)
		x.customer("declined")
		op := x.sell()
		time.Sleep(time.Second)
		for _, body := range []string{kept[0].Body, strings.Replace(kept[0].Body, `"folioNumber":"`+old.Attempt.Reference, `"folioNumber":"`+op.Attempt.Reference, 1),
			strings.ReplaceAll(kept[0].Body, old.Attempt.Reference, op.Attempt.Reference)} {
			if status, _ := x.post([]byte(body), ""); status != 200 {
				t.Errorf("status %d", status)
			}
		}
		if op = x.until(op.ID, final); op.State != payment.Declined {
			t.Errorf("%s", op.State)
		}
		time.Sleep(10 * time.Minute)
		for id, want := range map[string]payment.State{op.ID: payment.Declined, old.ID: payment.Approved} {
			if got, err := x.journal.Operation(context.Background(), id); err != nil || got.State != want || len(got.Alarms) != 0 {
				t.Errorf("%s, %v, %v", got.State, got.Alarms, err)
			}
		}
		if told := x.timeline(op.ID); !strings.Contains(told, "not believed") {
			t.Errorf("nobody is told:\n%s", told)
		}
	})
}

// TestForgedFromTheTimeline: who has read a payment's timeline knows its mark. A decline
// that is told there does not become an approval by a post that repeats the mark.
func TestForgedFromTheTimeline(t *testing.T) {
	for customer, want := range map[string]payment.State{"declined": payment.Declined, "cancels": payment.Cancelled} {
		with(t, nil, func(x *shop) {
			x.customer(customer)
			op := x.until(x.sell().ID, final)
			kept, err := x.journal.Deliveries(context.Background(), "one", op.Attempt.Reference)
			if err != nil || len(kept) == 0 {
				t.Fatalf("%d, %v", len(kept), err)
			}
			var told map[string]any
			if err := json.Unmarshal([]byte(kept[0].Body), &told); err != nil {
				t.Fatal(err)
			}
			for k, v := range map[string]any{"responseCode": "00", "reprintModule": "C", "transType": "A", "amount": "12.56", "orderId": "000101120007-" + practice.DefaultSerial, "storeId": "700101", "affiliation": ""} {
				told[k] = v
			}
			forged, err := json.Marshal(told)
			if err != nil {
				t.Fatal(err)
			}
			if status, _ := x.post(forged, ""); status != 200 {
				t.Errorf("status %d", status)
			}
			time.Sleep(10 * time.Minute)
			if got, err := x.journal.Operation(context.Background(), op.ID); err != nil || got.State != want || len(got.Alarms) != 0 {
				t.Errorf("%s: %s, %+v, %v", customer, got.State, got.Alarms, err)
			}
		})
	}
}

// TestUnreadableDeliveries: what cannot be read is refused or acknowledged, bounded,
// and decides nothing.
func TestUnreadableDeliveries(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 64 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	with(t, nil, func(x *shop) {
		x.customer("declined")
		op := x.sell()
		time.Sleep(time.Second)
		whole := claim(op, nil)
		for name, c := range map[string]struct {
			body     []byte
			encoding string
			status   int
		}{
			"truncated":     {whole[:len(whole)/2], "", 200},
			"no object":     {[]byte(`["00"]`), "", 200},
			"no JSON":       {[]byte("responseCode=00"), "", 200},
			"deep":          {[]byte(`{"traceability":` + strings.Repeat(`{"a":`, 20000)), "", 200},
			"binary":        {[]byte{0, 255, 1, 254}, "", 200},
			"empty":         {nil, "", 200},
			"too long":      {append(bytes.Repeat([]byte(" "), 1<<20), whole...), "", 413},
			"a bomb":        {bomb.Bytes(), "gzip", 413},
			"a broken gzip": {bomb.Bytes()[:100], "gzip", 400},
			"odd encoding":  {whole, "br", 415},
		} {
			if status, _ := x.post(c.body, c.encoding); status != c.status && (status != hungUp || c.status == 200) {
				t.Errorf("%s: status %d, want %d", name, status, c.status)
			}
		}
		if op = x.until(op.ID, final); op.State != payment.Declined || len(x.practice.Charged()) != 0 {
			t.Errorf("%s", op.State)
		}
		strays, err := x.journal.Strays(context.Background())
		if err != nil {
			t.Error(err)
		}
		seen := fmt.Sprintf("%+v", strays) // each of them, for who looks for what went wrong
		for _, why := range []string{"the body is too large", "the body ended early", `the encoding "br" is not understood`, "it is no JSON object", "it cannot be read"} {
			if !strings.Contains(seen, why) {
				t.Errorf("nobody sees that %s:\n%s", why, seen)
			}
		}
	})
}

// TestParallelDuplicates: fifty times the same result at once is one result, and a
// flood of forged ones hides none.
func TestParallelDuplicates(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		x.set("sale.result=hold") // the terminal's own post comes with the next
		op := x.sell()
		time.Sleep(time.Second)
		var all sync.WaitGroup
		for n := range 50 {
			all.Go(func() { x.post(claim(op, map[string]any{"authCode": fmt.Sprint(200000 + n)}), "") })
			all.Go(func() { x.post(claim(op, nil), "") })
		}
		all.Wait()
		if op = x.until(op.ID, final); op.State != payment.Approved || op.References.AuthCode == "123456" || strings.HasPrefix(op.References.AuthCode, "2000") {
			t.Errorf("%s, %+v", op.State, op.References)
		}
		kept, err := x.journal.Deliveries(context.Background(), "one", op.Attempt.Reference)
		if err != nil {
			t.Fatal(err)
		}
		same := 0
		for _, d := range kept {
			if strings.Contains(d.Body, `"123456"`) {
				same++
			}
		}
		if same != 1 || len(x.practice.Charged()) != 1 {
			t.Errorf("%d times kept, charged %v", same, x.practice.Charged())
		}
	})
}

// TestInsidersForgery: an approval that is right in every field, the mark included, can
// only come from NetPay or the terminal; where a reprint has to confirm, not even
// that is believed.
func TestInsidersForgery(t *testing.T) {
	for confirm, want := range map[string]payment.State{"echo": payment.Approved, "reprint": payment.Declined} {
		with(t, payment.Settings{"confirm": confirm}, func(x *shop) {
			x.customer("declined")
			x.set("result.forged=approved")
			if op := x.until(x.sell().ID, final); op.State != want {
				t.Errorf("%s: %s (%s)", confirm, op.State, op.ReasonText)
			}
		})
	}
	with(t, payment.Settings{"confirm": "reprint"}, func(x *shop) {
		x.customer("chip-pin")
		if op := x.until(x.sell().ID, final); op.State != payment.Approved || len(op.Slips) == 0 {
			t.Errorf("%s, %d slips", op.State, len(op.Slips))
		}
	})
}

// TestInsidersForgeryWhileTheCustomerIsAtIt: an approval that brings back the mark, but
// another store or amount, is not believed while the terminal may still be at the sale
// and cannot answer for itself: its own result comes.
func TestInsidersForgeryWhileTheCustomerIsAtIt(t *testing.T) {
	for _, forged := range []string{"wrong-store", "wrong-amount"} {
		with(t, nil, func(x *shop) {
			x.customer("walks-away")
			x.set("result.forged=" + forged)
			if op := x.until(x.sell().ID, final); op.State != payment.Cancelled || len(op.Alarms) != 0 {
				t.Errorf("%s: %s (%s), %v", forged, op.State, op.ReasonText, op.Alarms)
			}
		})
	}
}

// TestOneQuestionAtATime: while the call itself looks into a result that it does not
// believe, a status request does not ask beside it.
func TestOneQuestionAtATime(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		x.set("result.types=no-traceability")
		op := x.sell()
		time.Sleep(10 * time.Minute)
		x.set("result.types=documented")
		if op = x.until(op.ID, final); op.State != payment.Approved {
			t.Errorf("%s (%s)", op.State, op.ReasonText)
		}
		events, err := x.journal.Events(context.Background(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		var before time.Time
		for _, e := range events {
			var m payment.Message
			if e.Kind != payment.EventMessage || json.Unmarshal(e.Data, &m) != nil || m.Name != "ReprintRequest" {
				continue
			}
			if waited := m.At.Sub(before); waited < 30*time.Second {
				t.Errorf("asked again after %s", waited)
			}
			before = m.At
		}
	})
}

// TestTokenEndpointHangs: nothing was sent, which is said within the bound, and the
// next sale is as good as any.
func TestTokenEndpointHangs(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		x.set("token.request=always:swallow")
		time.Sleep(12 * time.Hour) // the token that it has runs out
		begun := time.Now()
		op := x.until(x.sell().ID, final)
		if op.State != payment.Failed || time.Since(begun) > time.Minute || len(x.practice.Charged()) != 0 {
			t.Errorf("%s after %s", op.State, time.Since(begun))
		}
		x.set("token.request=ok")
		if op = x.until(x.sell().ID, final); op.State != payment.Approved {
			t.Errorf("%s (%s)", op.State, op.ReasonText)
		}
	})
}
