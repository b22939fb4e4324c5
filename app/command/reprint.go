package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func (c *cli) reprintCommand() *cobra.Command {
	which, operator := string(payment.CustomerCopy), ""
	cmd := &cobra.Command{
		Use: "reprint OPERATION", Short: "Print the slip of an operation once more, marked as a copy", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.reprint(cmd.Context(), args[0], payment.Copy(which), operator)
		},
	}
	cmd.Flags().StringVar(&which, "copy", which, "customer or merchant")
	cmd.Flags().StringVar(&operator, "operator", operatorName(), "who does this")
	cmd.Flags().BoolVar(&c.json, "json", false, "print the operation as JSON instead of the slip")
	return cmd
}

func (c *cli) reprint(ctx context.Context, text string, which payment.Copy, operator string) error {
	if which != payment.CustomerCopy && which != payment.MerchantCopy {
		return usage("--copy takes customer or merchant, not %q.", which)
	}
	c.at = app.Anywhere
	return c.till(ctx, "reprints a slip", func(t *app.Till) error {
		op, err := t.Journal.Find(ctx, text)
		if err != nil {
			return err
		}
		if err := c.slipTo(io.Discard, op, which, 1); err != nil {
			return &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Err: err,
				Text: fmt.Sprintf("There is no %s copy of operation %d. `paydesk journal show %d` tells what there is.", which, op.Number, op.Number)}
		}
		number, err := nextReprint(ctx, t, op.ID, which)
		if err != nil {
			return err
		}
		// Recorded first: a copy that nobody knows of must not exist.
		op, err = t.Engine.Printed(ctx, op.ID, payment.Print{Copy: which, Where: wherePrinted, Number: number, Operator: operator})
		if err != nil {
			return err
		}
		if c.json {
			return printJSON(c.stdout, outcomeOf(op))
		}
		return c.slipTo(c.stdout, op, which, number)
	})
}

// nextReprint numbers the reprints of one copy from 1. The first one after the amount has
// changed is no copy: it is the corrected slip.
func nextReprint(ctx context.Context, t *app.Till, id string, which payment.Copy) (int, error) {
	events, err := t.Journal.Events(ctx, id)
	if err != nil {
		return 0, err
	}
	number := 0
	for _, e := range events {
		if e.Kind == payment.EventAdjusted {
			number = -1
		}
		if e.Kind != payment.EventPrinted {
			continue
		}
		var p payment.Print
		if err := json.Unmarshal(e.Data, &p); err != nil {
			return 0, fmt.Errorf("read event %d: %w", e.Seq, err)
		}
		if p.Copy == which {
			number = max(number, p.Number)
		}
	}
	return number + 1, nil
}
