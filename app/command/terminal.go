package command

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/provider"
	"github.com/paydesk-till/paydesk/backend/secret"
)

// testLimit bounds how long a terminal is tried.
const testLimit = 60 * time.Second

func (c *cli) terminalCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "terminal", Short: "Add, list, test and remove terminals", Args: cobra.NoArgs, RunE: help}
	providerName, sets, isDefault := "", []string(nil), false
	add := &cobra.Command{
		Use: "add NAME --provider P --set key=value ...", Short: "Add a terminal, or change the settings of one", Args: cobra.ExactArgs(1),
		Long: "Adds a terminal, or gives one of that name new settings. Values of --set: plain, @file, env:NAME, or - for standard input. `paydesk provider show P` lists the settings.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.addTerminal(cmd.Context(), args[0], providerName, sets, isDefault)
		},
	}
	add.Flags().StringVar(&providerName, "provider", "", "which provider it speaks: "+strings.Join(provider.Names(), ", "))
	add.Flags().StringArrayVar(&sets, "set", nil, "a setting: key=value, key=@file, key=env:NAME, key=-")
	add.Flags().BoolVar(&isDefault, "default", false, "take this terminal where none is named")
	list := &cobra.Command{Use: "list", Short: "List the terminals", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listTerminals(cmd.Context()) }}
	list.Flags().BoolVar(&c.json, "json", false, "print JSON")
	cmd.AddCommand(add, list,
		&cobra.Command{Use: "test NAME", Short: "Sign in to a terminal, or ask it for a sign of life, and test its way in", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return c.testTerminal(cmd.Context(), args[0]) }},
		&cobra.Command{Use: "remove NAME", Short: "Forget how a terminal is reached; its operations stay", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return c.removeTerminal(cmd.Context(), args[0]) }})
	return cmd
}

// help shows what a group of commands holds.
func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// write opens the journal alone for a change of settings.
func (c *cli) write(ctx context.Context, doing string, do func(*journal.Journal, *secret.Store) error) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	return app.Write(ctx, folder, doing, func(j *journal.Journal) error { return do(j, folder.Secrets()) })
}

func (c *cli) addTerminal(ctx context.Context, name, providerName string, sets []string, isDefault bool) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return usage("A terminal needs a name. Nothing was changed.")
	}
	if providerName == "" {
		return usage("Say which provider the terminal speaks: --provider %s. Nothing was changed.", strings.Join(provider.Names(), "|"))
	}
	p, err := provider.Find(providerName)
	if err != nil {
		return err
	}
	got, err := settings(p.Info(), sets, c.stdin)
	if err != nil {
		return err
	}
	return c.write(ctx, "changes its terminals", func(j *journal.Journal, secrets *secret.Store) error {
		if err := app.StoreTerminal(ctx, j, secrets, journal.Terminal{Name: name, Provider: providerName, Settings: got, Default: isDefault}); err != nil {
			return err
		}
		c.say("Terminal %s is stored. Try it with: paydesk terminal test %s", name, name)
		return c.sayWayIn(ctx, j, secrets, name)
	})
}

// sayWayIn says at once where the outcomes of a stored terminal arrive, and what does
// not work where they cannot.
func (c *cli) sayWayIn(ctx context.Context, j *journal.Journal, secrets *secret.Store, name string) error {
	stored, err := j.Terminals(ctx)
	if err != nil {
		return err
	}
	for _, t := range stored {
		if t.Name != name {
			continue
		}
		door, receives, err := app.DoorOf(ctx, secrets, t)
		if err != nil || !receives {
			return err
		}
		if text := app.NoWayIn(name, door); text != "" {
			c.say("%s", text)
			return nil
		}
		c.say("Results are to be delivered to: %s", door.URL)
	}
	return nil
}

// listed is a terminal as `terminal list --json` prints it.
type listed struct {
	Name     string            `json:"name"`
	Provider string            `json:"provider"`
	Default  bool              `json:"default"`
	Practice bool              `json:"practice"`
	Settings map[string]string `json:"settings"`
}

func (c *cli) listTerminals(ctx context.Context) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	list := []listed{}
	if c.practice {
		for i, k := range app.PracticeKinds() {
			list = append(list, listed{Name: k.Provider, Provider: k.Provider, Default: i == 0, Practice: true, Settings: map[string]string{}})
		}
	}
	stored, err := app.StoredTerminals(ctx, folder)
	if err != nil {
		return err
	}
	for _, t := range stored {
		list = append(list, listed{Name: t.Name, Provider: t.Provider, Default: t.Default, Settings: withoutSecrets(t)})
	}
	if c.json {
		return printJSON(c.stdout, list)
	}
	if len(list) == 0 {
		c.say("No terminal is set up. Add one with `paydesk terminal add`, or try --practice.")
		return nil
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, t := range list {
		mark := ""
		if t.Default {
			mark = "default"
		}
		var texts []string
		for _, key := range slices.Sorted(maps.Keys(t.Settings)) {
			texts = append(texts, key+"="+t.Settings[key])
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", t.Name, t.Provider, mark, strings.Join(texts, " ")) // Flush tells
	}
	return table.Flush()
}

// withoutSecrets hides the values of secret settings.
func withoutSecrets(t journal.Terminal) map[string]string {
	shown := map[string]string{}
	maps.Copy(shown, t.Settings)
	p, err := provider.Find(t.Provider)
	if err != nil { // nobody knows which of them are secrets
		for key := range shown {
			shown[key] = "(hidden)"
		}
		return shown
	}
	for _, s := range p.Info().Settings {
		_, given := shown[s.Key]
		if s.Secret && (given || s.Required) { // it is kept in the secret store
			shown[s.Key] = "(hidden)"
		}
	}
	return shown
}

func (c *cli) testTerminal(ctx context.Context, name string) error {
	return c.till(ctx, "tests a terminal", func(t *app.Till) error {
		if _, err := c.terminal(t, name); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, testLimit)
		defer cancel()
		if err := t.Engine.Test(ctx, name); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c.stdout, "Terminal %s answers.\n", name); err != nil {
			return err
		}
		return c.testWayIn(ctx, t, name)
	})
}

// testWayIn says whether what is delivered from outside arrives.
func (c *cli) testWayIn(ctx context.Context, t *app.Till, name string) error {
	one, err := c.terminal(t, name)
	if err != nil || !one.Receives {
		return err
	}
	if text := app.NoWayIn(name, one.Door); text != "" {
		c.say("%s", text)
		return nil
	}
	if one.Door.Probe == nil {
		return nil
	}
	if err := one.Door.Probe(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "A test delivery to %s arrived here.\n", one.Door.URL)
	return err
}

func (c *cli) removeTerminal(ctx context.Context, name string) error {
	return c.write(ctx, "changes its terminals", func(j *journal.Journal, secrets *secret.Store) error {
		if err := app.ForgetTerminal(ctx, j, secrets, name); err != nil {
			return err
		}
		c.say("Terminal %s is removed. Its operations stay in the journal.", name)
		return nil
	})
}
