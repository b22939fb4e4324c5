// Package simulate runs whole shifts of a till in moments: the real engine, the real
// journal on real files, the real providers and the practice terminals' and clouds'
// logic, with virtual time and a network in memory, which carries what a terminal
// posts to the till with the same trouble. All five providers play (protocol_test.go,
// and a file for each of them): nexo alone in some three of eight seeds, the others
// beside it or alone, and in a quarter of the seeds several providers at one till in
// one currency, where the card is also taken from one terminal to another
// (mixed_test.go). A seed decides what cashiers and customers do, what goes wrong with
// messages, cables, terminals, the clock and the disk, and where the till loses its
// power. Afterwards the till is compared with the terminals' own ledgers, and each
// promise is a check with a name (check_test.go).
//
// A run is repeatable: ids, keys and moments come from the seed, and every message
// and every write of the journal takes a small time of its own, so that no two things
// happen at one instant and the scheduler decides nothing. Equal seeds give equal
// journals, to the last hash.
//
//	go test ./backend/simulate                        fixed seeds, some of them twice
//	go test ./backend/simulate -run Seed -seed 17     one seed again, with its timeline
//	go test ./backend/simulate -run Repeat -repeat 200
//	go test ./backend/simulate -run Fresh -for 150s -v
//	go test ./backend/simulate -run Fresh -for 60s -only iotpay,pockyt -v
//	go test ./backend/simulate -run Ops -ops 100000 -v -timeout 1h
//
// With -v it prints its counts. The package holds tests only. It must not be
// imported, must not change the till to suit itself, and after the schedule it
// settles nothing by hand: what the till cannot learn stays in doubt, which is
// allowed.
package simulate
