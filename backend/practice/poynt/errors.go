package poynt

import "net/http"

// refusal is an error answer of the cloud (poynt.md 15).
type refusal struct {
	Code             string `json:"code"`
	HTTPStatus       int    `json:"httpStatus"`
	Message          string `json:"message"`
	DeveloperMessage string `json:"developerMessage"`
	RequestID        string `json:"requestId"`
}

// statusOf are the HTTP numbers of the codes that this cloud uses (poynt.md 15).
var statusOf = map[string]int{
	"INVALID_REQUEST": 400, "INVALID_PARAMETER": 400, "MISSING_PARAMETER": 400, "REQUEST_ID_DUPLICATE": 400, "REQUEST_IN_PROGRESS": 400,
	"TXN_ALREADY_CAPTURED": 400, "TXN_ALREADY_REFUNDED": 400, "TXN_ALREADY_VOIDED": 400, "CAPTURE_NOT_ALLOWED": 400,
	"CAPTURE_EXCEEDS_PREAUTH_BAL": 400, "UNSUPPORTED_TXN_ACTION": 400, "UNSUPPORTED_OPERATION": 400, "PROCESSOR_DECLINED": 400,
	"PROCESSOR_TIMEOUT": 400, "PROCESSOR_DETECTED_DUP": 400,
	"INVALID_ACCESS_TOKEN": 401, "INVALID_REFRESH_TOKEN": 401, "UNAUTHORIZED_ACCESS": 401, "LOGIN_FAILED": 401,
	"STORE_DEVICE_NOT_ACTIVATED": 403,
	"TRANSACTION_NOT_FOUND":      404, "BUSINESS_NOT_FOUND": 404, "STORE_DEVICE_NOT_FOUND": 404, "RESOURCE_NOT_FOUND": 404, "INVALID_URL_PATTERN": 404,
	"INTERNAL_ERROR": 500, "EXTERNAL_SERVER_ERROR": 502, "RKMS_UNAVAILABLE": 503, "SERVICE_UNAVAILABLE": 504,
}

// messages are for a person; UNAUTHORIZED_ACCESS has the published words (poynt.md 3.4).
var messages = map[string]string{
	"UNAUTHORIZED_ACCESS":   "Access not authorized for the requested resource.",
	"INVALID_ACCESS_TOKEN":  "The access token is not valid.",
	"TRANSACTION_NOT_FOUND": "There is no such transaction.",
}

// refuse makes the error answer of a code. The details are for developers.
func refuse(code, details string) answer {
	message := messages[code]
	if message == "" {
		message = details
	}
	status := statusOf[code]
	return answer{status: status, body: refusal{Code: code, HTTPStatus: status, Message: message, DeveloperMessage: details}}
}

// answer is what goes back to the till; a nil body is an empty one.
type answer struct {
	status int
	body   any
}

func ok(body any) answer { return answer{http.StatusOK, body} }
