package command

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/app"
)

func (c *cli) renewCommand() *cobra.Command {
	return &cobra.Command{
		Use: "renew", Short: "Put a damaged journal aside and begin a new one, to sell again", Args: cobra.NoArgs,
		Long: "Moves a damaged journal into a folder beside it, begins a new one, and takes the terminals over as far as they can be read. Nothing is deleted. A journal that is sound is left alone.",
		RunE: func(cmd *cobra.Command, _ []string) error { return c.renew(cmd.Context()) },
	}
}

func (c *cli) renew(ctx context.Context) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	r, err := app.Renew(ctx, folder, time.Now())
	if r.Kept != "" { // also where something failed behind it: nobody else knows what was open
		c.renewed(r)
	}
	return err
}

func (c *cli) renewed(r app.Renewed) {
	c.say("The damaged journal is kept in %s. A new one was begun: payments can be taken again. Receipt numbers begin anew.", r.Kept)
	if len(r.Terminals) > 0 {
		c.say("Terminals taken over: %s.", strings.Join(r.Terminals, ", "))
	} else if !c.practice {
		c.say("No terminal could be taken over. Add it with `paydesk terminal add`.")
	}
	if len(r.Unread) > 0 {
		c.say("Not readable any more: %s.", strings.Join(r.Unread, ", "))
	}
	for _, op := range r.Open {
		c.say("The outcome of this one is not known, look for it in the terminal's own report: %s of %s, terminal %s, reference %s",
			op.Kind, op.Total().Text(language.English), op.Terminal, op.Attempt.Reference)
	}
	c.say("Earlier payments are not known to the new journal: what was paid stands in the terminal's own report, and they are given back on the terminal itself.")
}
