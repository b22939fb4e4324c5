//go:build desktop && production

package app

// windowBuilt: the build tags bring Wails' window along.
const windowBuilt = true
