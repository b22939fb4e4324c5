package poynt

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

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
