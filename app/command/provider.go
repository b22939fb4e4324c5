package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/practice"
	"github.com/paydesk-till/paydesk/backend/provider"
)

func (c *cli) providerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "provider", Short: "What providers of card terminals Paydesk speaks to", Args: cobra.NoArgs, RunE: help}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the providers", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return c.listProviders() }},
		&cobra.Command{Use: "show P", Short: "Settings, abilities, limits and practice customers of a provider", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return c.showProvider(args[0]) }})
	return cmd
}

func (c *cli) listProviders() error {
	for _, p := range provider.All {
		if _, err := fmt.Fprintf(c.stdout, "%s\t%s\n", p.Info().Name, p.Info().Title); err != nil {
			return err
		}
	}
	return nil
}

func (c *cli) showProvider(name string) error {
	p, err := provider.Find(name)
	if err != nil {
		return err
	}
	info := p.Info()
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nSettings (paydesk terminal add NAME --provider %s --set key=value ...)\n", info.Name, info.Title, info.Name)
	for _, s := range info.Settings {
		fmt.Fprintf(&b, "  %-14s %s%s\n", s.Key, s.Label, about(s))
		if s.Help != "" {
			fmt.Fprintf(&b, "  %-14s   %s\n", "", s.Help)
		}
	}
	fmt.Fprintf(&b, "\nCurrencies: %s\n", strings.Join(info.Currencies, ", "))
	showLimits(&b, info.Limits)
	showClocks(&b, info.Clocks)
	if kind, err := practice.Find(name); err == nil {
		fmt.Fprintf(&b, "\nPractice customers (--practice --customer NAME)\n")
		for _, person := range kind.Customers {
			fmt.Fprintf(&b, "  %-18s %s\n", person.Name, person.Does)
		}
		fmt.Fprintf(&b, "\nFault switches (paydesk practice %s --fault name=value)\n", name)
		for _, f := range kind.Faults {
			fmt.Fprintf(&b, "  %-20s %s\n", f.Name, strings.Join(f.Choices, " "))
		}
	}
	_, err = io.WriteString(c.stdout, b.String())
	return err
}

// about tells what a setting needs.
func about(s payment.Setting) string {
	var parts []string
	if s.Required {
		parts = append(parts, "required")
	}
	if s.Secret {
		parts = append(parts, "secret")
	}
	if len(s.Choices) > 0 {
		parts = append(parts, strings.Join(s.Choices, "|"))
	}
	if s.Default != "" {
		parts = append(parts, "default "+s.Default)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func showLimits(w io.Writer, l payment.Limits) {
	_, _ = fmt.Fprintln(w, "\nAbilities and limits") // a strings.Builder takes everything
	for _, one := range []struct {
		name string
		yes  bool
	}{
		{"cash back", l.Cashback}, {"tip sent by the till", l.TipAsked}, {"void of the last operation only", l.VoidLastOnly},
		{"refund of a part", l.PartialRefund}, {"card presented for a refund", l.CardForRefund},
		{"terminal's display shown at the till", l.Mirror}, {"terminal must reach the till", l.Inbound},
	} {
		word := "no"
		if one.yes {
			word = "yes"
		}
		_, _ = fmt.Fprintf(w, "  %-38s %s\n", one.name, word)
	}
	if l.AbortEffect != "" {
		_, _ = fmt.Fprintf(w, "  abort: %s\n", l.AbortEffect)
	}
}

func showClocks(w io.Writer, k payment.Clocks) {
	_, _ = fmt.Fprintln(w, "\nClocks")
	for _, one := range []struct {
		name  string
		value fmt.Stringer
	}{
		{"silence, then the status is asked", k.Silence}, {"asked again while it runs", k.Again}, {"a status request's own limit", k.Status},
		{"an abort unanswered, then the status", k.AbortWait}, {"in doubt after", k.DoubtAfter}, {"doubt goes to a manager after", k.Park},
	} {
		_, _ = fmt.Fprintf(w, "  %-38s %s\n", one.name, one.value)
	}
}
