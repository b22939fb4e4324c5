// Package app puts Paydesk together: the data folder and its lock, the journal,
// the engine with its terminals, the listener that terminals reach, the loopback
// server of the pages, and the window.
//
// It opens in one order and closes in the reverse. It decides nothing about
// payments, knows no protocol and no SQL, and is the only package that knows
// Wails.
package app
