// Package pockyt speaks Pockyt's in-store API for digital wallets, version 3
// (pockyt.md): the till charges the code that the customer's wallet shows, or shows
// a code that the customer scans. It asks until the outcome is known, and closes what
// nobody pays.
//
// Answers carry no signature and notifications prove nothing: what counts is the
// platform's word about our own reference, our amount and our currency. The package
// must not decide what becomes of an operation: the engine does.
package pockyt
