package iotpay

import (
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What an error means for the money, and what to do next.
const (
	moneyOpen = "It is not known yet whether the card was charged: do not take the payment again. Paydesk asks IOT Pay; look at the PIN pad."
	moneyNot  = "Nothing was sent, so nothing was charged."
	moneyIdle = "This changes nothing about any payment."
	checkLink = "Check this computer's internet connection, then try again."
)

// fault makes the error of a request that did not bring a usable answer. money tells
// whether the request can move money.
func fault(code payment.Code, sent payment.Sent, money bool, err error) *payment.Error {
	what := map[payment.Code]string{
		payment.CodeUnreachable: "IOT Pay cannot be reached.",
		payment.CodeNoAnswer:    "IOT Pay did not answer.",
		payment.CodeUnreadable:  "IOT Pay's answer cannot be read.",
	}[code]
	said := []string{what}
	switch {
	case sent == payment.SentNo && money:
		said = append(said, moneyNot, checkLink)
	case sent == payment.SentNo:
		said = append(said, checkLink)
	case money:
		said = append(said, moneyOpen)
	default:
		said = append(said, moneyIdle)
	}
	return &payment.Error{Code: code, Sent: sent, Text: strings.TrimSpace(strings.Join(said, " ")), Err: err}
}

// wrongKey: IOT Pay refuses the till's signature, so it carries nothing out.
func wrongKey(words string) *payment.Error {
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo,
		Text: strings.TrimSpace("IOT Pay refuses the till's signature, so nothing was charged by this. Look at the settings key and mch-id. " + words)}
}

// notTaken: an order that IOT Pay turned away and does not know afterwards.
func notTaken(a answer) *payment.Error {
	switch {
	case a.badSignature():
		return wrongKey(a.words())
	case a.busy():
		return &payment.Error{Code: payment.CodeBusy, Sent: payment.SentNo,
			Text: "The PIN pad is busy. IOT Pay does not know the order, so nothing was charged. " + a.words()}
	}
	return &payment.Error{Code: payment.CodeRejected, Sent: payment.SentNo,
		Text: strings.TrimSpace("IOT Pay did not take the order and does not know it, so nothing was charged. It says: " + a.words())}
}

func wrongRequest(code payment.Code, wrong string) *payment.Error {
	return &payment.Error{Code: code, Sent: payment.SentNo, Text: "Nothing was sent to the PIN pad: " + wrong + "."}
}

// proofDoubted is the text of an alarm: the money is certain, the answer's signature not.
const proofDoubted = "IOT Pay's answer did not carry a signature that fits the merchant key. A query confirmed order, merchant, amount and currency, so the payment stands. Have somebody look at the settings key and response-signature before the day is closed."

// surchargeOnDebit is the text of an alarm (iotpay.md 13.3).
const surchargeOnDebit = "The terminal says that it added a surcharge to an Interac debit payment, which is not allowed. The payment stands. Have a manager look at it, and give the surcharge back if it was taken."

// twoAmounts is the text of an alarm: an approval that names two amounts (iotpay.md 7.2).
const twoAmounts = "IOT Pay's answer names two amounts: %s CAD, which is taken for what was charged, and %s CAD. Compare them with the slip of the PIN pad and with IOT Pay's portal before you hand over anything."
