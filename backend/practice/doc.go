// Package practice lists the practice terminals: for each provider of the till
// one that can be practised and tested with, under the same name.
//
// A practice terminal is a second, independent reading of a provider's protocol.
// Neither this package nor those below it may import the till's providers, its
// engine, its journal or its words; they meet the till on the wire alone.
package practice
