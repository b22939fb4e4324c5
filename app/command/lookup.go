package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func (c *cli) lookupCommand() *cobra.Command {
	w := wish{}
	cmd := &cobra.Command{
		Use: "lookup OPERATION", Short: "Ask the terminal what became of an operation", Args: cobra.ExactArgs(1),
		Long: "Asks the terminal once what became of an operation whose outcome is not known, and ends as it then stands. An operation is named by its id, its number or our reference.",
		RunE: func(cmd *cobra.Command, args []string) error { return c.lookup(cmd.Context(), args[0], w) },
	}
	c.moneyFlags(cmd, &w)
	return cmd
}

func (c *cli) lookup(ctx context.Context, text string, w wish) error {
	if err := w.check(); err != nil {
		return err
	}
	c.at = app.Anywhere
	return c.till(ctx, "asks about a payment", func(t *app.Till) error {
		op, err := t.Journal.Find(ctx, text)
		if err != nil {
			return err
		}
		if op.State.Final() {
			return c.finish(ctx, t, op)
		}
		if _, err := c.terminal(t, op.Terminal); err != nil {
			return err
		}
		if err := t.Engine.Look(ctx, op.ID); err != nil {
			return err
		}
		wishes, stop := interrupts()
		defer stop()
		f := &follower{c: c, till: t, signature: w.signature, wait: w.wait, operator: w.operator, wishes: wishes}
		before := op.Doubt.Asked
		op, err = f.until(ctx, op.ID, func(now payment.Operation) bool { return now.Doubt.Asked > before })
		if err != nil {
			return err
		}
		return c.finish(ctx, t, op)
	})
}
