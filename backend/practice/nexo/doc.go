// Package nexo plays a card terminal that speaks nexo Retailer 3.1 as Swedbank
// Pay's PAX terminals do (nexo-retailer.md): default mode with displays, events,
// print and signature questions, and light mode, over plain HTTP. It is what a
// new user sees first, what the tests of the till pay against, and a place to
// cause every kind of trouble on purpose.
//
// A Terminal keeps its own ledger of what it really charged. A payment is booked
// when it is authorised and before any answer is sent, so that the ledger is the
// truth with which a till's journal is compared after a fault or a crash. A
// payment goes on when the till's connection is lost; its answer waits for a
// TransactionStatusRequest, also after a restart of the terminal.
//
// Times are virtual inside a testing/synctest bubble: nothing here needs a real
// socket as long as Handler is served in memory and Options.Client is given.
//
// The package is a second, independent reading of the protocol. It must not
// import backend/provider, backend/payment, backend/engine or any other part of
// the till, or an error of reading would be mirrored and never seen. It holds
// invented card numbers only and must never be pointed at real cards or hosts.
package nexo
