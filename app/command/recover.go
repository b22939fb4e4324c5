package command

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func (c *cli) recoverCommand() *cobra.Command {
	w := wish{}
	cmd := &cobra.Command{
		Use: "recover", Short: "Find the outcome of everything that is still open", Args: cobra.NoArgs,
		Long: "Asks the terminals about everything that is still open, until all is known or --wait is over. Ends with the worst of it: 5, 6, 4, 3, 2 or 0. With --json it prints a list.",
		RunE: func(cmd *cobra.Command, _ []string) error { return c.recover(cmd.Context(), w) },
	}
	c.moneyFlags(cmd, &w)
	return cmd
}

func (c *cli) recover(ctx context.Context, w wish) error {
	if err := w.check(); err != nil {
		return err
	}
	c.at = app.Anywhere
	return c.till(ctx, "finds open outcomes", func(t *app.Till) error {
		ops := c.resolve(ctx, t, w)
		if c.json {
			list := make([]outcome, 0, len(ops))
			for _, op := range ops {
				list = append(list, outcomeOf(op))
			}
			if err := printJSON(c.stdout, list); err != nil {
				return err
			}
			return worst(ops).done()
		}
		if len(ops) == 0 {
			c.say("Nothing was open.")
		}
		for _, op := range ops {
			c.say("%s", sentence(op))
		}
		return worst(ops).done()
	})
}

// resolve waits for all that was left open, side by side, since every terminal is
// asked by itself.
func (c *cli) resolve(ctx context.Context, t *app.Till, w wish) []payment.Operation {
	ops := slices.Clone(t.Left)
	ctx, cancel := context.WithTimeout(ctx, w.wait)
	defer cancel()
	wishes, stop := interrupts()
	defer stop()
	go func() {
		select {
		case <-wishes:
			cancel()
		case <-ctx.Done():
		}
	}()
	known := t.Engine.Terminals()
	var waits sync.WaitGroup
	for i := range ops {
		at := slices.IndexFunc(known, func(s engine.TerminalStatus) bool { return s.Name == ops[i].Terminal })
		if at < 0 {
			c.say("Terminal %s of operation %d is not there: its outcome cannot be asked for.", ops[i].Terminal, ops[i].Number)
			continue
		}
		waits.Go(func() {
			f := &follower{c: c, till: t, signature: w.signature, wait: w.wait + time.Minute, operator: w.operator}
			if op, err := f.until(ctx, ops[i].ID, nil); op.ID != "" {
				ops[i] = op // as far as it got, also when the time was over
			} else if err != nil && ctx.Err() == nil {
				t.Log.Error("recover", "operation", ops[i].ID, "error", err)
			}
		})
	}
	waits.Wait()
	return ops
}
