// Package receipt lays out card slips: from an operation and the slip that the
// provider delivered to a Document, and from there to text and HTML.
//
// The lines of a Document are the only product of the layout. Whatever prints,
// shows or sends a slip maps these lines and decides nothing of its own. The rules
// are those of receipts.md sections 1 to 6, whose numbers (R-xx) stand at the code
// that keeps them and whose checks (C-xx) are the names of the tests.
//
// The package must not talk to a terminal or a printer, must not correct an amount,
// and must not put an outcome on a slip that is not known.
package receipt
