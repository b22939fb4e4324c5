package pockyt

import (
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What an error means for the money, and what to do next.
const (
	moneyOpen = "It is not known yet whether the customer was charged: do not take the payment again. Paydesk asks Pockyt until it knows."
	moneyNot  = "Nothing was sent, so nothing was charged."
	noCharge  = "Nothing was charged."
	maybeBack = "paid, after it was asked to be closed: it may be given back"
	checkLink = "Check this computer's internet connection, then try again."
)

// fault makes the error of a call that did not bring a usable answer.
func fault(code payment.Code, sent payment.Sent, err error) *payment.Error {
	what := map[payment.Code]string{
		payment.CodeUnreachable: "Pockyt cannot be reached.",
		payment.CodeNoAnswer:    "Pockyt did not answer.",
		payment.CodeUnreadable:  "Pockyt's answer cannot be read.",
	}[code]
	said := []string{what, moneyOpen}
	if sent == payment.SentNo {
		said = []string{what, moneyNot, checkLink}
	}
	return &payment.Error{Code: code, Sent: sent, Text: strings.TrimSpace(strings.Join(said, " ")), Err: err}
}

// harmless turns the error of a step that cannot charge anybody into one that says so.
func harmless(err error) *payment.Error {
	text := map[payment.Code]string{
		payment.CodeUnreachable: "Pockyt cannot be reached. " + noCharge + " " + checkLink,
		payment.CodeNoAnswer:    "Pockyt did not answer while the payment was prepared. " + noCharge + " " + checkLink,
		payment.CodeUnreadable:  "Pockyt's answer cannot be read. " + noCharge + " Look at the setting base-url, or try again.",
	}[payment.CodeOf(err)]
	if text == "" {
		text = "Pockyt could not prepare the payment. " + noCharge + " Try again."
	}
	return &payment.Error{Code: payment.CodeOf(err), Sent: payment.SentNo, Text: text, Err: err}
}

func wrongRequest(code payment.Code, wrong string) *payment.Error {
	return &payment.Error{Code: code, Sent: payment.SentNo, Text: "Nothing was sent to Pockyt: " + wrong + "."}
}
