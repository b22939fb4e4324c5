package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/backend/practice"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// trainer is what the flags of the practice command say.
type trainer struct {
	listen, pinpad, till, ledger string
	faults                       []string
	pace                         float64
	cooldown                     time.Duration
}

func (c *cli) practiceCommand() *cobra.Command {
	p := trainer{}
	cmd := &cobra.Command{
		Use: "practice PROVIDER", Short: "Run a practice terminal by itself, for any till", Args: cobra.ExactArgs(1),
		Long: "Runs a practice terminal until it is interrupted, and prints one address per line: where a till reaches it, and the page of its pin pad. --customer NAME has somebody pay by themselves.",
		RunE: func(cmd *cobra.Command, args []string) error { return c.runPractice(cmd.Context(), args[0], p) },
	}
	flags := cmd.Flags()
	flags.StringVar(&p.listen, "listen", "127.0.0.1:0", "where the till reaches the terminal; port 0 takes a free one")
	flags.StringVar(&p.till, "till", "", "base URL of the till's listener, for displays and questions")
	flags.StringVar(&p.pinpad, "pinpad", "127.0.0.1:0", "where the pin pad page is served")
	flags.StringVar(&p.ledger, "ledger", "", "the file of what was charged (default: memory)")
	flags.DurationVar(&p.cooldown, "cooldown", 0, "how long it is busy after a payment (default: as the real terminal; negative: not at all)")
	flags.Float64Var(&p.pace, "pace", realPace, "how long a practice customer takes: 1 as a real one, 0 no time")
	flags.StringArrayVar(&p.faults, "fault", nil, "trouble: name=value of a fault switch ('paydesk provider show' lists them)")
	return cmd
}

func (c *cli) runPractice(ctx context.Context, name string, p trainer) (err error) {
	kind, err := practice.Find(name)
	if err != nil {
		return usage("%v.", err)
	}
	if c.customer != "" && !kind.Knows(c.customer) {
		names := make([]string, 0, len(kind.Customers))
		for _, one := range kind.Customers {
			names = append(names, one.Name)
		}
		return usage("No practice customer of %s is called %q. Choose one of: %s.", name, c.customer, strings.Join(names, ", "))
	}
	wishes, stop := interrupts()
	defer stop()
	terminal, err := kind.New(practice.Options{Till: p.till, Ledger: p.ledger, Customer: c.customer, Pace: p.pace, CoolDown: p.cooldown,
		Log: slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, terminal.Close()) }()
	for _, f := range p.faults {
		fault, value, _ := strings.Cut(f, "=")
		if err := terminal.SetFault(fault, value); err != nil {
			return usage("--fault %s: %v.", f, err)
		}
	}
	address, err := terminal.Listen(p.listen)
	if err != nil {
		return err
	}
	page, endPage, err := pinpad.Listen(p.pinpad, pinpad.New(terminal.Device()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endPage()) }()
	if _, err := fmt.Fprintf(c.stdout, "terminal http://%s\npinpad http://%s\n", address, page); err != nil {
		return err
	}
	select {
	case <-wishes:
	case <-ctx.Done():
	}
	return nil
}
