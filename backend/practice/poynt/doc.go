// Package poynt plays Poynt's cloud and the smart terminal behind it (poynt.md):
// a token service that really verifies the application's signed assertion,
// discovery of business, store and terminals, cloud messages in both payload
// generations with their ttl, the transactions API, and a terminal that takes
// cards on its pin pad page and posts the result to the till's callback URL with
// the documented repeats.
//
// A Cloud keeps its own ledger of what was really charged. A payment is booked
// when it is authorised and before any callback leaves, so that the ledger is the
// truth with which a till's journal is compared after a fault or a crash. What
// waits in the cloud for a terminal, and what a terminal was just doing, is lost
// with the process; what was booked is not.
//
// Whatever poynt.md marks as unknown is a switch, the likely behaviour first. Not
// played are orders, webhooks and the consent page: the till needs none of them.
//
// Times are virtual inside a testing/synctest bubble: nothing here needs a real
// socket as long as Handler is served in memory and Options.Client is given.
//
// The package is a second, independent reading of the protocol. It must not
// import backend/provider, backend/payment, backend/engine or any other part of
// the till, or an error of reading would be mirrored and never seen. It holds
// invented card numbers only and must never be pointed at real cards or hosts.
package poynt
