package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

// outcome is what --json prints of an operation. Its fields are a contract; money
// is in minor units of the currency.
type outcome struct {
	Operation  string         `json:"operation"`
	Kind       payment.Kind   `json:"kind"`
	State      payment.State  `json:"state"`
	Reason     payment.Reason `json:"reason"`
	Provider   string         `json:"provider"`
	Terminal   string         `json:"terminal"`
	Account    string         `json:"account"`
	Currency   string         `json:"currency"`
	Requested  int64          `json:"requested"`
	Authorised int64          `json:"authorised"`
	Tip        int64          `json:"tip"`
	Cashback   int64          `json:"cashback"`
	Card       card           `json:"card"`
	References references     `json:"references"`
	Original   string         `json:"original"`
}

type card struct {
	Brand  string        `json:"brand"`
	Masked string        `json:"masked"`
	Entry  payment.Entry `json:"entry"`
	CVM    payment.CVM   `json:"cvm"`
}

type references struct {
	Ours     string `json:"ours"`
	Terminal string `json:"terminal"`
	RRN      string `json:"rrn"`
	AuthCode string `json:"auth_code"`
}

func outcomeOf(op payment.Operation) outcome {
	return outcome{
		Operation: op.ID, Kind: op.Kind, State: op.State, Reason: op.Reason,
		Provider: op.Provider, Terminal: op.Terminal, Account: op.Account, Currency: op.Currency,
		Requested: op.Requested, Authorised: op.Authorised, Tip: op.Tip, Cashback: op.Cashback,
		Card:       card{op.Card.Brand, op.Card.Masked, op.Card.Entry, op.Card.CVM},
		References: references{op.References.Ours, op.References.Terminal, op.References.RRN, op.References.AuthCode},
		Original:   op.Original,
	}
}

// printJSON writes a value as one line.
func printJSON(w io.Writer, value any) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(value); err != nil {
		return fmt.Errorf("print the answer: %w", err)
	}
	return nil
}

// columns is the width of a slip as text.
const columns = 42

// finish prints how an operation stands and ends the command accordingly.
func (c *cli) finish(ctx context.Context, t *app.Till, op payment.Operation) error {
	if c.json {
		if err := printJSON(c.stdout, outcomeOf(op)); err != nil {
			return err
		}
		return exitOf(op).done()
	}
	c.say("%s", sentence(op))
	for _, a := range op.Alarms {
		c.say("ATTENTION: %s", a.Text)
	}
	if op.State.Final() && op.State != payment.Failed {
		err := c.slipTo(c.stdout, op, payment.CustomerCopy, 0)
		if errors.Is(err, receipt.ErrNoSlip) {
			return exitOf(op).done()
		}
		if err != nil {
			return err
		}
		if _, err := t.Engine.Printed(ctx, op.ID, payment.Print{Copy: payment.CustomerCopy, Where: wherePrinted}); err != nil {
			c.say("The slip was printed, but not recorded as printed: %s", payment.TextOf(err))
		}
	}
	return exitOf(op).done()
}

// wherePrinted is where a command hands out a slip.
const wherePrinted = "text"

// slipTo prints a copy as text; number is 0 for the original, else which reprint.
func (c *cli) slipTo(w io.Writer, op payment.Operation, which payment.Copy, number int) error {
	slip, err := receipt.Render(op, which, receipt.Options{Reprint: number, PrintedAt: time.Now(), Test: c.practice})
	if err != nil {
		return fmt.Errorf("lay out the slip: %w", err)
	}
	if _, err := fmt.Fprintln(w, strings.TrimRight(slip.Text(columns), "\n")); err != nil {
		return fmt.Errorf("print the slip: %w", err)
	}
	return nil
}

// sentence says what happened, what it means for the money and what to do next.
func sentence(op payment.Operation) string {
	kind := string(op.Kind)
	if op.Unlinked() {
		kind += " without a sale"
	}
	about := fmt.Sprintf("%s %d, %s, terminal %s", kind, op.Number, op.Shown().Text(language.English), op.Terminal)
	why := ""
	if op.ReasonText != "" {
		why = " (" + strings.TrimRight(op.ReasonText, ". ") + ")"
	}
	settled := op.Reason == payment.ReasonSettled // no word of the bank's
	switch op.State {
	case payment.Approved:
		if settled {
			return "Settled by hand as carried out: " + about + why + ". The terminal itself did not tell."
		}
		if exitOf(op) == exitOtherAmount {
			return fmt.Sprintf("Approved, but with another amount than the %s asked for: %s. Look at the slip before the customer goes.", op.Total().Text(language.English), about)
		}
		return "Approved: " + about + "."
	case payment.Declined:
		if settled {
			return "Settled by hand as not carried out: " + about + why + ". The terminal itself did not tell; if it ever says otherwise, an alarm is raised."
		}
		return "Declined: " + about + why + ". No money was moved. Try another card or another way to pay."
	case payment.Cancelled:
		return "Cancelled: " + about + why + ". No money was moved."
	case payment.Failed:
		return "Not carried out: " + about + why + ". No money was moved. It is safe to try again."
	}
	return "In doubt: " + about + why + ". Money may have been moved. Do not repeat it: `paydesk recover` asks the terminal until the outcome is known."
}
