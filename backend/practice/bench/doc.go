// Package bench is what every practice terminal stands on, whatever it speaks: the
// ledger of what was charged (Book, Ledger), the switches of the trouble to come
// (Faults), the log that its page shows (Log), the server that the till reaches and
// the connections that are cut or held (Life, Line), the customers who play by
// themselves (Cast), and what people do at a pin pad (Pad, Deeds, PINEntry).
//
// It must know no protocol: no field, code, message or clock of a provider belongs
// here, or two practice terminals would share one misreading. It knows no money
// either; what a booking means is the practice terminal's. Nothing of it is for the
// till: the providers and all that runs in a real payment never import it.
//
// Everything here has its own mutex and never calls back while it holds it (but for
// Rules.Remember), so that a practice terminal may use it under its own.
package bench
