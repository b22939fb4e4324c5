package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// reasonFromHere is the reason of a refund or void where none is given.
const reasonFromHere = "command line"

func (c *cli) refundCommand() *cobra.Command {
	w := wish{}
	cmd := &cobra.Command{
		Use: "refund OPERATION [--amount 3.00]", Short: "Give back money of a sale, all that is left or a part", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.giveBack(cmd.Context(), payment.Refund, args[0], w)
		},
	}
	cmd.Flags().StringVar(&w.amount, "amount", "", "how much (default: all that is left)")
	cmd.Flags().StringVar(&w.terminal, "terminal", "", "which terminal (default: that of the sale)")
	cmd.Flags().StringVar(&w.why, "why", reasonFromHere, "the reason")
	c.moneyFlags(cmd, &w)
	return cmd
}

// giveBack captures, refunds or voids the operation that text names.
func (c *cli) giveBack(ctx context.Context, kind payment.Kind, text string, w wish) error {
	if err := w.check(); err != nil {
		return err
	}
	doing := "gives money back"
	if kind == payment.Capture {
		doing = "takes what was reserved"
	}
	c.at = app.Anywhere
	return c.till(ctx, doing, func(t *app.Till) error {
		original, err := t.Journal.Find(ctx, text)
		if err != nil {
			return err
		}
		start := engine.Start{Kind: kind, Original: original.ID, Terminal: w.terminal, Operator: w.operator, Why: w.why}
		if start.Terminal == "" {
			start.Terminal = original.Terminal
		}
		if _, err := c.terminal(t, start.Terminal); err != nil {
			return err
		}
		if w.amount != "" {
			if start.Amount, err = minor("amount", w.amount, original.Currency); err != nil {
				return err
			}
			if start.Amount == 0 {
				return usage("A %s of nothing is none. Nothing was sent.", kind)
			}
		}
		return c.carryOut(ctx, t, start, w)
	})
}
