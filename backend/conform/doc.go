// Package conform is the suite that every provider must pass, in the manner of
// testing/fstest: the real engine on a real journal, the real provider, and its
// practice terminal, which is a second reading of the same protocol. Time is
// virtual and the network is in memory, so that a minute of silence costs nothing.
//
// After every case the till is compared with what the terminal really charged. The
// package is for tests only; no other package imports it.
package conform
