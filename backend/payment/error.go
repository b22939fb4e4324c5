package payment

import (
	"errors"
	"fmt"
)

// Sent says whether a request may have reached the other side.
type Sent string

// How far a request got. The zero value is SentMaybe on purpose.
const (
	SentMaybe Sent = ""
	SentNo    Sent = "no"  // provably nothing was carried out: safe to repeat
	SentYes   Sent = "yes" // it arrived
)

// Code classifies an error for the engine and the page.
type Code string

// The codes of errors.
const (
	CodeBusy        Code = "busy"          // the terminal is occupied: try again later
	CodeNotSignedIn Code = "not_signed_in" // sign in, then try again
	CodeUnreachable Code = "unreachable"   // no connection
	CodeNoAnswer    Code = "no_answer"     // the link broke or the time ran out
	CodeUnreadable  Code = "unreadable"    // an answer that nobody can read
	CodeForeign     Code = "foreign"       // an answer to something else
	CodeRejected    Code = "rejected"      // our request was refused as a request
	CodeUnsupported Code = "unsupported"   // this terminal cannot do that
	CodeSettings    Code = "settings"      // a setting is missing or wrong
	CodeInput       Code = "input"         // what a person gave is wrong
	CodeConflict    Code = "conflict"      // not now: something else stands in the way
	CodeNotFound    Code = "not_found"     // no such operation, terminal, ...
	CodeJournal     Code = "journal"       // it cannot be recorded, so it is not done
	CodeInternal    Code = "internal"
)

// Error is the one error type of Paydesk. Text is for a person: what happened,
// what it means for the money, what to do next. Err is for the log.
type Error struct {
	Code Code
	Sent Sent
	Text string
	Err  error
	// Operation is the id of the operation that stands in the way, where one does.
	Operation string
}

// Error gives everything but card data.
func (e *Error) Error() string {
	text := e.Text
	if text == "" {
		text = string(e.Code)
	}
	if e.Err != nil {
		return fmt.Sprintf("%s (%s): %v", text, e.Code, e.Err)
	}
	return fmt.Sprintf("%s (%s)", text, e.Code)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf finds the code of an error; CodeInternal for one that has none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// SentOf finds how far the request of an error got; SentMaybe when it is not told.
func SentOf(err error) Sent {
	var e *Error
	if errors.As(err, &e) {
		return e.Sent
	}
	return SentMaybe
}

// InTheWay finds the operation that stands in the way; empty where none does.
func InTheWay(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Operation
	}
	return ""
}

// TextOf gives the sentence for a person.
func TextOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Text != "" {
		return e.Text
	}
	return "Something went wrong inside Paydesk. Nothing was sent to a terminal by this. Look into the log, or ask for help with it."
}
