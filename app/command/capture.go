package command

import (
	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func (c *cli) captureCommand() *cobra.Command {
	w := wish{}
	cmd := &cobra.Command{
		Use: "capture OPERATION [--amount 3.00]", Short: "Take the money that a sale with --authorise has reserved, all or a part", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.giveBack(cmd.Context(), payment.Capture, args[0], w)
		},
	}
	cmd.Flags().StringVar(&w.amount, "amount", "", "how much (default: all that is reserved)")
	c.moneyFlags(cmd, &w)
	return cmd
}
