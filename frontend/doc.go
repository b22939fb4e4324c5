// Package frontend holds the cashier's pages: New makes an http.Handler of an
// engine and a journal. Live state goes to the page as HTML fragments over one
// event stream (stream.go), so every page shows the true state after a reload.
//
// It decides nothing about money: it asks the engine, and words what the engine
// and the journal say (view). It never talks to a terminal or a database, and it
// leaves token, cookie, Host check and cross-origin protection to package app,
// which wraps them around it.
package frontend
