// Package link makes one HTTP exchange with a provider and says what is provable
// about it: whether the request can have left. It bounds time and sizes, follows no
// redirect, repeats nothing, and reports both directions, redacted.
//
// It must not know any provider's format, and it never decides an outcome.
package link
