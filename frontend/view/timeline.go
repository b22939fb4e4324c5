package view

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

// Row is one line of the timeline on the page.
type Row struct {
	report.Step
	ID string
}

// rowsOf makes the page's rows of the timeline. The entry of a PIN is one line
// (design 10.7).
func rowsOf(steps []report.Step) []Row {
	rows := make([]Row, 0, len(steps))
	pin := false
	for _, s := range steps {
		entry := s.Kind == payment.EventPrompt && s.Text == report.PINEntry
		if !entry || !pin {
			rows = append(rows, Row{s, fmt.Sprintf("event-%d", s.Seq)})
		}
		if s.Kind == payment.EventPrompt {
			pin = entry
		}
	}
	return rows
}

// bar is one share of the time in a bar of barUnits: its place and width.
type bar struct {
	report.Share
	X, W string
}

// barUnits is the width of the bar of shares.
const barUnits = 1000

func barsOf(spent report.Spent) []bar {
	list := make([]bar, 0, len(spent.Shares))
	x := 0.0
	for _, s := range spent.Shares {
		w := barUnits * float64(s.Took) / float64(spent.Total)
		list = append(list, bar{s, fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", w)})
		x += w
	}
	return list
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// Clock writes a time of day.
func Clock(t time.Time) string { return t.Local().Format("15:04:05") }

// Day writes a date with its time of day.
func Day(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// Elapsed writes how long something has lasted: "0:05".
func Elapsed(from, now time.Time) string {
	s := max(0, int(now.Sub(from).Seconds()))
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Age writes how long ago something was.
func Age(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < 2*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return Day(t)
}
