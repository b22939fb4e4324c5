// Package redact removes card data and secrets from text before anything keeps
// or shows it: the journal, the log, the cashier's screen and the support
// bundle all take text from here.
//
// It must not fail, must not change what an outcome means, and must not know
// any provider's API: it works on names of fields and shapes of values alone.
package redact
