package receipt

import "github.com/paydesk-till/paydesk/backend/payment"

// Document is one slip, laid out.
type Document struct {
	Lang  string // of the words: BCP 47, "sv"
	Copy  payment.Copy
	Title string // "KORTKVITTO", for windows and files; a line only where the market wants it
	Lines []Line
	// Synthetic: no slip of the provider stands behind it.
	Synthetic bool
	// Warnings are for the journal, not for the paper: amounts that do not add up
	// a payload that could be read in part only (C-60).
	Warnings []string
}

// Line is one line of a slip: Left and Right stand at the two edges, Left alone
// where the style puts it. An amount and its currency are tied by a no-break space.
type Line struct {
	Kind        Kind
	Left, Right string
	Style       Style
}

// Kind says what a line is.
type Kind string

// The kinds of line. Blank parts two blocks.
const (
	Blank        Kind = "blank"
	Mark         Kind = "mark" // TEST, KOPIA
	Header       Kind = "header"
	Merchant     Kind = "merchant"
	ID           Kind = "id"
	Time         Kind = "time"
	Type         Kind = "type"
	Item         Kind = "item"
	Amount       Kind = "amount"
	Total        Kind = "total"
	Outcome      Kind = "outcome"
	Reason       Kind = "reason"
	Card         Kind = "card"
	Chip         Kind = "chip" // AID, TVR, TSI, ARC
	Reference    Kind = "reference"
	Verification Kind = "verification"
	Policy       Kind = "policy"
	Rule         Kind = "rule" // the line to sign on; a renderer draws it over the whole width
	Signature    Kind = "signature"
	Notice       Kind = "notice"
	CopyName     Kind = "copy"
	Code         Kind = "code" // Left is what a scanner reads; a renderer that cannot draw leaves it out
	Reprint      Kind = "reprint"
)

// Style says how a line is set.
type Style uint8

// The styles. Large is double height and width: each letter counts as two columns.
const (
	Centred Style = 1 << iota
	Strong
	Large
)

// Has tells whether all of the given styles are set.
func (s Style) Has(of Style) bool { return s&of == of }
