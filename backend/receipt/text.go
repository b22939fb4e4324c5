package receipt

import (
	"strings"
	"unicode/utf8"
)

// The columns that Text can do; others are taken for the nearest of them.
const (
	MinColumns = 16
	MaxColumns = 200
)

// signMark begins a line to sign on.
const signMark = "X"

// Text writes the document for paper or a terminal of so many columns (a sign is a
// rune after normalisation). Each line ends with a line feed, has no blanks at its
// end and is never longer than columns; what does not fit is wrapped, never cut. A
// large line is wrapped at half the columns, as wide as it will be printed.
func (d Document) Text(columns int) string {
	columns = min(max(columns, MinColumns), MaxColumns)
	var b strings.Builder
	for _, line := range d.Lines {
		for _, row := range line.rows(columns) {
			b.WriteString(strings.TrimRight(strings.ReplaceAll(row, noBreak, " "), " "))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// rows breaks one line into rows.
func (l Line) rows(columns int) []string {
	switch {
	case l.Kind == Blank:
		return []string{""}
	case l.Kind == Code: // text cannot draw it, and its number stands on the slip
		return nil
	case l.Kind == Rule: // room for a hand, then the line itself
		return []string{"", "", signMark + strings.Repeat("_", columns-len(signMark))}
	case l.Style.Has(Centred):
		width := columns
		if l.Style.Has(Large) {
			width = columns / 2
		}
		rows := wrap(l.Left, width)
		for i, row := range rows {
			rows[i] = strings.Repeat(" ", (columns-length(row))/2) + row
		}
		return rows
	case l.Right == "":
		return wrap(l.Left, columns)
	}
	if gap := columns - length(l.Left) - length(l.Right); gap >= 1 {
		return []string{l.Left + strings.Repeat(" ", gap) + l.Right}
	}
	rows := wrap(l.Left, columns)
	for _, row := range wrap(l.Right, columns) {
		rows = append(rows, strings.Repeat(" ", columns-length(row))+row)
	}
	return rows
}

// wrap breaks a text at blanks, and a word longer than the line inside.
func wrap(text string, columns int) []string {
	if length(text) <= columns {
		if strings.Trim(text, " ") == "" {
			return nil
		}
		return []string{text}
	}
	var rows []string
	row := ""
	for word := range strings.SplitSeq(text, " ") {
		if word == "" {
			continue
		}
		if row != "" && length(row)+1+length(word) <= columns {
			row += " " + word
			continue
		}
		if row != "" {
			rows = append(rows, row)
		}
		for length(word) > columns {
			at := len(string([]rune(word)[:columns]))
			rows, word = append(rows, word[:at]), word[at:]
		}
		row = word
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}

func length(text string) int { return utf8.RuneCountInString(text) }
