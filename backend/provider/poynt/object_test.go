package poynt

import (
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestTheReferenceMustBeOurs(t *testing.T) {
	for change, want := range map[string]bool{
		`references=[{"type":"CUSTOM","customType":"anything","id":"` + testRef + `"}]`:                                                                  true,
		`references=[{"type":"CUSTOM","customType":"referenceId","id":"202611220000000027"}]`:                                                            false,
		`references=[{"type":"CUSTOM","customType":"posReferenceId","id":"` + testRef + `"}]`:                                                            false,
		`references=[{"type":"POYNT_ORDER","id":"` + testRef + `"}]`:                                                                                     false,
		`references=[{"customType":"referenceId","id":"` + testRef + `"},{"customType":"paydeskOperation","id":"5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01"}]`: true,
		`references=[{"customType":"referenceId","id":"` + testRef + `"},{"customType":"paydeskOperation","id":"another till's"}]`:                       false,
		`references=`: false,
	} {
		one, err := readTransaction([]byte(tx(t, change)))
		if err != nil || one.ours(request(payment.Sale)) != want {
			t.Errorf("%s: %t, %v", change, !want, err)
		}
	}
}

func TestOddTypes(t *testing.T) {
	one, err := readTransaction([]byte(tx(t, `voided="true"`, `processorResponse.approvalCode=105502`, `context.mid=["x"]`, `status="CAPTURED"`)))
	if err != nil || !bool(one.Voided) || one.Processor.Approval != "105502" || one.Context.MID != "" {
		t.Errorf("%+v, %v", one, err)
	}
	for _, amount := range []string{`"12.56"`, `12.56`, `-1`, `1e3`, `99999999999999999999`, `"1256"`} {
		if _, err := readTransaction([]byte(tx(t, `amounts.orderAmount=`+amount))); err == nil {
			t.Errorf("amount %s was taken", amount)
		}
	}
}

func FuzzTransaction(f *testing.F) {
	f.Add([]byte(exampleTx))
	f.Add([]byte(`{"id":"x","action":"SALE","status":"CAPTURED","amounts":{"orderAmount":1}}`))
	f.Add([]byte(`{"id":1,"action":[],"status":{}}`))
	s := settings{business: testBusiness, store: testStore, device: testDevice, currency: "USD"}
	r := request(payment.Sale)
	r.Attempt.At = time.Unix(1768472430, 0)
	f.Fuzz(func(t *testing.T, raw []byte) {
		one, err := readTransaction(raw)
		if err != nil {
			return
		}
		got := s.judge(r, []transaction{one}, map[string]int64{string(one.ID): 5})
		if got.Outcome == payment.Success && (one.class() != approved || got.Authorised < 0) {
			t.Errorf("approved %+v", got)
		}
		for _, slip := range got.Slips {
			if slip.Masked != "" && len(slip.Masked) != 16 {
				t.Errorf("masked %q", slip.Masked)
			}
		}
	})
}

func FuzzPosted(f *testing.F) {
	f.Add([]byte(`{"referenceID":"1","status":"RECEIVED"}`))
	f.Add([]byte(`{"referenceId":"1","status":"PROCESSED","tipAmounts":{"a":188},"transactions":[` + exampleTx + `]}`))
	f.Add([]byte(`{"transactions":[{}],"tipAmounts":{"a":"x"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := readPosted(raw)
		if err != nil {
			return
		}
		for id, tip := range tipsOf(p) {
			if tip <= 0 || tip >= maxTip {
				t.Errorf("tip %d of %q", tip, id)
			}
		}
		_ = brief(p)
	})
}
