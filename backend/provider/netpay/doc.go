// Package netpay speaks NetPay's Smart PinPad push API with Smart Accounts
// (netpay.md): a sale is pushed to the terminal by way of NetPay's cloud, and the
// terminal itself posts the result to the till.
//
// A push that was acknowledged is no payment. A result is believed when it matches
// our own attempt in every way; whatever does not is confirmed by a reprint, which
// is the only way to ask. It must not decide what becomes of an operation: the
// engine does.
package netpay
