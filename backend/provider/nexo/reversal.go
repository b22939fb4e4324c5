package nexo

import "github.com/paydesk-till/paydesk/backend/payment"

// reversalRequest is ReversalRequest: the void of the terminal's last successful
// transaction, always in full (nexo-retailer.md 13).
type reversalRequest struct {
	Reason   string      `xml:"ReversalReason,attr"`
	Original originalPOI `xml:"OriginalPOITransaction"`
}

type originalPOI struct {
	SaleID      string        `xml:"SaleID,attr"`
	POIID       string        `xml:"POIID,attr"`
	Transaction transactionID `xml:"POITransactionID"`
}

// reversalResponse is ReversalResponse.
type reversalResponse struct {
	Amount   string    `xml:"ReversedAmount,attr"`
	Response response  `xml:"Response"`
	POIData  *poiData  `xml:"POIData"`
	Receipts []receipt `xml:"PaymentReceipt"`
}

// voidRequest names the original by both attributes as they were delivered.
func voidRequest(original payment.References, saleID, poiID string) *reversalRequest {
	return &reversalRequest{
		Reason: "MerchantCancel",
		Original: originalPOI{SaleID: saleID, POIID: poiID,
			Transaction: transactionID{TransactionID: original.Terminal, TimeStamp: original.TerminalTime}},
	}
}
