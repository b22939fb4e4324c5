// Package report makes of what the journal holds what a person takes away: the
// timeline of a payment in words, where its time went, and the file for a dispute.
//
// It computes and writes; it must not read the journal, ask a clock, decide anything
// or know a provider. What it is given is redacted already, and it shows no more of a
// card than it is given.
package report
