// Package provider lists the providers that the till can speak to, one folder
// each. Adding one is its folder, its practice terminal and one line here.
//
// It must not know anything of a single provider beyond its name; what a
// provider can do stands in its Info and in the interfaces it satisfies.
package provider
