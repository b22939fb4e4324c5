// Package payment holds the words of the till: an operation and its states, what
// a provider is told and what it reports, prompts, questions, slips and errors.
//
// It does no input or output and decides nothing but what follows from the words
// themselves: which state an event leads to (state.go) and what an operation is
// after its events (apply.go). It imports money and nothing else of Paydesk.
package payment
