package payment

// Query chooses operations of the journal, newest first.
type Query struct {
	// Text is matched against number, references, last four digits, amount and
	// authorisation code. Empty: all.
	Text     string
	State    State  // empty: any
	Kind     Kind   // empty: any
	Terminal string // empty: any
	Before   int64  // only numbers below; 0: from the newest
	Limit    int    // 0: a page
}
