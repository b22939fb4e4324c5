package command

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// wish is what the flags of a money command say.
type wish struct {
	amount, currency, terminal string
	tip, cashback, reference   string
	account                    string
	authorise                  bool
	code, vendor               string
	qr                         bool
	signature                  string
	operator, why              string
	wait                       time.Duration
}

// moneyFlags are those that all money commands have.
func (c *cli) moneyFlags(cmd *cobra.Command, w *wish) {
	flags := cmd.Flags()
	flags.BoolVar(&c.json, "json", false, "print the operation as JSON, money in minor units")
	flags.StringVar(&w.signature, "signature", "", "answer a signature question: yes or no (default: ask, or no where there is no keyboard)")
	flags.DurationVar(&w.wait, "wait", defaultWait, "how long to stay with an outcome that is not known")
	flags.StringVar(&w.operator, "operator", operatorName(), "who does this")
}

func (w *wish) check() error {
	if w.signature != "" && w.signature != "yes" && w.signature != "no" {
		return usage("--signature takes yes or no, not %q. Nothing was started.", w.signature)
	}
	if w.wait < 0 {
		return usage("--wait cannot be negative. Nothing was started.")
	}
	return nil
}

func (c *cli) saleCommand() *cobra.Command {
	w := wish{}
	cmd := &cobra.Command{
		Use: "sale --amount 12.50", Short: "Have a customer pay", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.sale(cmd.Context(), w) },
	}
	flags := cmd.Flags()
	flags.StringVar(&w.amount, "amount", "", "what the goods cost, for example 12.50")
	flags.StringVar(&w.currency, "currency", "", "ISO code (default: the terminal's)")
	flags.StringVar(&w.terminal, "terminal", "", "which terminal (default: the default one)")
	flags.StringVar(&w.tip, "tip", "", "a tip on top, where the terminal takes one from the till")
	flags.StringVar(&w.cashback, "cashback", "", "cash to pay out on top")
	flags.StringVar(&w.account, "account", "", "which account or store gets the money, where the terminal has several (default: its first)")
	flags.BoolVar(&w.authorise, "authorise", false, "only reserve the money; 'paydesk capture' takes it later")
	flags.StringVar(&w.code, "code", "", "charge the code that the customer's wallet shows; - reads it from standard input, where a scanner types it")
	flags.BoolVar(&w.qr, "qr", false, "show a code for the customer's wallet to scan")
	flags.StringVar(&w.vendor, "vendor", "", "which wallet, for example alipay or wechatpay (default: by its code, or the terminal's)")
	cmd.MarkFlagsMutuallyExclusive("code", "qr")
	flags.StringVar(&w.reference, "reference", "", "a reference of your own; while a sale with it and the same amount is open on any terminal, another one is refused with exit status 1")
	c.moneyFlags(cmd, &w)
	return cmd
}

func (c *cli) sale(ctx context.Context, w wish) error {
	if err := w.check(); err != nil {
		return err
	}
	if w.amount == "" {
		return usage("Say how much: --amount 12.50. Nothing was started.")
	}
	code, err := c.scanned(w.code)
	if err != nil {
		return err
	}
	c.at = w.terminal
	return c.till(ctx, "takes a payment", func(t *app.Till) error {
		terminal, err := c.terminal(t, w.terminal)
		if err != nil {
			return err
		}
		start := engine.Start{Kind: payment.Sale, Terminal: terminal.Name, Currency: w.currency, Reference: w.reference, Operator: w.operator,
			Account: w.account, AuthOnly: w.authorise, Code: code, ShowQR: w.qr, Vendor: w.vendor}
		if start.Currency == "" {
			start.Currency = terminal.Currency
		}
		for _, one := range []struct {
			flag, text string
			into       *int64
		}{{"amount", w.amount, &start.Amount}, {"tip", w.tip, &start.Tip}, {"cashback", w.cashback, &start.Cashback}} {
			if *one.into, err = minor(one.flag, one.text, start.Currency); err != nil {
				return err
			}
		}
		c.warn(terminal)
		return c.carryOut(ctx, t, start, w)
	})
}

// warn tells, before anything is sent, of a terminal whose outcomes cannot arrive
// (design 10.10, 10.11), and of one whose outcomes must arrive from outside when
// nothing ever has: perhaps the terminal was told another address.
func (c *cli) warn(terminal engine.TerminalStatus) {
	switch {
	case !terminal.Receives:
	case terminal.Door.Listening == "":
		c.say("ATTENTION: terminal %s cannot reach this till, since it has no setting listen: %s", terminal.Name, terminal.Door.Without)
	case terminal.Limits.Inbound && terminal.Delivered.IsZero() && !c.practice:
		c.say("ATTENTION: nothing has ever arrived from terminal %s. Its results belong at %s; if they go elsewhere, %s `paydesk terminal test %s` tries the address.",
			terminal.Name, cmp.Or(terminal.Door.URL, terminal.Door.Listening), terminal.Door.Without, terminal.Name)
	}
}

// minor reads an amount of a flag; empty is none.
func minor(flag, text, currency string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	amount, err := money.Parse(text, currency)
	if err != nil {
		return 0, &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Text: fmt.Sprintf("--%s: %v. Nothing was sent.", flag, err)}
	}
	return amount.Minor, nil
}

// terminal finds the terminal that was named, or the default one, and says why it
// is not there.
func (c *cli) terminal(t *app.Till, name string) (engine.TerminalStatus, error) {
	list := t.Engine.Terminals()
	for _, one := range list {
		if name == "" || one.Name == name {
			return one, nil
		}
	}
	for absent, err := range t.Absent {
		if name == "" || absent == name {
			return engine.TerminalStatus{}, err
		}
	}
	if len(list) == 0 {
		return engine.TerminalStatus{}, usage("No terminal is set up. Nothing was sent. Add one with `paydesk terminal add`, or try --practice.")
	}
	return engine.TerminalStatus{}, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo,
		Text: fmt.Sprintf("There is no terminal %q. Nothing was sent. `paydesk terminal list` shows them.", name)}
}

// carryOut starts an operation and stays with it.
func (c *cli) carryOut(ctx context.Context, t *app.Till, start engine.Start, w wish) error {
	wishes, stop := interrupts()
	defer stop()
	if err := c.settleFirst(ctx, t, start, w); err != nil {
		return err
	}
	start.FormKey = uuid.NewString()
	op, err := t.Engine.Start(ctx, start)
	if err != nil {
		return err
	}
	f := &follower{c: c, till: t, signature: w.signature, wait: w.wait, operator: w.operator, wishes: wishes}
	if op, err = f.until(ctx, op.ID, nil); err != nil {
		return err
	}
	return c.finish(ctx, t, op)
}

// settleFirst waits for what an earlier run left open and what stands in the way:
// on the same terminal, or the same sale by its reference and amount on any (F-07).
func (c *cli) settleFirst(ctx context.Context, t *app.Till, start engine.Start, w wish) error {
	ctx, cancel := context.WithTimeout(ctx, w.wait)
	defer cancel()
	for _, op := range t.Engine.OpenOperations() {
		same := sameSale(op, start)
		if start.Terminal != "" && op.Terminal != start.Terminal && !same {
			continue
		}
		c.say("Operation %d on terminal %s is still open. Its outcome is found first.", op.Number, op.Terminal)
		if err := known(ctx, t, op.ID); err != nil {
			about := "nothing new was started"
			if same {
				about = fmt.Sprintf("the sale with the reference %q and the same amount was not started again", op.Reference)
			}
			return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Err: err, Operation: op.ID,
				Text: fmt.Sprintf("The outcome of operation %d on terminal %s is still not known, so %s. `paydesk recover` asks for it; `paydesk journal show %d` shows it.", op.Number, op.Terminal, about, op.Number)}
		}
	}
	return nil
}

// sameSale tells whether an operation has the reference and the amount of a wish.
func sameSale(op payment.Operation, start engine.Start) bool {
	return start.Kind == payment.Sale && op.Kind == payment.Sale && start.Reference != "" && strings.EqualFold(op.Reference, start.Reference) &&
		op.Currency == start.Currency && op.Total().Minor == start.Amount+start.Tip+start.Cashback
}

// known waits until the outcome of an operation is known.
func known(ctx context.Context, t *app.Till, id string) error {
	changes, err := t.Engine.Follow(ctx, id)
	if err != nil {
		return err
	}
	for op := range changes {
		if op.State.Final() {
			return nil
		}
	}
	return ctx.Err()
}
