// Package pockyt plays Pockyt's in-store service and the customer's phone
// (pockyt.md): signed requests as JSON or as a form, add and prepay for a code that
// the till scans from the customer, create-trans-qrcode for a code that the
// customer scans from the till, query, cancel with its two effects, refunds, and
// signed notices with the documented repeats.
//
// A Cloud keeps its own ledger of what was really charged. A payment is booked
// before anything says so on the wire, so that the ledger is the truth with which a
// till's journal is compared after a fault or a crash. Open payments are kept too:
// after a restart the customer still stands there with the phone in hand.
//
// Whatever pockyt.md marks as unknown is a switch, the likely behaviour first. Not
// played are the mixed QR (pockyt.md 11), cashier-add and version 2.
//
// Times are virtual inside a testing/synctest bubble: nothing here needs a real
// socket as long as Handler is served in memory and Options.Client is given.
//
// The package is a second, independent reading of the protocol. It must not import
// backend/provider, backend/payment, backend/engine or any other part of the till,
// or an error of reading would be mirrored and never seen. Merchant, token and codes
// are published samples or invented; it must never be pointed at real hosts.
package pockyt
