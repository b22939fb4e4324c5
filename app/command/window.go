package command

import (
	"context"
	"os"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// window opens the window, or serves the pages where there can be none.
func (c *cli) window(ctx context.Context) error {
	if yes, why := app.HasDisplay(); !yes {
		c.say("No window: %s. The pages are served instead: open the printed address in a browser on this computer.", why)
		return c.serve(ctx, app.ServeAddress)
	}
	o, err := c.options("shows its window", realPace)
	if err != nil {
		return err
	}
	wishes, stop := interrupts()
	defer stop()
	t, err := app.Open(ctx, o)
	if err != nil {
		c.refused(err, wishes)
		return err
	}
	defer c.close(t)
	c.absent(t)
	for _, p := range t.PinPads {
		c.say("pinpad %s %s", p.Name, p.URL)
	}
	return app.Window(t, o, wishes)
}

// refused shows why the till does not open, unless it is open already: then there is
// a window, which says more.
func (c *cli) refused(why error, wishes <-chan os.Signal) {
	if payment.CodeOf(why) == payment.CodeConflict {
		return
	}
	if err := app.Refusal(why, c.build, wishes); err != nil {
		c.say("No window could be opened for this: %v", err)
	}
}
