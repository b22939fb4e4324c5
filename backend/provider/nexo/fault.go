package nexo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// What an error means for the money, and what to do next.
const (
	moneyOpen  = "It is not known yet whether the card was charged: do not take the payment again. Paydesk asks the terminal; look at its display."
	moneyNot   = "Nothing was sent, so nothing was charged."
	moneyIdle  = "This changes nothing about any payment."
	checkPower = "Check that the terminal is switched on and in the network, then try again."
)

// fault makes the error of a call that did not bring a usable answer. money tells
// whether the call could move money.
func fault(code payment.Code, sent payment.Sent, money bool, err error) *payment.Error {
	what := map[payment.Code]string{
		payment.CodeUnreachable: "The terminal cannot be reached.",
		payment.CodeNoAnswer:    "The terminal did not answer.",
		payment.CodeUnreadable:  "The terminal's answer cannot be read.",
		payment.CodeForeign:     "The terminal answered about something else.",
	}[code]
	text := []string{what}
	switch {
	case sent == payment.SentNo && money:
		text = append(text, moneyNot, checkPower)
	case sent == payment.SentNo:
		text = append(text, checkPower)
	case money:
		text = append(text, moneyOpen)
	default:
		text = append(text, moneyIdle, "Try again; if it stays so, look into the log.")
	}
	return &payment.Error{Code: code, Sent: sent, Text: strings.Join(text, " "), Err: err}
}

// refusedStart makes the error of a request that the terminal refused to begin:
// nothing was carried out (nexo-retailer.md 17).
func refusedStart(code payment.Code, r response) *payment.Error {
	text := "The terminal is busy. Nothing was charged. Paydesk tries again by itself; otherwise wait a moment and try again."
	if code == payment.CodeNotSignedIn {
		text = "The terminal has no session with this till. Nothing was charged. Paydesk signs in and tries again."
	}
	if told := strings.TrimSpace(r.Additional); told != "" {
		text += " The terminal says: " + redact.Text(shorten(told, maxReason))
	}
	return &payment.Error{Code: code, Sent: payment.SentNo, Text: text, Err: errors.New(reasonText(r, "", nil))}
}

// refusedService makes the error of a service without money that was refused.
func refusedService(what string, r response) *payment.Error {
	switch r.Condition {
	case "Busy", "InProgress":
		return refusedStart(payment.CodeBusy, r)
	case "NotAllowed", "LoggedOut":
		return refusedStart(payment.CodeNotSignedIn, r)
	}
	code := payment.CodeRejected
	if r.Condition == "UnavailableService" || r.Condition == "UnavailableDevice" {
		code = payment.CodeUnsupported
	}
	return &payment.Error{Code: code, Sent: payment.SentNo,
		Text: fmt.Sprintf("The terminal refused to %s: %s. No payment is affected by this.", what, reasonText(r, "", nil))}
}

// badSetting names a setting and what is wrong with it.
func badSetting(key, wrong string) *payment.Error {
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Text: fmt.Sprintf("Setting %s: %s", key, wrong)}
}
