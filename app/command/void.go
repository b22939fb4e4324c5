package command

import (
	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func (c *cli) voidCommand() *cobra.Command {
	w := wish{}
	cmd := &cobra.Command{
		Use: "void OPERATION", Short: "Reverse the whole of an operation", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.giveBack(cmd.Context(), payment.Void, args[0], w)
		},
	}
	cmd.Flags().StringVar(&w.why, "why", reasonFromHere, "the reason")
	c.moneyFlags(cmd, &w)
	return cmd
}
