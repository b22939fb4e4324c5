package report_test

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/report"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0 lines", 1: "1 line", 2: "2 lines", 21: "21 lines"} {
		if got := report.Count(n, "line", "lines"); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
