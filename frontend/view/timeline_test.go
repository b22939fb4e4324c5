package view

import (
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

// TestThePINIsOneLine, however often the terminal asks for it.
func TestThePINIsOneLine(t *testing.T) {
	prompt := func(text string) report.Step { return report.Step{Kind: payment.EventPrompt, Text: text} }
	note := report.Step{Kind: payment.EventMessage, Text: "DisplayRequest", Seq: 9}
	rows := rowsOf([]report.Step{prompt(report.PINEntry), note, prompt(report.PINEntry), prompt("The terminal asks the bank"), prompt(report.PINEntry)})
	if len(rows) != 4 || rows[1].ID != "event-9" {
		t.Errorf("rows %+v", rows)
	}
}

func TestBarsFillTheWidth(t *testing.T) {
	bars := barsOf(report.Spent{Total: 4 * time.Second, Shares: []report.Share{{Owner: report.OfTheTill, Took: time.Second}, {Owner: report.OfIssuer, Took: 3 * time.Second}}})
	if len(bars) != 2 || bars[0].X != "0.0" || bars[0].W != "250.0" || bars[1].X != "250.0" || bars[1].W != "750.0" {
		t.Errorf("bars %+v", bars)
	}
}
