// Package callback is the till's door for what providers deliver from outside. It
// limits a delivery, has the provider read it, stores it in the inbox, wakes whoever
// waits, and only then acknowledges it.
//
// It must not decide anything: a delivery is a hint until the provider has checked
// it or matched it to an attempt of ours. It knows no provider's format.
package callback
