// Package iotpay plays IOT Pay's cloud and a PAX PIN pad behind it (iotpay.md):
// create_order of channel CC_PAX, which stays open while the customer pays,
// query_order, and the refunds of both generations. Every request's signature is
// checked strictly; answers are signed by either reading of the documentation.
//
// A Terminal keeps its own ledger of what it really charged. An order is booked as
// open before the PIN pad hears of it, and its outcome before anybody is told, so
// that the ledger is the truth with which a till's journal is compared after a
// fault or a crash. What was open when the cloud went down is cancelled when it
// comes back: the PIN pad went down with it.
//
// There is no notification for CC_PAX (iotpay.md 6): notifyUrl is checked and never
// called. What iotpay.md does not know is a switch (see Faults), and the first
// choice is the one that gives a till the least. Times are virtual inside a
// testing/synctest bubble: nothing here needs a real socket as long as Handler is
// served in memory.
//
// The package is a second, independent reading of the protocol. It must not import
// backend/provider, backend/payment, backend/engine or any other part of the till,
// or an error of reading would be mirrored and never seen. It holds invented cards
// and keys only and must never be pointed at real cards or hosts.
package iotpay
