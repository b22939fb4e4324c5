// Package engine leads the conversation: one worker per terminal, which commits
// before it sends, asks until it knows, and tells the pages through the hub.
//
// It is the only package that decides: no other changes the state of an
// operation. It knows providers by the words of package payment alone, and
// declares the part of the journal that it needs.
package engine
