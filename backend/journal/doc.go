// Package journal keeps what the till has seen and done: an append-only log of
// events in one SQLite file, chained by hashes, and beside it the operations that
// the events add up to. It is the only package that knows SQL.
//
// What it promises: a write that returned without an error is on the disk
// (WAL, synchronous=FULL); an event and the operation that it changes are written
// in one transaction; the sequence of events has no gap; a write that failed left
// nothing behind that a later write builds on.
//
// What it must not do: decide. It stores the events that the engine gives it and
// lets payment.Operation.Apply say what they mean. It must not see card data: what
// arrives here is redacted already.
//
// # The chain
//
// Each event carries the hash of the event before it and its own, which covers the
// former (chain.go). Changing, removing or inserting a row breaks the chain, and
// Verify names the place. Who can write the file can also compute a whole new
// chain, or cut its end off together with the rows of the operations: only a head
// kept elsewhere (Mark) shows that.
//
// # Damage
//
// A file that has lost its end, a page or a bit is refused for writing where that
// shows when it is opened (ErrDamaged), and never changed; so is a write-ahead log
// with damage in the middle, which SQLite would take for its end (log.go). With
// Options.ReadOnly a damaged file is opened as far as it can be read: Verify says
// what is wrong, and Export writes what is left and names what is not. The file must
// stay where it is: nothing is recorded in one that was moved or removed.
//
// # One writer
//
// One goroutine owns the only writing connection. It takes all requests that wait,
// up to a bound, and writes them with one commit, so that many terminals share one
// sync of the disk. A second process may open the same file with Options.ReadOnly
// while the till runs.
package journal
