package poynt

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// judged has a list of transactions judged as the sale of 12.56.
func judged(t *testing.T, adjusted map[string]int64, list ...string) verdict {
	t.Helper()
	s := settings{business: testBusiness, store: testStore, device: testDevice, currency: "USD"}
	var read []transaction
	for _, raw := range list {
		one, err := readTransaction([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, one)
	}
	return s.judge(request(payment.Sale), read, adjusted)
}

// The fixtures of poynt.md 22.4 and what stands beside them in section 11.
func TestOutcomeFixtures(t *testing.T) {
	second := `id="` + otherTx + `"`
	declined := []string{`status="DECLINED"`, `processorResponse.status="Failure"`, `processorResponse.statusMessage="Do not honor"`}
	for _, c := range []struct {
		name       string
		list       []string
		adjusted   map[string]int64
		outcome    payment.Outcome
		reason     payment.Reason
		authorised int64
		tip        int64
		open       bool
	}{
		{name: "F1", list: []string{tx(t)}, outcome: payment.Success, authorised: 1256},
		{name: "F2", list: []string{tx(t, `action="AUTHORIZE"`, `status="AUTHORIZED"`)}, outcome: payment.Success, authorised: 1256},
		{name: "F3", list: []string{tx(t, declined...)}, outcome: payment.Refused, reason: payment.ReasonIssuer, open: true},
		{name: "F4", list: []string{tx(t, `partiallyApproved=true`, `amounts.orderAmount=628`, `amounts.transactionAmount=628`, `processorResponse.approvedAmount=628`)}, outcome: payment.Success, authorised: 628, open: true},
		{name: "F5", list: []string{tx(t, `partiallyApproved=`, `processorResponse.approvedAmount=628`)}, outcome: payment.Success, authorised: 628, open: true},
		{name: "F6", list: []string{tx(t)}, adjusted: map[string]int64{testTx: 188}, outcome: payment.Success, authorised: 1444, tip: 188},
		{name: "F7 (09)", list: []string{tx(t, `amounts.tipAmount=188`, `amounts.transactionAmount=1444`, `processorResponse.approvedAmount=1444`)}, outcome: payment.Success, authorised: 1444, tip: 188},
		{name: "F9", list: nil},
		{name: "F12 (11)", list: []string{tx(t, `amounts.orderAmount=600`, `amounts.transactionAmount=600`, `processorResponse.approvedAmount=600`),
			tx(t, second, `amounts.orderAmount=656`, `amounts.transactionAmount=656`, `processorResponse.approvedAmount=656`)}, outcome: payment.Success, authorised: 1256},
		{name: "F13 (30)", list: []string{tx(t, `amounts.currency="CAD"`)}, reason: payment.ReasonForeign},
		{name: "F14", list: []string{tx(t, append(declined, second)...), tx(t)}, outcome: payment.Success, authorised: 1256},
		{name: "F15", list: []string{tx(t, `fundingSource={"type":"CASH"}`, `processorResponse=`)}, outcome: payment.Success, authorised: 1256},
		{name: "F16", list: []string{tx(t, `voided=true`)}, outcome: payment.Refused, reason: payment.ReasonReversed, authorised: 1256, open: true}, // it had been charged
		{name: "more than asked", list: []string{tx(t), tx(t, second)}, outcome: payment.Success, authorised: 2512},
		{name: "another business", list: []string{tx(t, `context.businessId="`+testStore+`"`)}, reason: payment.ReasonForeign},
		{name: "another store", list: []string{tx(t, `context.storeId="`+testBusiness+`"`)}, reason: payment.ReasonForeign},
		{name: "another terminal (31)", list: []string{tx(t, `context.storeDeviceId="urn:tid:`+testStore+`"`)}, reason: payment.ReasonForeign},
		{name: "no context", list: []string{tx(t, `context=`)}, outcome: payment.Success, authorised: 1256},
		{name: "no amount", list: []string{tx(t, `amounts=`)}, reason: payment.ReasonForeign},
		{name: "a status that nobody knows", list: []string{tx(t, `status="SETTLED"`)}, reason: payment.ReasonUnknownCode},
		{name: "an action that nobody knows", list: []string{tx(t, `action="LEVITATE"`)}, reason: payment.ReasonUnknownCode},
		{name: "not decided yet", list: []string{tx(t, `status="SAVED"`)}, outcome: payment.Pending},
		{name: "refunded meanwhile", list: []string{tx(t, `status="REFUNDED"`)}, outcome: payment.Success, authorised: 1256},
		{name: "captured, says the processor no", list: []string{tx(t, `processorResponse.status="Failure"`)}, outcome: payment.Refused, reason: payment.ReasonIssuer, open: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := judged(t, c.adjusted, c.list...)
			if got.Outcome != c.outcome || got.Reason != c.reason || got.Authorised != c.authorised || got.Tip != c.tip || got.open != c.open || got.found != (len(c.list) > 0) {
				t.Errorf("%+v", got)
			}
			if got.stale != (c.name == "F6") {
				t.Errorf("stale is %t", got.stale)
			}
			if (c.reason == payment.ReasonForeign || c.name == "F15") && got.ReasonText == "" {
				t.Error("nobody is told why")
			}
		})
	}
}
