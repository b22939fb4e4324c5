package payment

// Query says which operations of the journal are wanted, newest first. Its zero
// value: the newest of all.
type Query struct {
	// Text is one thing that a person knows: the receipt number, the amount as it is
	// shown ("12.50"; "12,50" and "12.5" too), the card's last four digits, the
	// authorisation code, our reference of the latest attempt, the terminal's
	// reference, the id, or how the cashier's reference begins. Letters count alike in
	// both cases in the cashier's reference and the authorisation code.
	Text     string
	State    State  // empty: any
	Kind     Kind   // empty: any
	Terminal string // empty: any
	Cart     string // empty: any
	Alarmed  bool   // only those with an alarm that nobody has answered
	Before   int64  // only receipt numbers below; 0: from the newest
	Limit    int    // 0, or more than the journal's bound, means that bound
}
