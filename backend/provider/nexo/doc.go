// Package nexo is the till's side of nexo Retailer 3.1 over XML as Swedbank Pay's
// PAX terminals speak it on a local network (nexo-retailer.md 2, 4 to 13, 16 to
// 18), in default mode (the terminal also calls the till) and in light mode.
//
// It turns what it is told into messages, and what comes back into the words of
// package payment. It decides nothing about an operation: whatever it cannot read
// for certain is reported as doubt, and nothing that may have been carried out is
// ever sent twice. It must not import the engine, the journal, a page, another
// provider or the practice terminal, and it never hands on card data beyond the
// last four digits (the merchant's slip: what the terminal masked).
package nexo
