package nexo

import (
	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// paymentRequest is PaymentRequest for purchase, cashback and refund
// (nexo-retailer.md 6). Tokens are never asked for.
type paymentRequest struct {
	SaleData    saleData           `xml:"SaleData"`
	Transaction paymentTransaction `xml:"PaymentTransaction"`
	Data        paymentData        `xml:"PaymentData"`
}

type saleData struct {
	Transaction transactionID `xml:"SaleTransactionID"`
}

type paymentTransaction struct {
	Amounts amountsReq `xml:"AmountsReq"`
}

// amountsReq holds exact decimals. Cashback is a part of Requested.
type amountsReq struct {
	Currency  string `xml:"Currency,attr"`
	Requested string `xml:"RequestedAmount,attr"`
	Cashback  string `xml:"CashBackAmount,attr,omitempty"`
}

type paymentData struct {
	Type string `xml:"PaymentType,attr"`
}

// paymentResponse is PaymentResponse (nexo-retailer.md 7.1). All but Response is
// optional on reading: it is not known what an early failure holds (7.4).
type paymentResponse struct {
	Response response       `xml:"Response"`
	SaleData *saleData      `xml:"SaleData"`
	POIData  *poiData       `xml:"POIData"`
	Result   *paymentResult `xml:"PaymentResult"`
	Receipts []receipt      `xml:"PaymentReceipt"`
}

type poiData struct {
	Transaction transactionID `xml:"POITransactionID"`
}

type paymentResult struct {
	Type           string       `xml:"PaymentType,attr"`
	Authentication string       `xml:"AuthenticationMethod,attr"`
	Instrument     *instrument  `xml:"PaymentInstrumentData"`
	Amounts        *amountsResp `xml:"AmountsResp"`
	Acquirer       *acquirer    `xml:"PaymentAcquirerData"`
}

type instrument struct {
	Type string   `xml:"PaymentInstrumentType,attr"`
	Card cardData `xml:"CardData"`
}

// cardData leaves out the tokens on purpose: they are personal data that the till
// has no use for (nexo-retailer.md 7.5).
type cardData struct {
	Brand    string   `xml:"PaymentBrand,attr"`
	Masked   string   `xml:"MaskedPAN,attr"`
	Entry    string   `xml:"EntryMode,attr"`
	Products []string `xml:"AllowedProductCode"`
}

type amountsResp struct {
	Currency   string `xml:"Currency,attr"`
	Authorised string `xml:"AuthorizedAmount,attr"`
	Cashback   string `xml:"CashBackAmount,attr"`
	Tip        string `xml:"TipAmount,attr"`
}

type acquirer struct {
	MerchantID string `xml:"MerchantID,attr"`
	POIID      string `xml:"AcquirerPOIID,attr"`
	Approval   string `xml:"ApprovalCode"`
}

// receipt is PaymentReceipt: one copy (nexo-retailer.md 8.1).
type receipt struct {
	Qualifier string        `xml:"DocumentQualifier,attr"`
	Signature flag          `xml:"RequiredSignatureFlag,attr"`
	Content   outputContent `xml:"OutputContent"`
}

// payRequest makes the PaymentRequest of a sale or refund attempt.
func payRequest(r payment.Request, at string) *paymentRequest {
	p := &paymentRequest{
		SaleData: saleData{Transaction: transactionID{TransactionID: r.Attempt.Reference, TimeStamp: at}},
		Transaction: paymentTransaction{Amounts: amountsReq{
			Currency: r.Total.Currency, Requested: r.Total.Decimal(),
		}},
		Data: paymentData{Type: "Normal"},
	}
	if r.Kind == payment.Refund {
		p.Data.Type = "Refund"
	}
	if r.Cashback > 0 {
		p.Transaction.Amounts.Cashback = money.Amount{Minor: r.Cashback, Currency: r.Total.Currency}.Decimal()
	}
	return p
}
