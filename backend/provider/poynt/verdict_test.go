package poynt

import (
	"strings"
	"testing"
	"time"

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
		{name: "F7", list: []string{tx(t, `amounts.tipAmount=188`, `amounts.transactionAmount=1444`, `processorResponse.approvedAmount=1444`)}, outcome: payment.Success, authorised: 1444, tip: 188},
		{name: "F9", list: nil},
		{name: "F12", list: []string{tx(t, `amounts.orderAmount=600`, `amounts.transactionAmount=600`, `processorResponse.approvedAmount=600`),
			tx(t, second, `amounts.orderAmount=656`, `amounts.transactionAmount=656`, `processorResponse.approvedAmount=656`)}, outcome: payment.Success, authorised: 1256},
		{name: "F13", list: []string{tx(t, `amounts.currency="CAD"`)}, reason: payment.ReasonForeign},
		{name: "F14", list: []string{tx(t, append(declined, second)...), tx(t)}, outcome: payment.Success, authorised: 1256},
		{name: "F15", list: []string{tx(t, `fundingSource={"type":"CASH"}`, `processorResponse=`)}, outcome: payment.Success, authorised: 1256},
		{name: "F16", list: []string{tx(t, `voided=true`)}, outcome: payment.Refused, reason: payment.ReasonReversed, open: true},
		{name: "more than asked", list: []string{tx(t), tx(t, second)}, outcome: payment.Success, authorised: 2512},
		{name: "another business", list: []string{tx(t, `context.businessId="`+testStore+`"`)}, reason: payment.ReasonForeign},
		{name: "another store", list: []string{tx(t, `context.storeId="`+testBusiness+`"`)}, reason: payment.ReasonForeign},
		{name: "another terminal", list: []string{tx(t, `context.storeDeviceId="urn:tid:`+testStore+`"`)}, reason: payment.ReasonForeign},
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

func TestTheReferenceMustBeOurs(t *testing.T) {
	for change, want := range map[string]bool{
		`references=[{"type":"CUSTOM","customType":"anything","id":"` + testRef + `"}]`:       true,
		`references=[{"type":"CUSTOM","customType":"referenceId","id":"202611220000000027"}]`: false,
		`references=[{"type":"CUSTOM","customType":"posReferenceId","id":"` + testRef + `"}]`: false,
		`references=[{"type":"POYNT_ORDER","id":"` + testRef + `"}]`:                          false,
		`references=`: false,
	} {
		one, err := readTransaction([]byte(tx(t, change)))
		if err != nil || one.named(testRef) != want {
			t.Errorf("%s: %t, %v", change, one.named(testRef), err)
		}
	}
}

// The slip of the example (receipts.md 3.1): both copies with the last four only, in
// the store's own time.
func TestSlips(t *testing.T) {
	got := judged(t, nil, tx(t, `createdAt="2026-03-08T10:30:00Z"`))
	if len(got.Slips) != 2 || got.Slips[0].Copy != payment.MerchantCopy || got.Slips[1].Copy != payment.CustomerCopy {
		t.Fatalf("%+v", got.Slips)
	}
	for _, s := range got.Slips {
		want := payment.Slip{Copy: s.Copy, Kind: payment.Sale, At: s.At, Outcome: payment.Success, Test: true, Currency: "USD", Amount: "12.56", Total: "12.56",
			Merchant:  payment.Merchant{City: "Palo Alto, California", Bank: "CHASE_PAYMENTECH", MID: "e10test", TID: "56uw"},
			LocalDate: "2026-03-08", LocalTime: "03:30", // an hour after the clocks went forward
			Brand: "Visa", Label: "VISA CREDIT", Masked: "************0010", Entry: payment.EntryContactless, CVM: payment.CVMNone,
			AID: "A0000000031010", TVR: "0000000000", TSI: "0000", AuthCode: "105502", Receipt: testTx, Till: testRef}
		if s.Kind != want.Kind || s.Total != want.Total || s.LocalDate != want.LocalDate || s.LocalTime != want.LocalTime || s.Merchant != want.Merchant ||
			s.Brand != want.Brand || s.Label != want.Label || s.Masked != want.Masked || s.AID != want.AID || s.TVR != want.TVR || s.AuthCode != want.AuthCode ||
			s.Receipt != want.Receipt || s.Till != want.Till || s.CVM != want.CVM || s.Entry != want.Entry || !s.Test || s.Signature || s.Flawed != "" {
			t.Errorf("got  %+v\nwant %+v", s, want)
		}
	}
}

// Before the clocks go forward the same store is eight hours behind (C-13).
func TestStoreTimeAcrossTheSeasons(t *testing.T) {
	s := judged(t, nil, tx(t, `createdAt="2026-03-08T09:30:00Z"`)).Slips[0]
	if s.LocalDate != "2026-03-08" || s.LocalTime != "01:30" {
		t.Errorf("%s %s", s.LocalDate, s.LocalTime)
	}
	if s = judged(t, nil, tx(t, `context.storeTimezone="Atlantis/Center"`)).Slips[0]; s.LocalDate != "" {
		t.Errorf("a zone that nobody knows: %s", s.LocalDate)
	}
}

func TestSeq61_SignatureLine(t *testing.T) {
	for captured, line := range map[string]bool{"true": false, "false": true} {
		slips := judged(t, nil, tx(t, `signatureRequired=true`, `signatureCaptured=`+captured)).Slips
		if slips[0].Signature != line || slips[1].Signature || slips[0].CVM != payment.CVMSignature {
			t.Errorf("captured %s: %+v", captured, slips)
		}
	}
}

// No slip of a decline has an authorisation code or a line to sign.
func TestDeclinedSlip(t *testing.T) {
	for _, s := range judged(t, nil, tx(t, `status="DECLINED"`, `signatureRequired=true`)).Slips {
		if s.AuthCode != "" || s.Signature || s.Text != "Successful (code 1)" || s.Outcome != payment.Refused {
			t.Errorf("%+v", s)
		}
	}
}

func TestChipWithoutAIDIsFlawed(t *testing.T) {
	s := judged(t, nil, tx(t, `fundingSource.emvData={"emvTags":{"0x9F34":"420300"}}`)).Slips[0]
	if s.Flawed == "" || s.CVM != payment.CVMPin {
		t.Errorf("%+v", s)
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
