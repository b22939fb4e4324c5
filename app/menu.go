package app

import (
	"context"
	"encoding/json"
	"fmt"
	goruntime "runtime"

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
				w.with(func(ctx context.Context) { runtime.BrowserOpenURL(ctx, pad.URL) })
			})
			practice.AddText(fmt.Sprintf("Pin pad %s in this window", pad.Name), nil, w.goTo(pad.URL))
		}
	}
	return bar
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
