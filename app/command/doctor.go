package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
)

func (c *cli) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor", Short: "Find what is wrong with this installation and its network", Args: cobra.NoArgs,
		Long: "Looks at the data folder, the journal, the terminals, the way in for their results, the clock and the display. Every line begins with ok, warn or bad and says what to do. Ends with 1 if something is bad.",
		RunE: func(cmd *cobra.Command, _ []string) error { return c.doctor(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}

func (c *cli) doctor(ctx context.Context) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	findings := app.Examine(ctx, folder, c.build, c.practice)
	if c.json {
		err = printJSON(c.stdout, findings)
	} else {
		for _, f := range findings {
			if _, err = fmt.Fprintf(c.stdout, "%-4s  %s\n", f.Verdict, f.Text); err != nil {
				break
			}
		}
	}
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Verdict == app.Bad {
			return exitFault
		}
	}
	return nil
}
