package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// menu makes the menu bar. Function keys belong to the page, except that a bar
// takes F10 on Linux.
func (w *window) menu() *menu.Menu {
	bar := menu.NewMenu()
	if goruntime.GOOS == "darwin" {
		bar.Append(menu.AppMenu())
		bar.Append(menu.EditMenu())
	}
	sale := bar.AddSubmenu("Sale")
	sale.AddText("New sale", keys.CmdOrCtrl("n"), w.goTo(w.server.Base()+"/"))
	sale.AddSeparator()
	sale.AddText("Quit", keys.CmdOrCtrl("q"), func(*menu.CallbackData) { w.with(runtime.Quit) })
	history := bar.AddSubmenu("History")
	history.AddText("All operations", keys.CmdOrCtrl("h"), w.goTo(w.server.Base()+"/history"))
	if len(w.till.PinPads) > 0 {
		practice := bar.AddSubmenu("Practice")
		for _, pad := range w.till.PinPads {
			practice.AddText(fmt.Sprintf("Pin pad %s in the browser", pad.Name), keys.CmdOrCtrl("p"), func(*menu.CallbackData) {
				if err := w.openPad(pad.URL); err != nil {
					w.till.Log.Error("open a pin pad's page", "error", err)
				}
			})
			practice.AddText(fmt.Sprintf("Pin pad %s in this window", pad.Name), nil, w.goTo(pad.URL))
		}
	}
	return bar
}

// browserTime is how long a browser may take to be told of an address. Some openers
// end with the browser only: one that has not failed by then has opened it.
const browserTime = 3 * time.Second

// openPad opens a practice terminal's page in the browser: the web view itself opens
// no second window.
func (w *window) openPad(address string) error {
	ctx := w.ctx.Load()
	if ctx == nil {
		return errors.New("open the browser: the window has not started yet")
	}
	failed := make(chan bool, 1)
	go func() {
		before := w.errors.Load()
		runtime.BrowserOpenURL(*ctx, address)
		failed <- w.errors.Load() != before // Wails tells it in its log alone
	}()
	select {
	case no := <-failed:
		if no {
			return errors.New("open the browser: this system has none to open " + address + " with")
		}
	case <-time.After(browserTime):
	}
	return nil
}

// openCustomer opens the customer's display in the browser, which is let in there and
// nowhere else: the window's own cookie stays in the window.
func (w *window) openCustomer(path string) error { return w.openPad(w.server.Display(path)) }

// countedLog counts the errors that go to the log of Wails.
type countedLog struct {
	windowLog
	errors *atomic.Int64
}

// Error logs and counts.
func (l countedLog) Error(message string) {
	l.errors.Add(1)
	l.windowLog.Error(message)
}

// goTo has the window show an address.
func (w *window) goTo(address string) menu.Callback {
	return func(*menu.CallbackData) {
		quoted, err := json.Marshal(address)
		if err != nil {
			w.till.Log.Error("go to a page", "error", err)
			return
		}
		w.with(func(ctx context.Context) { runtime.WindowExecJS(ctx, "location.assign("+string(quoted)+")") })
	}
}

// with calls do with the window's context, once there is one.
func (w *window) with(do func(context.Context)) {
	if ctx := w.ctx.Load(); ctx != nil {
		do(*ctx)
	}
}
