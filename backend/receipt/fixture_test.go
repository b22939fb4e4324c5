package receipt_test

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

// The values of the samples in receipts.md 3.2.
var (
	shop = payment.Merchant{
		Name: "Test shop", Address: "Hälleskåran 29", Postal: "5050", City: "merchant-Base24-City",
		OrgNo: "5565671-6165", MID: "10020001", TID: "877888",
	}
	stockholm = time.FixedZone("CEST", 2*60*60)
	ended     = time.Date(2023, 8, 24, 15, 6, 30, 0, time.UTC)
	swedish   = receipt.Options{Language: "sv", Location: stockholm}
)

// slip is what the terminal delivers for a sale of 56,00.
func slip(c payment.Copy) payment.Slip {
	s := payment.Slip{
		Copy: c, Kind: payment.Sale, At: ended, Outcome: payment.Success, Merchant: shop,
		LocalDate: "2023-08-24", LocalTime: "17:06", Currency: "SEK", Amount: "56,00", Total: "56,00",
		Brand: "Mastercard", Label: "Mastercard", Masked: "************9659", Entry: payment.EntryContactless,
		AID: "A0000000041010", TVR: "0000008001", TSI: "0000", AuthCode: "611506", Response: "00",
		CodeBlock: "K/1 3 00 SWE", Receipt: "8778880185", Till: "20230824000001001",
	}
	if c == payment.MerchantCopy {
		s.Masked = "516815******9659"
	}
	return s
}

// sale is the approved operation with both slips.
func sale() payment.Operation {
	return payment.Operation{
		ID: "01989f1e-0000-7000-8000-000000000001", Number: 17, Kind: payment.Sale, State: payment.Approved,
		Currency: "SEK", Requested: 5600, Authorised: 5600,
		Card:       payment.Card{Brand: "Mastercard", Masked: "************9659", Entry: payment.EntryContactless},
		References: payment.References{Ours: "20230824000001001", Terminal: "8778880185", AuthCode: "611506", MID: "10020001", TID: "877888"},
		Slips:      []payment.Slip{slip(payment.MerchantCopy), slip(payment.CustomerCopy)},
		CreatedAt:  ended.Add(-time.Minute), EndedAt: ended,
	}
}

// each changes every slip of an operation.
func each(op payment.Operation, change func(*payment.Slip)) payment.Operation {
	for i := range op.Slips {
		change(&op.Slips[i])
	}
	return op
}

// signed is a sale for which the cardholder signs.
func signed() payment.Operation {
	return each(sale(), func(s *payment.Slip) {
		s.Signature = s.Copy == payment.MerchantCopy
		s.Entry, s.CVM, s.CodeBlock = payment.EntryChip, payment.CVMSignature, "C@1 3 00 SWE"
	})
}

func declined() payment.Operation {
	op := each(sale(), func(s *payment.Slip) {
		s.Outcome, s.AuthCode, s.Response, s.Text, s.Signature = payment.Refused, "611506", "05", "Declined by issuer", true
		s.CodeBlock = "K/1 3 05 SWE"
	})
	op.State, op.Reason, op.ReasonText, op.Authorised = payment.Declined, payment.ReasonIssuer, "Refusal: Declined by issuer", 0
	return op
}

// cancelled is a sale that ended before a card was read: nothing was delivered.
func cancelled() payment.Operation {
	op := sale()
	op.State, op.Reason, op.ReasonText = payment.Cancelled, payment.ReasonCashier, "Aborted: Aborted by sale system"
	op.Slips, op.Authorised, op.Card, op.References = nil, 0, payment.Card{}, payment.References{Ours: "20230824000001001"}
	return op
}

func void() payment.Operation {
	op := each(sale(), func(s *payment.Slip) {
		s.Kind, s.Amount, s.Total, s.AuthCode, s.Receipt = payment.Void, "89,00", "89,00", "741591", "8778880381"
		s.LocalDate, s.LocalTime = "2023-10-04", "16:25"
	})
	op.Kind, op.Requested, op.Authorised, op.Original = payment.Void, 8900, 8900, "01989f1e-0000-7000-8000-000000000002"
	op.OriginalReferences = payment.References{Terminal: "8778880380", AuthCode: "741591"}
	return op
}

func refund() payment.Operation {
	op := each(sale(), func(s *payment.Slip) { s.Kind = payment.Refund })
	op.Kind, op.OriginalReferences = payment.Refund, payment.References{Terminal: "8778880100"}
	return op
}

// tipped has goods, a tip and cash back, with PIN.
func tipped() payment.Operation {
	op := each(sale(), func(s *payment.Slip) {
		s.Amount, s.Total, s.TipMinor, s.CashbackMinor = "1200,00", "1320,00", 2000, 10000
		s.Entry, s.CVM, s.CodeBlock = payment.EntryChip, payment.CVMPin, "Ca1 9 00 SWE"
	})
	op.Requested, op.CashbackAsked, op.Authorised, op.Tip, op.Cashback = 120000, 10000, 132000, 2000, 10000
	op.Lines = []payment.Line{{Text: "Kaffe", Quantity: 2, Price: 10000}, {Text: "Middag för två personer med dryck och efterrätt", Quantity: 1, Price: 100000}}
	return op
}
