// Package netpay plays NetPay's cloud and a Smart PinPad terminal with Smart
// Accounts (netpay.md): the token service, sale, reprint and cancel, and the
// terminal that posts the result of each to the till's listener. The answer "00"
// to a push is an acknowledgement; the money is told by the terminal alone.
//
// A Terminal keeps its own ledger of what it really charged, and to which store.
// A sale is booked when the bank has decided and before any result is posted, so
// that the ledger is the truth with which a till's journal is compared after a
// fault or a crash. A result that is lost can be asked for by a reprint, also
// after a restart.
//
// What netpay.md does not know is a switch (see Faults), and the first choice is
// the one that gives a till the least. Times are virtual inside a testing/synctest
// bubble: nothing here needs a real socket as long as Handler is served in memory
// and Options.Client is given.
//
// The package is a second, independent reading of the protocol. It must not
// import backend/provider, backend/payment, backend/engine or any other part of
// the till, or an error of reading would be mirrored and never seen. It holds
// invented cards, stores and passwords only and must never be pointed at real
// cards or hosts.
package netpay
