package nexo

import (
	"encoding/json"
	"strings"
	"time"
)

// The practice shop. TEST stands in its name, so that no layout of a receipt can
// lose it.
const (
	shopName    = "TEST Exempelbutiken"
	shopAddress = "Provgatan 1"
	shopZip     = "11122"
	shopTown    = "Provstad"
	shopOrg     = "556000-0000"
	shopBank    = "Testbanken"
	shopPhone   = "+46800000000"
	shopCountry = "752" // Sweden, ISO 3166
	merchantID  = "20009999"
	acquirerPOI = "700001"
)

// The JSON of a receipt (nexo-retailer.md 8.2).
type receipt struct {
	Mandatory mandatory
	Optional  optional
}

type mandatory struct {
	Acquirer     struct{ CardAcceptorNumber, TerminalID string }
	CardAcceptor struct {
		Name, Address1, PostZipCode, TownCity, OrganisationNumber, BankAgentName string
	}
	CardDetails struct {
		ApplicationIdentifier      string `json:",omitempty"`
		CardSchemeName             struct{ ApplicationLabel string }
		PrimaryAccountNumber       string
		TerminalVerificationResult string `json:",omitempty"`
		TransactionStatusInfo      string `json:"TransactionStatusInformation,omitempty"`
	}
	Outcome struct {
		ApprovalCode              string `json:",omitempty"`
		AuthorisationResponder    string
		AuthorisationResponseCode string
		DebitStatus               string
	}
	Payment struct {
		AuthorisationChannel, CardholderVerificationMethod string
		Currency, FinancialInstitution                     string
		PaymentAmount, ReceiptNumber                       string
		SignatureBlock                                     bool
		TotalAmount, TransactionSource, TransactionType    string
	}
	TimeStamp struct{ DateOfPayment, TimeOfPayment string }
}

type optional struct {
	CardAcceptor struct{ CountryName, PhoneNumber string }
	CardDetails  struct {
		CardSchemeName struct{ ApplicationLabel string }
	}
	Payment       struct{ Reference string }
	ReceiptString []string
}

// Sources on receipts; the letter of a magnetic stripe is a placeholder (nexo-retailer.md 8.2).
var sources = map[string]string{"ICC": "C", "Contactless": "K", "MagStripe": "M"}

// receiptFor fills in the JSON of one copy.
func receiptFor(p *payment, o outcome, merchant bool) receipt {
	var r receipt
	m := &r.Mandatory
	m.Acquirer.CardAcceptorNumber, m.Acquirer.TerminalID = merchantID, acquirerPOI
	m.CardAcceptor.Name, m.CardAcceptor.Address1, m.CardAcceptor.PostZipCode = shopName, shopAddress, shopZip
	m.CardAcceptor.TownCity, m.CardAcceptor.OrganisationNumber, m.CardAcceptor.BankAgentName = shopTown, shopOrg, shopBank
	m.CardDetails.ApplicationIdentifier = p.card.aid
	m.CardDetails.CardSchemeName.ApplicationLabel = p.card.scheme
	m.CardDetails.PrimaryAccountNumber = p.card.forCustomer()
	if merchant {
		m.CardDetails.PrimaryAccountNumber = p.card.forMerchant()
	}
	if p.card.aid != "" {
		m.CardDetails.TerminalVerificationResult, m.CardDetails.TransactionStatusInfo = "0080008000", "E800"
	}
	if p.detail.Entry == "Contactless" {
		m.CardDetails.TerminalVerificationResult, m.CardDetails.TransactionStatusInfo = "0000008001", "0000"
	}
	m.Outcome.AuthorisationResponder, m.Outcome.AuthorisationResponseCode, m.Outcome.DebitStatus = "3", o.code, "00"
	if o.condition == "" {
		m.Outcome.ApprovalCode = p.detail.Approval
	}
	if o.booking == outcomeReversed || o.text == signatureBad.text {
		m.Outcome.DebitStatus = "91"
	}
	m.Payment.AuthorisationChannel, m.Payment.FinancialInstitution, m.Payment.Currency = "1", "SWE", p.currency
	m.Payment.CardholderVerificationMethod = p.detail.CVM
	m.Payment.PaymentAmount, m.Payment.TotalAmount = formatAmount(p.authorised-p.tip-p.cashback, ","), formatAmount(p.authorised, ",")
	m.Payment.ReceiptNumber = p.poiID
	m.Payment.SignatureBlock = merchant && p.detail.Sign && o.condition == ""
	m.Payment.TransactionSource, m.Payment.TransactionType = sources[p.detail.Entry], "00"
	at := p.started.Local()
	m.TimeStamp.DateOfPayment, m.TimeStamp.TimeOfPayment = at.Format(time.DateOnly), at.Format("15:04")
	r.Optional.CardAcceptor.CountryName, r.Optional.CardAcceptor.PhoneNumber = shopCountry, shopPhone
	r.Optional.CardDetails.CardSchemeName.ApplicationLabel = p.card.scheme
	r.Optional.Payment.Reference = p.sale.get("TransactionID")
	r.Optional.ReceiptString = receiptLines(p, o, merchant, m)
	return r
}

// receiptLines is the simple receipt of ready lines, in Swedish as the terminal's.
func receiptLines(p *payment, o outcome, merchant bool, m *mandatory) []string {
	kind := "KÖP"
	if p.refund {
		kind = "RETUR"
	}
	lines := []string{"TEST - INGET VÄRDE", shopName, shopAddress, shopZip + " " + shopTown, "Org nr: " + shopOrg, "",
		"Butiksnr.: " + merchantID, m.TimeStamp.DateOfPayment + " " + m.TimeStamp.TimeOfPayment,
		kind + " " + m.Payment.TotalAmount + " " + p.currency}
	if p.cashback > 0 {
		lines = append(lines, "Varav kontant "+formatAmount(p.cashback, ","))
	}
	if p.tip > 0 {
		lines = append(lines, "Varav extra "+formatAmount(p.tip, ","))
	}
	lines = append(lines, m.CardDetails.PrimaryAccountNumber, p.card.scheme)
	if p.detail.Entry == "Contactless" {
		lines = append(lines, "Kontaktlös")
	}
	if p.detail.CVM == cvmPIN {
		lines = append(lines, "Personlig kod")
	}
	control := m.Payment.TransactionSource + m.Payment.CardholderVerificationMethod + m.Payment.AuthorisationChannel
	lines = append(lines, strings.Join([]string{control, m.Outcome.AuthorisationResponder, m.Outcome.AuthorisationResponseCode, m.Payment.FinancialInstitution}, " "),
		"Ref.nr: "+p.poiID)
	if p.card.aid != "" {
		lines = append(lines, "AID: "+p.card.aid, "TVR: "+m.CardDetails.TerminalVerificationResult)
	}
	status := "Medges ej"
	switch {
	case o.booking == outcomeReversed || o.text == signatureBad.text:
		status = "Makulering"
	case o.condition == "":
		status = "Godkänd"
	case o.booking == outcomeCancelled:
		status = "Avbrutet"
	}
	lines = append(lines, status)
	if m.Payment.SignatureBlock {
		lines = append(lines, "", "Signatur", "........................")
	}
	if merchant {
		return append(lines, "Försäljarens kvitto")
	}
	return append(lines, "Kortinnehavarens kvitto")
}

// receiptText is one copy in its transport form: Base64 of JSON.
func (t *Terminal) receiptText(p *payment, o outcome, merchant bool) string {
	root := "Cardholder"
	if merchant {
		root = "Merchant"
	}
	raw, err := json.Marshal(map[string]receipt{root: receiptFor(p, o, merchant)})
	if err != nil {
		// Strings and booleans always marshal.
		t.log.Note("A receipt could not be written: " + err.Error())
	}
	return encodeReceipt(raw)
}

func (t *Terminal) receiptOf(p *payment, o outcome, merchant bool) *node {
	qualifier := "CustomerReceipt"
	if merchant {
		qualifier = "CashierReceipt"
	}
	return el("PaymentReceipt", attr{"DocumentQualifier", qualifier},
		el("OutputContent", attr{"OutputFormat", "Text"}, el("OutputText", t.receiptText(p, o, merchant))))
}

// printSlip lets the slip out that the page shows: the copy to sign, else the customer's.
func (t *Terminal) printSlip(p *payment, o outcome) {
	if !p.cardRead {
		return
	}
	sign := p.detail.Sign && o.condition == ""
	slip := receiptFor(p, o, sign).Optional.ReceiptString
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slip = slip
	if sign && t.customer != nil {
		t.signed = "well"
	}
	t.log.Changed()
}

// paymentResponse is the whole answer (nexo-retailer.md 7). The cashier's receipt
// comes first here, the customer's first in a reversal.
func (t *Terminal) paymentResponse(p *payment, o outcome) *node {
	sale := el("SaleData", p.sale.clone())
	poi := el("POIData", el("POITransactionID", attr{"TransactionID", p.poiID}, attr{"TimeStamp", p.poiTime}))
	if o.condition != "" {
		response := el("PaymentResponse",
			el("Response", attr{"Result", "Failure"}, attr{"ErrorCondition", o.condition}, el("AdditionalResponse", o.text)), sale, poi)
		// A card that was used leaves a receipt, an abort before it none (nexo-retailer.md 8.3).
		if p.cardRead && o.code != "" {
			response.kids = append(response.kids, t.receiptOf(p, o, false))
		}
		return response
	}
	kind := "Normal"
	if p.refund {
		kind = "Refund"
	}
	data := el("CardData", attr{"PaymentBrand", "01," + p.card.scheme}, attr{"MaskedPAN", p.card.forMerchant()},
		attr{"PaymentAccountRef", "PARTEST000000000000000000" + p.card.last4}, attr{"EntryMode", p.detail.Entry})
	if p.wantsToken {
		data.kids = append(data.kids, el("PaymentToken", attr{"TokenRequestedType", "Customer"}, attr{"TokenValue", tokenOf(p.card)}))
	}
	amounts := el("AmountsResp", attr{"Currency", p.currency}, attr{"AuthorizedAmount", trimmedAmount(p.authorised)},
		attr{"CashBackAmount", formatAmount(p.cashback, ".")})
	if p.tip > 0 {
		amounts.set("TipAmount", formatAmount(p.tip, "."))
	}
	return el("PaymentResponse", el("Response", attr{"Result", "Success"}), sale, poi,
		el("PaymentResult", attr{"PaymentType", kind},
			el("PaymentInstrumentData", attr{"PaymentInstrumentType", "Card"}, data), amounts,
			el("PaymentAcquirerData", attr{"MerchantID", merchantID}, attr{"AcquirerPOIID", acquirerPOI}, el("ApprovalCode", p.detail.Approval))),
		t.receiptOf(p, o, true), t.receiptOf(p, o, false))
}

// tokenOf is the card's token: the same for the same card, 70 hexadecimal
// characters (nexo-retailer.md 7.5).
func tokenOf(c card) string { return strings.Repeat("0123456789ABCDEF", 4) + "FF" + c.last4 }
