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
	// More are the lines that this one stands for: rounds of the same question with the
	// same answer. Then Step is the first of them.
	More []Row
	// Rounds is how often that was.
	Rounds int
	Until  time.Time
}

// foldFrom is how many equal rounds in a row are needed for those between the first
// and the last to be folded.
const foldFrom = 4

// rowsOf makes the page's rows of the timeline. The entry of a PIN is one line
// (design 10.7), and the same question with the same answer, over and over, is one
// that can be opened.
func rowsOf(steps []report.Step) []Row {
	rows := make([]Row, 0, len(steps))
	pin := false
	for _, s := range steps {
		entry := s.Kind == payment.EventPrompt && s.Text == report.PINEntry
		if !entry || !pin {
			rows = append(rows, Row{Step: s, ID: fmt.Sprintf("event-%d", s.Seq)})
		}
		if s.Kind == payment.EventPrompt {
			pin = entry
		}
	}
	return folded(rows)
}

// folded puts equal rounds, but for the first and the last of them, into one row.
func folded(rows []Row) []Row {
	list := make([]Row, 0, len(rows))
	for at := 0; at < len(rows); {
		size := round(rows[at:])
		count := 1
		for size > 0 && sameRound(rows[at:at+size], rows[at+count*size:]) {
			count++
		}
		if size == 0 || count < foldFrom {
			list = append(list, rows[at])
			at++
			continue
		}
		last := at + (count-1)*size
		between := rows[at+size : last]
		list = append(list, rows[at:at+size]...)
		list = append(list, Row{Step: between[0].Step, ID: between[0].ID + "-more", More: between, Rounds: count - 2, Until: between[len(between)-1].At})
		list = append(list, rows[last:last+size]...)
		at = last + size
	}
	return list
}

// round tells how many rows from the first on are one question with its answer; 0:
// they are not, or something else happened meanwhile.
func round(rows []Row) int {
	for i, r := range rows {
		switch {
		case r.Changed || r.Person != "" || r.Kind != payment.EventMessage && r.Kind != payment.EventAsked:
			return 0
		case r.Kind == payment.EventAsked:
			return i + 1
		}
	}
	return 0
}

// sameRound compares a round with what follows: in all but times, ids and durations.
func sameRound(one, next []Row) bool {
	if len(next) < len(one) {
		return false
	}
	for i, r := range one {
		n := next[i]
		if n.Changed || n.Kind != r.Kind || n.From != r.From || n.To != r.To || n.Text != r.Text || n.Tone != r.Tone || n.Verdict != r.Verdict ||
			r.Kind == payment.EventAsked && n.Detail != r.Detail {
			return false
		}
	}
	return true
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
