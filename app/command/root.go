package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// How long practice customers take: as real ones where somebody looks on, brisk
// for a command that waits.
const (
	realPace  = 1.0
	briskPace = 0.2
)

// cli is one run of the program.
type cli struct {
	build          app.Build
	stdin          io.Reader
	stdout, stderr io.Writer

	data     string
	practice bool
	customer string
	at       string // the terminal of a sale, or of a refund without one; empty: the default one
	json     bool

	reading sync.Once
	lines   chan string
}

// Main runs the program with its arguments and returns the exit status.
func Main(build app.Build, args []string) int {
	return (&cli{build: build, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}).run(context.Background(), args)
}

// run is Main with its surroundings given.
func (c *cli) run(ctx context.Context, args []string) int {
	root := c.root()
	root.SetArgs(args)
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	err := root.ExecuteContext(ctx)
	var ended exit
	var told *payment.Error
	switch {
	case err == nil:
		return int(exitApproved)
	case errors.As(err, &ended):
		return int(ended)
	case errors.As(err, &told):
		c.say("%s", payment.TextOf(err))
		if told.Err != nil {
			c.say("(%v)", told.Err)
		}
	default:
		c.say("%v", err)
	}
	return int(exitFault)
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "paydesk",
		Short: "A cashier's desk for card terminals",
		Long: "A cashier's desk for card terminals. Without a command it opens its window; where there is no display it serves its pages for a browser.\n\n" +
			"Exit status: 0 approved or done, 1 usage or internal error, 2 declined, 3 cancelled, 4 failed (not executed), 5 in doubt, 6 approved with another amount than asked.",
		Version:           c.build.Version,
		Args:              cobra.NoArgs,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, _ []string) error { return c.window(cmd.Context()) },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&c.data, "data", "", "the folder that holds everything (default: the system's place for settings)")
	flags.BoolVar(&c.practice, "practice", false, "practise with virtual terminals: no real money, a folder of its own")
	flags.StringVar(&c.customer, "customer", "", "who stands at the practice terminal (default: you, at its pin pad page)")
	root.AddCommand(c.serveCommand(), c.saleCommand(), c.refundCommand(), c.voidCommand(), c.captureCommand(), c.reprintCommand(), c.lookupCommand(),
		c.recoverCommand(), c.terminalCommand(), c.providerCommand(), c.journalCommand(), c.practiceCommand(), c.doctorCommand())
	return root
}

// say writes a line for the person.
func (c *cli) say(format string, values ...any) {
	_, _ = fmt.Fprintf(c.stderr, format+"\n", values...) // there is nowhere else to tell it
}

// folder is the data folder of this run.
func (c *cli) folder() (app.Folder, error) { return app.FolderAt(c.data, c.practice) }

// options say which till this run opens.
func (c *cli) options(doing string, pace float64) (app.Options, error) {
	if c.customer != "" && !c.practice {
		return app.Options{}, usage("--customer is for --practice: real customers pay as they like. Nothing was started.")
	}
	folder, err := c.folder()
	return app.Options{Folder: folder, Build: c.build, Practice: c.practice, Customer: c.customer, At: c.at, Pace: pace, Doing: doing}, err
}

// till opens a till for one command and calls do with it. The addresses of pin
// pads are told first.
func (c *cli) till(ctx context.Context, doing string, do func(*app.Till) error) (err error) {
	pace := realPace
	if c.customer != "" {
		pace = briskPace
	}
	o, err := c.options(doing, pace)
	if err != nil {
		return err
	}
	t, err := app.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		if e := t.Close(); e != nil {
			t.Log.Warn("closing", "error", e)
		}
	}()
	if c.customer == "" {
		for _, p := range t.PinPads {
			c.say("pinpad %s %s", p.Name, p.URL)
		}
	}
	return do(t)
}

// interrupts tells the wishes to end the program. Until stop is called, they do
// not end it by themselves.
func interrupts() (wishes <-chan os.Signal, stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return signals, func() { signal.Stop(signals) }
}

// usage is an error in what was asked for.
func usage(format string, values ...any) error {
	return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Text: fmt.Sprintf(format, values...)}
}
