package payment

import "log/slog"

// Wallet is a terminal without a card reader: the customer's digital wallet shows a
// code that the till scans, or scans the code that the till shows.
type Wallet interface {
	// Vendors are the wallets that can be named; the terminal's own comes first.
	Vendors() []Vendor
	// CheckCode says what is wrong with a scanned code, before anything is recorded
	// or sent. vendor may be empty. The error has CodeInput.
	CheckCode(code Scanned, vendor string) error
}

// Vendor is one brand of wallet.
type Vendor struct {
	ID    string `json:"id"`    // "alipay"
	Title string `json:"title"` // "Alipay"
	Scan  bool   `json:"scan"`  // the till can scan its customers' codes
	Show  bool   `json:"show"`  // its customers can scan the till's code
}

// Scanned is a customer's wallet code. Whoever has it can charge the customer, so it
// is only ever held in memory: it shows nothing of itself in a text, a log or JSON.
type Scanned string

const scannedText = "(a customer's code)"

// String hides the code.
func (Scanned) String() string { return scannedText }

// GoString hides the code.
func (Scanned) GoString() string { return scannedText }

// MarshalText hides the code.
func (Scanned) MarshalText() ([]byte, error) { return []byte(scannedText), nil }

// LogValue hides the code.
func (Scanned) LogValue() slog.Value { return slog.StringValue(scannedText) }
