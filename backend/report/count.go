package report

import "strconv"

// Count writes a number with its noun: "1 operation", "2 operations".
func Count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + many
}
