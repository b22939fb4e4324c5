package view

import (
	"fmt"
	"slices"
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

// TestTheSameAnswerIsFolded: long doubt is one line that can be opened, and every event
// stands in it.
func TestTheSameAnswerIsFolded(t *testing.T) {
	seq := int64(0)
	step := func(kind payment.EventKind, text string) report.Step {
		seq++
		return report.Step{Seq: seq, Kind: kind, Text: text, Detail: fmt.Sprint("took ", seq), At: time.Unix(seq, 0)}
	}
	asked := func(n int, answer string) (steps []report.Step) {
		for range n {
			a := step(payment.EventAsked, "asked")
			a.Detail = answer
			steps = append(steps, step(payment.EventMessage, "Request"), step(payment.EventMessage, "Response"), a)
		}
		return steps
	}
	steps := slices.Concat(asked(3, "busy"), asked(9, "not found"), []report.Step{step(payment.EventResult, "paid")}, asked(2, "busy"))
	rows := rowsOf(steps)
	total, opened := 0, 0
	for _, r := range rows {
		if len(r.More) == 0 {
			total++
			continue
		}
		opened++
		total += len(r.More)
		if r.Rounds != 7 || len(r.More) != 21 || r.More[0].Detail != fmt.Sprint("took ", r.More[0].Seq) || !r.Until.Equal(r.More[20].At) {
			t.Errorf("folded %d rounds in %d rows until %v", r.Rounds, len(r.More), r.Until)
		}
	}
	if total != len(steps) || opened != 1 || len(rows) != len(steps)-20 {
		t.Errorf("%d rows tell %d of %d events, %d are folded", len(rows), total, len(steps), opened)
	}
	changed := asked(6, "busy")
	changed[7].Changed = true
	for _, r := range rowsOf(changed) {
		if len(r.More) > 0 {
			t.Errorf("a change of state is folded into %+v", r)
		}
	}
}

func TestBarsFillTheWidth(t *testing.T) {
	bars := barsOf(report.Spent{Total: 4 * time.Second, Shares: []report.Share{{Owner: report.OfTheTill, Took: time.Second}, {Owner: report.OfIssuer, Took: 3 * time.Second}}})
	if len(bars) != 2 || bars[0].X != "0.0" || bars[0].W != "250.0" || bars[1].X != "250.0" || bars[1].W != "750.0" {
		t.Errorf("bars %+v", bars)
	}
}
