package journal

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Limits of a search.
const (
	// MaxOperations bounds one page of a search.
	MaxOperations = 200
	// maxText bounds what is searched for, in bytes; more is cut off.
	maxText = 64
	// maxPrefixed is up to how many operations with a prefix of the reference are
	// looked up by index and sorted, without a thought.
	maxPrefixed = 1000
	// prefixWindow is how many of the newest operations are looked through for a
	// prefix that more of them share.
	prefixWindow = 5000
)

// Operations lists the operations that match everything in the query, newest first.
// The last one's Number is the Before of the next page.
func (j *Journal) Operations(ctx context.Context, q payment.Query) ([]payment.Operation, error) {
	if q.Limit <= 0 || q.Limit > MaxOperations {
		q.Limit = MaxOperations
	}
	if q.Before <= 0 {
		q.Before = math.MaxInt64
	}
	filter, values := filter(q)
	text := strings.TrimSpace(q.Text)
	if text == "" {
		return j.list(ctx, "SELECT data FROM operation WHERE "+filter+" ORDER BY number DESC LIMIT ?", append(values, q.Limit)...)
	}
	if len(text) > maxText {
		text = text[:maxText]
	}
	// Each part is answered by an index that is in the order of the receipt numbers.
	var (
		parts []string
		all   []any
	)
	part := func(condition string, given ...any) {
		parts = append(parts, "SELECT number FROM (SELECT number FROM operation WHERE "+condition+" AND "+filter+" ORDER BY number DESC LIMIT ?)")
		all = append(append(append(all, given...), values...), q.Limit)
	}
	for _, column := range []string{"id", "card_last4", "auth_code", "attempt_reference", "terminal_reference"} {
		part(column+" = ?", text)
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		part("number = ?", number)
	}
	for _, amount := range amounts(text) {
		part("amount = ?", amount)
	}
	begins, err := j.prefix(ctx, text, q)
	if err != nil {
		return nil, err
	}
	part(begins, text, beyond(text))
	query := "SELECT data FROM operation WHERE number IN (" + strings.Join(parts, " UNION ") + ") ORDER BY number DESC LIMIT ?"
	return j.list(ctx, query, append(all, q.Limit)...)
}

func filter(q payment.Query) (string, []any) {
	conditions, values := []string{"number < ?"}, []any{q.Before}
	for _, one := range []struct{ column, value string }{
		{"state", string(q.State)}, {"kind", string(q.Kind)}, {"terminal", q.Terminal}, {"cart", q.Cart},
	} {
		if one.value != "" {
			conditions, values = append(conditions, one.column+" = ?"), append(values, one.value)
		}
	}
	if q.Alarmed {
		conditions = append(conditions, "alarmed > 0")
	}
	return strings.Join(conditions, " AND "), values
}

// prefix makes the condition for references that begin with the text. A prefix that
// few share is found by its index. One that is common among the newest is found by
// walking back from them: the plus sign keeps SQLite from the index. What is left is
// a prefix that many old operations share: it takes as long as sorting them takes.
func (j *Journal) prefix(ctx context.Context, text string, q payment.Query) (string, error) {
	const byIndex, byNumber = "reference >= ? AND reference < ?", "+reference >= ? AND +reference < ?"
	count := func(condition string, enough int, values ...any) (bool, error) {
		var matches int
		err := j.reads.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM operation WHERE "+condition+" LIMIT ?)",
			append(values, enough)...).Scan(&matches)
		if err != nil {
			return false, unread("search the references", err)
		}
		return matches >= enough, nil
	}
	many, err := count(byIndex, maxPrefixed+1, text, beyond(text))
	if err != nil || !many {
		return byIndex, err
	}
	filter, values := filter(q)
	window := "number > (SELECT MAX(number) FROM operation WHERE number < ?) - ?"
	dense, err := count(byNumber+" AND "+filter+" AND "+window, q.Limit,
		append(append([]any{text, beyond(text)}, values...), q.Before, prefixWindow)...)
	if err != nil || !dense {
		return byIndex, err
	}
	return byNumber, nil
}

// beyond is above every text that begins with text.
func beyond(text string) string { return text + "\U0010FFFF" }

// amounts gives the ways in which an amount that a person typed may be shown: with
// as many decimals as some currency has.
func amounts(text string) []string {
	whole, decimals, _ := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	for _, r := range whole + decimals {
		if r < '0' || r > '9' {
			return nil
		}
	}
	kept := strings.TrimRight(decimals, "0")
	var shown []string
	for _, exponent := range []int{0, 2, 3, 4} {
		switch {
		case len(kept) > exponent:
		case exponent == 0:
			shown = append(shown, whole)
		default:
			shown = append(shown, whole+"."+kept+strings.Repeat("0", exponent-len(kept)))
		}
	}
	return shown
}
