// Package simulate runs whole days of a till in moments: the real engine, the real
// journal on real files, the real nexo provider and the practice terminal's logic,
// with virtual time and a network in memory. A seed decides what cashiers and
// customers do, what goes wrong with messages, cables and terminals, and where the
// till loses its power. Afterwards the till is compared with the terminals' own
// ledgers, and each promise is a check with a name (check_test.go).
//
//	go test ./backend/simulate                        fixed seeds
//	go test ./backend/simulate -run Seed -seed 17     one seed again, with its timeline
//	go test ./backend/simulate -run Ops -ops 100000   until so many operations are done
//
// With -v it prints its counts. The package holds tests only. It must not be
// imported, must not change the till to suit itself, and after the schedule it
// settles nothing by hand: what the till cannot learn stays in doubt, which is
// allowed.
package simulate
