package receipt_test

import (
	"errors"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

func TestC37_ADeclineSaysWhy(t *testing.T) {
	need(t, text(t, declined(), payment.CustomerCopy, swedish), "Declined by issuer", "05", "NEKAT")
}

// A tip that came after the slip was handed out: the next one shows the new amounts and
// says that it takes the other one's place; where none was handed out it says nothing.
func TestACorrectedSlip(t *testing.T) {
	op := sale()
	op.Authorised, op.Tip, op.Adjusted = 6200, 600, &payment.Adjustment{At: ended, From: 5600}
	op = each(op, func(s *payment.Slip) { s.Amount, s.Total, s.TipMinor = "", "", 600 })
	for _, c := range copies {
		got := text(t, op, c, swedish)
		need(t, got, "62,00 SEK", "6,00 SEK", "56,00 SEK")
		never(t, got, "RÄTTAT")
	}
	op.Adjusted.Prints = 1
	for _, c := range copies {
		need(t, text(t, op, c, swedish), "RÄTTAT", "Ersätter det kvitto", "62,00 SEK")
	}
}

func TestC40_NoSlipWhileTheOutcomeIsUnknown(t *testing.T) {
	for _, state := range payment.States {
		if state.Final() {
			continue
		}
		for _, c := range copies {
			op := sale()
			op.State = state
			if d, err := receipt.Render(op, c, swedish); !errors.Is(err, receipt.ErrUnknown) {
				t.Errorf("%s, %s: %v, %v", state, c, d, err)
			}
		}
		// The slip to sign is there in mid payment, and says no outcome.
		op := signed()
		op.State = state
		d, err := receipt.Render(op, payment.MerchantCopy, swedish)
		if state == payment.Created || state == payment.InDoubt {
			if !errors.Is(err, receipt.ErrUnknown) {
				t.Errorf("%s: %v", state, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		need(t, d.Text(42), "SIGNATUR", "56,00 SEK")
		never(t, d.Text(42), "GODKÄNT", "NEKAT", "AVBRUTEN")
	}
}

// SPI-05: in a doubt that began during the signature the slip can be had again.
func TestSPI05_TheSlipToSignInDoubt(t *testing.T) {
	op := signed()
	op.State, op.Doubt.Signature = payment.InDoubt, true
	got := text(t, op, payment.MerchantCopy, swedish)
	need(t, got, "SIGNATUR", "56,00 SEK")
	never(t, got, "GODKÄNT", "NEKAT", "AVBRUTEN")
}

// In light mode the money is taken before the cashier has confirmed the signature:
// the slip to sign shows what was charged, with the tip from the terminal.
func TestC35_TheSlipToSignShowsTheChargedAmount(t *testing.T) {
	op := each(signed(), func(s *payment.Slip) { s.Amount, s.Total = "", "" })
	op.State, op.Authorised, op.Tip = payment.AwaitingAnswer, 6200, 600
	got := text(t, op, payment.MerchantCopy, swedish)
	need(t, got, "62,00 SEK", "6,00 SEK", "56,00 SEK", "SIGNATUR")
	never(t, got, "GODKÄNT")
}

func TestC41_Void(t *testing.T) {
	got := text(t, void(), payment.CustomerCopy, swedish)
	need(t, got, "MAKULERING", "89,00 SEK", "741591", "8778880381")
	never(t, got, "GODKÄNT", "KÖP")
}

func TestC42_Refund(t *testing.T) {
	got := text(t, refund(), payment.CustomerCopy, swedish)
	need(t, got, "RETUR", "KASSÖRENS NAMNTECKNING", "X__")
	never(t, got, "KÖP")
	never(t, text(t, refund(), payment.MerchantCopy, swedish), "KASSÖRENS")
}

// where the provider delivered nothing.
func TestR62_SlipsOfTheTillsOwn(t *testing.T) {
	o := receipt.Options{Merchant: shop}
	d := render(t, cancelled(), payment.CustomerCopy, o)
	if !d.Synthetic {
		t.Error("not marked as synthetic")
	}
	need(t, d.Text(42), "CANCELLED", "Nothing was charged.", "Test shop")

	op := sale()
	op.Slips = nil
	need(t, render(t, op, payment.CustomerCopy, o).Text(48), "APPROVED", "Made by the till", "56.00 SEK", "************9659")

	// A manager's word is no proof that nothing was charged.
	op = cancelled()
	op.State, op.Reason = payment.Declined, payment.ReasonSettled
	got := text(t, op, payment.CustomerCopy, o)
	need(t, got, "TRANSACTION NOT", "COMPLETED", "Settled by hand")
	never(t, got, "Nothing was charged", "DECLINED")

	op = cancelled()
	op.Kind, op.State = payment.Refund, payment.Failed
	need(t, text(t, op, payment.CustomerCopy, o), "TRANSACTION NOT", "COMPLETED", "Nothing was paid back.")
	op.Kind = payment.Void
	need(t, text(t, op, payment.MerchantCopy, o), "The original transaction stands.")
	if _, err := receipt.Render(op, payment.CustomerCopy, o); !errors.Is(err, receipt.ErrNoSlip) {
		t.Errorf("a failed void: %v", err)
	}
}

// An approved slip must not outlive its approval (R-63, nexo-retailer.md 9.2).
func TestASignatureRefusedGivesNoApprovedSlip(t *testing.T) {
	op := signed()
	op.State, op.Reason, op.Authorised = payment.Cancelled, payment.ReasonSignature, 0
	for _, c := range copies {
		got := text(t, op, c, swedish)
		need(t, got, "AVBRUTEN")
		never(t, got, "GODKÄNT", "611506", "X__")
	}
	reversal := slip(payment.CustomerCopy)
	reversal.Kind = payment.Void
	op.Slips = append(op.Slips, reversal)
	got := text(t, op, payment.CustomerCopy, swedish)
	need(t, got, "MAKULERING", "MAKULERAT")
	never(t, got, "GODKÄNT", "AVBRUTEN")
}
