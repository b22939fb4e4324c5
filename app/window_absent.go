//go:build !(desktop && production)

package app

// windowBuilt: without the build tags Wails compiles, but shows no window.
const windowBuilt = false
