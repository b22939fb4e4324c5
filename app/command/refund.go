package command

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// reasonFromHere is the reason of a refund or void where none is given.
const reasonFromHere = "command line"

func (c *cli) refundCommand() *cobra.Command {
	w, without := wish{}, false
	cmd := &cobra.Command{
		Use: "refund OPERATION [--amount 3.00]", Short: "Give back money of a sale, all that is left or a part", Args: cobra.MaximumNArgs(1),
		Long: "Gives back money of the sale OPERATION, all that is left or a part.\n\n" +
			"With --without-sale instead of OPERATION, money goes to a card although no sale here stands behind it, on a terminal that is set up for it: nothing bounds the amount but the person who gives it, so --amount, --operator and --why must all be given.",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case without && len(args) > 0:
				return usage("A refund is either of a sale or --without-sale, not both. Nothing was started.")
			case without && !(cmd.Flags().Changed("amount") && cmd.Flags().Changed("operator") && cmd.Flags().Changed("why")):
				return usage("A refund without a sale needs --amount, --operator and --why. Nothing was started.")
			case without:
				return c.giveAway(cmd.Context(), w)
			case len(args) == 0:
				return usage("Say which sale: paydesk refund OPERATION. Nothing was started. `paydesk journal list` shows them.")
			}
			return c.giveBack(cmd.Context(), payment.Refund, args[0], w)
		},
	}
	cmd.Flags().StringVar(&w.amount, "amount", "", "how much (default: all that is left)")
	cmd.Flags().StringVar(&w.currency, "currency", "", "ISO code, without a sale (default: the terminal's)")
	cmd.Flags().StringVar(&w.terminal, "terminal", "", "which terminal (default: that of the sale; without one, the default one)")
	cmd.Flags().StringVar(&w.why, "why", reasonFromHere, "the reason")
	cmd.Flags().BoolVar(&without, "without-sale", false, "give money to a card without a sale that it belongs to, where the terminal is set up for it")
	c.moneyFlags(cmd, &w)
	return cmd
}

// giveAway gives money to a card without a sale.
func (c *cli) giveAway(ctx context.Context, w wish) error {
	if err := w.check(); err != nil {
		return err
	}
	c.at = w.terminal
	return c.till(ctx, "gives money back", func(t *app.Till) error {
		terminal, err := c.terminal(t, w.terminal)
		if err != nil {
			return err
		}
		start := engine.Start{Kind: payment.Refund, Unlinked: true, Terminal: terminal.Name, Currency: cmp.Or(w.currency, terminal.Currency), Operator: w.operator, Why: w.why}
		if start.Amount, err = minor("amount", w.amount, start.Currency); err != nil {
			return err
		}
		c.warn(terminal)
		return c.carryOut(ctx, t, start, w)
	})
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
