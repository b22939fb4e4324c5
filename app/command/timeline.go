package command

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/paydesk-till/paydesk/backend/report"
)

// told says a step of the timeline in one line: its number in the journal, its time,
// who to whom, the state after it, and what happened.
func told(s report.Step) string {
	way := string(s.From)
	if s.To != "" {
		way += " -> " + string(s.To)
	}
	state := ""
	if s.Changed {
		state = "=> " + report.StateWord(s.State)
	}
	line := s.Text
	if s.Person != "" {
		line += ", by " + s.Person
	}
	if s.Detail != "" {
		line += ": " + s.Detail
	}
	return strings.TrimRight(fmt.Sprintf("%6d  %s  %-16s  %s  %s", s.Seq, s.At.Local().Format("15:04:05.000"), way, printable(line), state), " ")
}

// indented puts a text below a line of the timeline.
func indented(text string) string {
	const margin = "                          "
	return margin + strings.ReplaceAll(strings.TrimSpace(printable(text)), "\n", "\n"+margin)
}

// printable takes out what could steer the screen: a message may hold anything.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '\uFFFD'
		}
		return r
	}, text)
}
