package netpay

import (
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What an error means for the money, and what to do next.
const (
	moneyOpen = "It is not known yet whether the card was charged: do not take the payment again. Paydesk asks the terminal; look at its display."
	moneyNot  = "Nothing was sent, so nothing was charged."
	moneyIdle = "This changes nothing about any payment."
	checkLink = "Check this computer's internet connection, then try again."
)

// refundElsewhere is the way after the cut-off: without the terminal (netpay.md 7.5).
const refundElsewhere = "On the day of the sale, until 20:00 in Mexico City, void it: the whole amount goes back. Afterwards give the money back by NetPay's own refund service (Devoluciones), which asks for the transactionId: it stands in this sale's timeline."

// fault makes the error of a push that did not bring a usable answer.
func fault(code payment.Code, sent payment.Sent, money bool, err error) *payment.Error {
	what := map[payment.Code]string{
		payment.CodeUnreachable: "NetPay cannot be reached.",
		payment.CodeNoAnswer:    "NetPay did not answer.",
		payment.CodeUnreadable:  "NetPay's answer cannot be read.",
		payment.CodeRejected:    "NetPay answered with a code that nobody has described.",
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

func wrongRequest(code payment.Code, wrong string) *payment.Error {
	return &payment.Error{Code: code, Sent: payment.SentNo, Text: "Nothing was sent to the terminal: " + wrong + "."}
}

// storeSilent words that a terminal with several stores has told nothing: one that a
// store is blocked for says so on its display alone (netpay.md 6, rule 4).
func storeSilent(store string, err error) *payment.Error {
	return &payment.Error{Code: payment.CodeNoAnswer, Sent: payment.SentMaybe, Err: err,
		Text: "The terminal has told nothing; if it shows “Usuario no válido”, the store " + store + " is blocked or not one of its stores, so have NetPay look at it. " + moneyIdle}
}
