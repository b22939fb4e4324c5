package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/paydesk-till/paydesk/app"
)

func (c *cli) serveCommand() *cobra.Command {
	address := app.ServeAddress
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the pages to a browser on this computer", Args: cobra.NoArgs,
		Long: "Serves the pages to a browser on this computer and prints the address to open on one line. Each address works once; the next one is printed when it was used.",
		RunE: func(cmd *cobra.Command, _ []string) error { return c.serve(cmd.Context(), address) },
	}
	cmd.Flags().StringVar(&address, "listen", address, "a loopback address; port 0 takes a free one")
	return cmd
}

func (c *cli) serve(ctx context.Context, address string) error {
	o, err := c.options("serves its pages to a browser", realPace)
	if err != nil {
		return err
	}
	wishes, stop := interrupts()
	defer stop()
	t, err := app.Open(ctx, o)
	if err != nil {
		return err
	}
	defer c.close(t)
	c.absent(t)
	for _, p := range t.PinPads {
		if _, err := fmt.Fprintf(c.stdout, "pinpad %s %s\n", p.Name, p.URL); err != nil {
			return err
		}
	}
	server, err := app.Serve(address, app.NewPages(t, o, app.Openers{}), t.Log, func(address string) {
		_, _ = fmt.Fprintln(c.stdout, address) // with nobody to read it the pages stay closed
	})
	if err != nil {
		return err
	}
	select {
	case <-wishes:
		return server.Close()
	case <-ctx.Done():
		return server.Close()
	case err := <-server.Failed():
		return err
	}
}

// close ends a till. What cannot be closed in order stands in the log.
func (c *cli) close(t *app.Till) {
	if err := t.Close(); err != nil {
		c.say("Closing: %v", err)
	}
}

// absent tells which terminals could not be opened.
func (c *cli) absent(t *app.Till) {
	for name, err := range t.Absent {
		c.say("Terminal %s is not available: %v", name, err)
	}
}
