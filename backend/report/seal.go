package report

import (
	"fmt"
	"time"
)

// Seal is what the journal's hash chain says of one operation, as far as it was
// looked at.
type Seal struct {
	Lines  int64    `json:"lines"` // of this operation
	First  int64    `json:"first"` // number of its first line in the journal
	Last   int64    `json:"last"`
	Faults []string `json:"faults,omitempty"` // in its own lines, their links, or between them and the operation
	Head   Head     `json:"head"`
	Whole  Whole    `json:"whole"`
}

// Head is what was said of the chain's head that is kept outside of the journal.
type Head struct {
	Seq     int64     `json:"seq"` // 0: none is kept yet
	Hash    string    `json:"hash,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Where   string    `json:"where,omitempty"`   // it is kept, in words
	Fault   string    `json:"fault,omitempty"`   // how the journal differs from it
	Problem string    `json:"problem,omitempty"` // why it could not be read
}

// Whole is the latest check of the whole journal.
type Whole struct {
	At         time.Time `json:"at,omitzero"` // zero: there was none yet
	Events     int64     `json:"events"`
	Operations int64     `json:"operations"`
	Seq        int64     `json:"seq"` // of the newest event it looked at
	Faults     []string  `json:"faults,omitempty"`
	Running    bool      `json:"running,omitempty"` // another one is under way
}

// Sound tells that nothing is wrong with what was looked at. It does not say that
// everything was.
func (s Seal) Sound() bool {
	return len(s.Faults) == 0 && s.Head.Fault == "" && len(s.Whole.Faults) == 0
}

// Covered tells that the latest complete check reached this operation's last line.
func (s Seal) Covered() bool { return !s.Whole.At.IsZero() && s.Whole.Seq >= s.Last }

// Line is one sentence of a verdict. Good: it speaks for the record; Bad: against it;
// neither: it is not known.
type Line struct {
	Text      string
	Good, Bad bool
}

// timeForm is how times stand in a verdict.
const timeForm = "2006-01-02 15:04:05"

// Verdict says the seal in sentences, on a clock of the place.
func (s Seal) Verdict(zone *time.Location) []Line {
	var list []Line
	if len(s.Faults) == 0 {
		list = append(list, Line{Text: fmt.Sprintf("%d lines recorded (%d to %d): each carries its hash, is linked to the lines before and after it, and together they give this very operation.", s.Lines, s.First, s.Last), Good: true})
	}
	for _, f := range s.Faults {
		list = append(list, Line{Text: "These lines are NOT as they were recorded: " + f + ".", Bad: true})
	}
	return append(list, s.Head.Line(zone), s.whole(zone))
}

// Line says it in a sentence, on a clock of the place.
func (h Head) Line(zone *time.Location) Line {
	switch {
	case h.Fault != "":
		return Line{Text: "The journal does NOT agree with the head kept outside of it: " + h.Fault + ".", Bad: true}
	case h.Problem != "":
		return Line{Text: "The head kept outside of the journal cannot be read: " + h.Problem + "."}
	case h.Seq == 0:
		return Line{Text: "No head of the chain is kept outside of the journal yet."}
	}
	return Line{Text: fmt.Sprintf("The head of the chain kept outside of the journal agrees: line %d, written down %s in %s.", h.Seq, h.At.In(zone).Format(timeForm), h.Where), Good: true}
}

func (s Seal) whole(zone *time.Location) Line {
	w := s.Whole
	switch {
	case w.At.IsZero() && w.Running:
		return Line{Text: "The whole journal is being checked now."}
	case w.At.IsZero():
		return Line{Text: "The whole journal was not checked yet."}
	case len(w.Faults) > 0:
		return Line{Text: fmt.Sprintf("The whole journal is NOT sound (checked %s): %s.", w.At.In(zone).Format(timeForm), w.Faults[0]), Bad: true}
	case !s.Covered():
		return Line{Text: fmt.Sprintf("The chain was sound from line 1 to line %d when the whole journal was last checked (%s). Lines of this operation came later.", w.Seq, w.At.In(zone).Format(timeForm))}
	}
	return Line{Text: fmt.Sprintf("The chain is sound from line 1 to line %d, over this operation (whole journal checked %s: %s of %s).", w.Seq, w.At.In(zone).Format(timeForm), Count(w.Events, "line", "lines"), Count(w.Operations, "operation", "operations")), Good: true}
}
