package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
	"github.com/paydesk-till/paydesk/backend/secret"
)

func (c *cli) showOperation(ctx context.Context, j *journal.Journal, text string) error {
	d, _, err := c.dispute(ctx, j, text)
	if err != nil {
		return err
	}
	steps, spent := report.Timeline(d.Events), report.TimeSpent(d.Op, d.Events, d.Made)
	if c.json {
		return printJSON(c.stdout, struct {
			Operation payment.Operation `json:"operation"`
			Events    []payment.Event   `json:"events"`
			Timeline  []report.Step     `json:"timeline"`
			Spent     report.Spent      `json:"spent"`
			Seal      report.Seal       `json:"seal"`
		}{d.Op, d.Events, steps, spent, d.Seal})
	}
	op, out := d.Op, bufio.NewWriter(c.stdout)
	_, _ = fmt.Fprintf(out, "%s\nid %s\nours %s  terminal %s  authorisation %s\ncard %s %s %s %s\n\n", sentence(op), op.ID, op.References.Ours, // Flush tells
		op.References.Terminal, op.References.AuthCode, op.Card.Brand, op.Card.Masked, op.Card.Entry, op.Card.CVM)
	for _, s := range steps {
		_, _ = fmt.Fprintln(out, told(s))
		if s.Body != "" {
			_, _ = fmt.Fprintln(out, indented(s.Body))
		}
	}
	if len(spent.Shares) > 0 {
		_, _ = fmt.Fprintf(out, "\nwhere the time went, %s in all\n", report.Took(spent.Total))
		for _, s := range spent.Shares {
			_, _ = fmt.Fprintf(out, "  %-16s %10s  %5.1f %%\n", s.Owner.Name(), report.Took(s.Took), 100*float64(s.Took)/float64(spent.Total))
		}
	}
	_, _ = fmt.Fprintln(out)
	for _, line := range d.Seal.Verdict(time.Local) {
		_, _ = fmt.Fprintln(out, marked(line))
	}
	return out.Flush()
}

func marked(l report.Line) string {
	switch {
	case l.Good:
		return "ok    " + l.Text
	case l.Bad:
		return "BAD   " + l.Text
	}
	return "?     " + l.Text
}

// dispute gathers all that the journal knows of one operation.
func (c *cli) dispute(ctx context.Context, j *journal.Journal, text string) (d report.Dispute, seal *app.Seal, err error) {
	op, err := j.Find(ctx, text)
	if err != nil {
		return d, nil, err
	}
	folder, err := c.folder()
	if err != nil {
		return d, nil, err
	}
	d = report.Dispute{Op: op, Made: time.Now(), Version: c.build.Version, Test: c.practice}
	if d.Events, err = j.Events(ctx, op.ID); err != nil {
		return d, nil, err
	}
	if d.Related, err = j.Related(ctx, op.ID); err != nil {
		return d, nil, err
	}
	if op.Original != "" {
		original, err := j.Operation(ctx, op.Original)
		if err != nil && payment.CodeOf(err) != payment.CodeNotFound { // it may be another till's
			return d, nil, err
		}
		if err == nil {
			d.Related = append([]payment.Operation{original}, d.Related...)
		}
	}
	seal = app.ReadSeal(ctx, folder, j)
	d.Seal, err = seal.Of(ctx, op.ID)
	return d, seal, err
}

// evidence writes what belongs to one operation. Who asks for a file wants the whole
// chain looked at: that is done now, so that the file can say so.
func (c *cli) evidence(ctx context.Context, j *journal.Journal, text, file string) error {
	d, seal, err := c.dispute(ctx, j, text)
	if err != nil {
		return err
	}
	if file == "" || strings.EqualFold(filepath.Ext(file), ".jsonl") {
		return c.writeOut(file, d.WriteLines)
	}
	if _, err := seal.Verify(ctx); err != nil {
		return err
	}
	if d.Seal, err = seal.Of(ctx, d.Op.ID); err != nil {
		return err
	}
	return c.writeOut(file, d.WriteHTML)
}

func (c *cli) exportCommand() *cobra.Command {
	file := ""
	cmd := &cobra.Command{Use: "export [OPERATION] [--out FILE]", Short: "Write every event as one line of JSON, or one operation's evidence as a file", Args: cobra.MaximumNArgs(1),
		Long: "Without OPERATION: every event of the journal, one line of JSON each, oldest first. With OPERATION and --out FILE: one page to print or send, for a dispute, with the timeline, the slips, the hashes and how to recompute them, after the whole journal was checked; where FILE ends with .jsonl the operation's lines alone, as without --out. A file that is there already is not written over.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.read(cmd.Context(), func(ctx context.Context, j *journal.Journal) error {
				if len(args) > 0 {
					return c.evidence(ctx, j, args[0], file)
				}
				return c.writeOut(file, func(w io.Writer) error { return j.Export(ctx, w) })
			})
		}}
	cmd.Flags().StringVar(&file, "out", "", "write into this file")
	return cmd
}

// writeOut writes into a new file, for its owner alone, or to the standard output.
func (c *cli) writeOut(file string, write func(io.Writer) error) (err error) {
	to := c.stdout
	if file != "" {
		created, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case errors.Is(err, fs.ErrExist):
			return usage("%s is there already, and evidence is not written over. Nothing was written. Name another file.", file)
		case err != nil:
			return usage("%s cannot be written: %v. Name another file.", file, err)
		}
		defer func() { err = errors.Join(err, created.Close()) }()
		to = created
	}
	out := bufio.NewWriter(to)
	if err := write(out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	if file != "" {
		c.say("Written: %s", file)
	}
	return nil
}

func (c *cli) verifyCommand() *cobra.Command {
	return &cobra.Command{Use: "verify", Short: "Check the chain of hashes, replay every operation, and compare with the head kept outside", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.read(cmd.Context(), c.verify) }}
}

func (c *cli) verify(ctx context.Context, j *journal.Journal) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	seal := app.ReadSeal(ctx, folder, j)
	verdict, err := seal.Verify(ctx)
	if err != nil {
		return err
	}
	head := seal.Head()
	if c.json {
		if err := printJSON(c.stdout, struct {
			journal.Verdict
			Head report.Head `json:"head"`
		}{verdict, head}); err != nil {
			return err
		}
	} else {
		for _, fault := range verdict.Faults {
			_, _ = fmt.Fprintln(c.stdout, fault) // the exit status tells as well
		}
	}
	if !verdict.Sound() {
		return &payment.Error{Code: payment.CodeJournal, Sent: payment.SentNo,
			Text: fmt.Sprintf("The journal is NOT sound: %d faults. Keep the file as it is, and bring back a backup to go on.", int64(len(verdict.Faults))+verdict.More)}
	}
	if c.json {
		return nil
	}
	_, err = fmt.Fprintf(c.stdout, "The journal is sound: %s of %s, newest hash %s\n%s\n", report.Count(verdict.Events, "event", "events"), report.Count(verdict.Operations, "operation", "operations"), verdict.Hash, head.Line(time.Local).Text)
	return err
}

func (c *cli) acceptCommand() *cobra.Command {
	operator, why := "", ""
	cmd := &cobra.Command{Use: "accept --operator NAME --why REASON", Short: "Take the journal as it is for the right one, after a backup was brought back", Args: cobra.NoArgs,
		Long: "The head of the journal's chain is kept in the secret store. When the journal no longer agrees with it, because a backup was brought back or because somebody changed it, an alarm stands until this command says that the journal is right as it is. Who said so and why is recorded in the journal.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			operator, why = strings.TrimSpace(operator), strings.TrimSpace(why)
			if operator == "" || why == "" {
				return usage("Say who accepts the journal as it is, and why: --operator NAME --why REASON. Nothing was changed.")
			}
			folder, err := c.folder()
			if err != nil {
				return err
			}
			return c.write(cmd.Context(), "accepts its journal", func(j *journal.Journal, _ *secret.Store) error {
				if err := app.ReadSeal(cmd.Context(), folder, j).Accept(cmd.Context(), operator, why); err != nil {
					return err
				}
				c.say("The journal is taken as it is. This is recorded with the name and the reason.")
				return nil
			})
		}}
	cmd.Flags().StringVar(&operator, "operator", "", "who does it")
	cmd.Flags().StringVar(&why, "why", "", "why the journal is right as it is")
	return cmd
}
