package poynt

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// maxText bounds a text of Poynt that is shown or kept, in bytes.
const maxText = 200

// What an error means for the money.
const (
	moneyNot  = "Nothing was carried out, so no money has moved."
	moneyOpen = "It is not known yet whether money has moved: do not do it again. Paydesk goes on asking Poynt."
)

// The codes of Poynt that decide something here (poynt.md 15).
const (
	codeInvalidToken = "INVALID_ACCESS_TOKEN"
	codeUnauthorized = "UNAUTHORIZED_ACCESS"
	codeDuplicate    = "REQUEST_ID_DUPLICATE"
	codeInProgress   = "REQUEST_IN_PROGRESS"
	codeAlreadyVoid  = "TXN_ALREADY_VOIDED"
	codeDeclined     = "PROCESSOR_DECLINED"

	codeAlreadyCaptured = "TXN_ALREADY_CAPTURED"
)

// apiError is the body of a refusal.
type apiError struct {
	Code      text `json:"code"`
	Message   text `json:"message"`
	Developer text `json:"developerMessage"`
	RequestID text `json:"requestId"`
}

// String is for the log and the timeline.
func (e apiError) String() string {
	return redact.Text(cut(strings.TrimSpace(fmt.Sprintf("%s %s (%s, request %s)", e.Code, e.Message, e.Developer, e.RequestID))))
}

// refusal words an answer that says no. The request was not carried out.
func refusal(r reply) *payment.Error {
	code, what := payment.CodeRejected, "Poynt refused the request: "+redact.Text(cut(or(string(r.fault.Message), http.StatusText(r.status))))+"."
	switch {
	case r.status == http.StatusTooManyRequests:
		code, what = payment.CodeBusy, "Poynt has too much to do and asks to wait."
	case r.fault.Code == codeUnauthorized:
		code, what = payment.CodeSettings, "Poynt does not let this app do that for this business. Either the merchant has not given the app consent, or the app lacks the permission (cloud messages, transactions), or business-id belongs to somebody else."
	case r.status == http.StatusUnauthorized:
		code, what = payment.CodeSettings, "Poynt does not accept the access token, not even a fresh one. Look at base-url: an app of one data centre is unknown in the other."
	case r.fault.Code == "STORE_DEVICE_NOT_ACTIVATED":
		code, what = payment.CodeSettings, "Poynt says that the terminal is not activated. Activate it in the dashboard, or choose another one in device-id."
	case r.fault.Code == "STORE_DEVICE_NOT_FOUND":
		code, what = payment.CodeSettings, "Poynt does not know the terminal of device-id in this store."
	case r.fault.Code == "BUSINESS_NOT_FOUND":
		code, what = payment.CodeSettings, "Poynt does not know the business of business-id."
	case r.status == http.StatusForbidden:
		code, what = payment.CodeSettings, "Poynt forbids this to the app: "+redact.Text(cut(or(string(r.fault.Message), "no reason is given")))+"."
	}
	return &payment.Error{Code: code, Sent: payment.SentNo, Text: what + " " + moneyNot,
		Err: fmt.Errorf("HTTP status %d: %s", r.status, r.fault)}
}

// refused tells whether an answer is a clear no: the request was taken for what it is
// and not carried out. Codes that say that it was carried out before, and those that
// leave it open, are none (poynt.md 13, 15).
func (r reply) refused() bool {
	switch string(r.fault.Code) {
	case codeDuplicate, codeInProgress, "PROCESSOR_TIMEOUT", "TXN_DUPLICATE", "TXN_ALREADY_EXISTS", "PROCESSOR_DETECTED_DUP", "ATLEAST_ONE_TXN_FAILED":
		return false
	}
	switch r.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusTooManyRequests:
		return true
	}
	return false
}

func (r reply) ok() bool { return r.status >= 200 && r.status < 300 }

// unclear makes the error of an answer that is neither a yes nor a clear no.
func unclear(r reply) *payment.Error {
	return &payment.Error{Code: payment.CodeUnreadable, Sent: payment.SentMaybe,
		Text: "Poynt's answer does not say whether it was carried out. " + moneyOpen,
		Err:  fmt.Errorf("HTTP status %d: %s", r.status, r.fault)}
}

// linkFault makes the error of a call that brought no answer.
func linkFault(sent payment.Sent, err error) *payment.Error {
	if sent == payment.SentNo {
		return &payment.Error{Code: payment.CodeUnreachable, Sent: sent, Err: err,
			Text: "Poynt's cloud cannot be reached. " + moneyNot + " Look at this computer's internet connection, then try again."}
	}
	return &payment.Error{Code: payment.CodeNoAnswer, Sent: sent, Err: err, Text: "Poynt's cloud did not answer. " + moneyOpen}
}

// unreadable makes the error of an answer that cannot be taken apart.
func unreadable(err error) *payment.Error {
	return &payment.Error{Code: payment.CodeUnreadable, Sent: payment.SentMaybe, Err: err, Text: "Poynt's answer cannot be read. " + moneyOpen}
}

// badRequest refuses what the caller wants, before anything is sent.
func badRequest(code payment.Code, wrong string) *payment.Error {
	return &payment.Error{Code: code, Sent: payment.SentNo, Text: "Nothing was sent to the terminal: " + wrong + "."}
}

// badSetting names a setting and what is wrong with it.
func badSetting(key, wrong string) *payment.Error {
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Text: fmt.Sprintf("Setting %s: %s", key, wrong)}
}

// ambiguous tells whether what an error is about may have been carried out.
func ambiguous(err error) bool {
	var e *payment.Error
	return !errors.As(err, &e) || e.Sent != payment.SentNo
}

// cut shortens a text of somebody else and takes control signs out.
func cut(s string) string {
	s = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s), "")
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "") + "..."
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
