// Package poynt is the till's side of Poynt's Payment Bridge over cloud messages
// (poynt.md): a sale is queued in Poynt's cloud for one terminal, the terminal
// posts its result to the till's door, and the till believes it only once the cloud
// itself, asked with the till's own token, says the same. Without a door the till
// learns approvals and declines by asking alone.
//
// It decides nothing about an operation: what it cannot read for certain is doubt,
// "not found" is never "not charged", and nothing that may have been carried out is
// sent twice, unless under the same idempotency key where the protocol says so
// (poynt.md 13). It must not import the engine, the journal, a page, another
// provider or the practice cloud, never addresses more than one terminal, and hands
// on no card data beyond the last four digits.
package poynt
