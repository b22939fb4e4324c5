package nexo

// statusRequest is TransactionStatusRequest (nexo-retailer.md 12.1). Without a
// reference it asks for the last transaction of this till.
type statusRequest struct {
	Reference *messageReference `xml:"MessageReference"`
}

// statusResponse is TransactionStatusResponse (nexo-retailer.md 12.2): the outer
// Success means "found", the outcome is that of the repeated message.
type statusResponse struct {
	Response response  `xml:"Response"`
	Repeated *repeated `xml:"RepeatedMessageResponse"`
}

type repeated struct {
	Header   *header           `xml:"MessageHeader"`
	Payment  *paymentResponse  `xml:"PaymentResponse"`
	Reversal *reversalResponse `xml:"ReversalResponse"`
}
