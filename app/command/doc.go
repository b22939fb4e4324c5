// Package command is Paydesk's command line: one file for each command. Names,
// fields of --json and exit status are a contract (design 5); command_test.go keeps
// them.
//
// It words things for a person at a terminal and decides nothing about payments:
// it opens a till through package app and asks the engine.
package command
