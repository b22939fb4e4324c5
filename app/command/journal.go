package command

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func (c *cli) journalCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "journal", Short: "Read, check and export what was recorded", Args: cobra.NoArgs, RunE: help}
	query := payment.Query{}
	list := &cobra.Command{Use: "list [TEXT]", Short: "List operations, newest first; TEXT is a number, reference, amount or last four digits", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				query.Text = args[0]
			}
			return c.read(cmd.Context(), func(ctx context.Context, j *journal.Journal) error { return c.listOperations(ctx, j, query) })
		}}
	list.Flags().StringVar((*string)(&query.State), "state", "", "only those in this state")
	list.Flags().StringVar((*string)(&query.Kind), "kind", "", "only sale, refund or void")
	list.Flags().StringVar(&query.Terminal, "terminal", "", "only those of this terminal")
	list.Flags().Int64Var(&query.Before, "before", 0, "only numbers below this one: the next page")
	list.Flags().IntVar(&query.Limit, "limit", 0, "at most so many")
	show := &cobra.Command{Use: "show OPERATION", Short: "Show one operation: its timeline, where its time went, and what the chain says", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.read(cmd.Context(), func(ctx context.Context, j *journal.Journal) error { return c.showOperation(ctx, j, args[0]) })
		}}
	cmd.AddCommand(c.renewCommand())
	for _, sub := range append([]*cobra.Command{list, show}, c.verifyCommand(), c.exportCommand()) {
		sub.Flags().BoolVar(&c.json, "json", false, "print JSON")
		cmd.AddCommand(sub)
	}
	cmd.AddCommand(c.acceptCommand())
	return cmd
}

// read opens the journal for reading, also while a till is open on it.
func (c *cli) read(ctx context.Context, do func(context.Context, *journal.Journal) error) (err error) {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	j, err := app.Read(ctx, folder)
	if err != nil {
		return err
	}
	defer func() {
		if e := j.Close(); err == nil {
			err = e
		}
	}()
	return do(ctx, j)
}

// entry is an operation as `journal list --json` prints it.
type entry struct {
	outcome
	Number  int64  `json:"number"`
	Created string `json:"created"` // RFC 3339, UTC
	Ended   string `json:"ended"`   // empty: it has not
}

const timeForm = "2006-01-02T15:04:05.000Z07:00"

func entryOf(op payment.Operation) entry {
	e := entry{outcome: outcomeOf(op), Number: op.Number, Created: op.CreatedAt.UTC().Format(timeForm)}
	if !op.EndedAt.IsZero() {
		e.Ended = op.EndedAt.UTC().Format(timeForm)
	}
	return e
}

func (c *cli) listOperations(ctx context.Context, j *journal.Journal, q payment.Query) error {
	ops, err := j.Operations(ctx, q)
	if err != nil {
		return err
	}
	if c.json {
		list := make([]entry, 0, len(ops))
		for _, op := range ops {
			list = append(list, entryOf(op))
		}
		return printJSON(c.stdout, list)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, op := range ops {
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", op.Number, op.CreatedAt.Local().Format("2006-01-02 15:04:05"),
			op.Kind, op.Shown().Text(language.English), op.State, op.Terminal, op.Card.Masked, op.References.Ours) // Flush tells
	}
	return table.Flush()
}
