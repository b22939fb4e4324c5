// Package bench is what every practice terminal stands on, whatever it speaks:
// the ledger of what was charged, the fault switches, the log that its page shows,
// the server that the till reaches, the life that Close ends, and the customers
// who play by themselves.
//
// It must know no protocol: no field, code, message or clock of a provider belongs
// here, or two practice terminals would share one misreading. It knows no money
// either; what a booking means is the practice terminal's. Nothing of it is for the
// till: the providers and all that runs in a real payment never import it.
package bench
