package payment

import "time"

// Copy says for whom a slip is.
type Copy string

// The two copies.
const (
	MerchantCopy Copy = "merchant"
	CustomerCopy Copy = "customer"
)

// Slip is what a provider delivered for one copy of a receipt, in the canonical
// words of receipts.md 2. Texts are as delivered, redacted; empty ones were not
// delivered. Amounts that a provider sends as text stay text: they are printed,
// never booked.
type Slip struct {
	Copy Copy      `json:"copy"`
	Kind Kind      `json:"kind"`
	At   time.Time `json:"at"` // when the till got it
	// Outcome is what the slip says: approved, declined, cancelled. A signature slip
	// in mid payment has Unknown.
	Outcome Outcome `json:"outcome,omitempty"`
	// Signature: the provider's flag that this copy is to be signed.
	Signature bool `json:"signature,omitempty"`
	Test      bool `json:"test,omitempty"`

	Merchant  Merchant `json:"merchant,omitzero"`
	LocalDate string   `json:"local_date,omitempty"` // 2006-01-02, or as the market writes it; the merchant's clock
	LocalTime string   `json:"local_time,omitempty"` // 15:04
	Currency  string   `json:"currency,omitempty"`
	Amount    string   `json:"amount,omitempty"` // as delivered: "56,00"
	Total     string   `json:"total,omitempty"`
	// TipMinor and CashbackMinor come from the answer's own fields, in minor units.
	TipMinor      int64 `json:"tip,omitempty"`
	CashbackMinor int64 `json:"cashback,omitempty"`

	Brand    string `json:"brand,omitempty"`
	Label    string `json:"label,omitempty"` // application label
	Masked   string `json:"masked,omitempty"`
	Entry    Entry  `json:"entry,omitempty"`
	CVM      CVM    `json:"cvm,omitempty"`
	AID      string `json:"aid,omitempty"`
	TVR      string `json:"tvr,omitempty"`
	TSI      string `json:"tsi,omitempty"`
	AuthCode string `json:"auth_code,omitempty"`
	Response string `json:"response,omitempty"` // the issuer's response code
	Text     string `json:"text,omitempty"`     // the reason as delivered
	// CodeBlock is the Nordic control line, character by character: "K/1 3 00 SWE".
	CodeBlock string `json:"code_block,omitempty"`
	Receipt   string `json:"receipt,omitempty"` // the terminal's receipt number
	Till      string `json:"till,omitempty"`    // our own reference as delivered
	// Lines are the provider's ready lines, second choice.
	Lines []string `json:"lines,omitempty"`
	// More are lines that a market wants beside the common ones, ready in the slip's
	// language: printed below the card as they are.
	More []string `json:"more,omitempty"`
	// Language is this copy's own (BCP 47), as the cardholder's; empty: the
	// operation's.
	Language string `json:"language,omitempty"`
	// Also is a second language (BCP 47) in which the slip's words stand beside those of
	// the first one; empty: none.
	Also string `json:"also,omitempty"`
	// Titled: the slip begins with its name, as it must in Canada.
	Titled bool `json:"titled,omitempty"`
	// Scan is what a scanner reads off the slip later, as a wallet's transaction for its
	// refund: digits, letters and dashes. Empty: nothing.
	Scan string `json:"scan,omitempty"`
	// Raw is the provider's redacted payload, kept unchanged for reprints.
	Raw string `json:"raw,omitempty"`
	// Flawed says why a payload could only be read in part (C-60).
	Flawed string `json:"flawed,omitempty"`
}

// Merchant is the head of a slip, as registered.
type Merchant struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
	Postal  string `json:"postal,omitempty"`
	City    string `json:"city,omitempty"`
	OrgNo   string `json:"org_no,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Bank    string `json:"bank,omitempty"` // the acquirer's name
	MID     string `json:"mid,omitempty"`
	TID     string `json:"tid,omitempty"`
}
