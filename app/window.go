package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// firstPage is served by Wails and leaves for the pages on the loopback at once.
const firstPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Paydesk</title>` +
	`<meta http-equiv="refresh" content="0;url=%s"></head><body></body></html>`

// window is the one window of a till.
type window struct {
	till   *Till
	server *Server
	o      Options

	ctx    atomic.Pointer[context.Context] // Wails', from its start on; the menus are made before
	asking atomic.Bool                     // a question about closing is on the screen
	ending atomic.Bool                     // the system ends us: closing is not refused any more
	errors atomic.Int64                    // how many errors Wails has logged
}

// Window shows the pages in a window until it is closed. A value on end (a signal)
// closes it without questions: what is open stays in the journal and is asked
// about at the next start.
func Window(t *Till, o Options, end <-chan os.Signal) error {
	w := &window{till: t, o: o}
	server, err := Serve(anyAddress, NewPages(t, o, Openers{Pad: w.openPad, Customer: w.openCustomer}), t.Log, nil)
	if err != nil {
		return err
	}
	w.server = server
	defer func() {
		if err := server.Close(); err != nil {
			t.Log.Warn("end the pages", "error", err)
		}
	}()
	web := t.Folder.file(webFolder)
	if err := placeWeb(web); err != nil {
		return err
	}
	quit := make(chan struct{})
	defer close(quit)
	if err := wails.Run(w.options(web, end, quit)); err != nil {
		return &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: err,
			Text: "The window cannot be opened. `paydesk serve` shows the same pages in a browser."}
	}
	return nil
}

func (w *window) options(web string, end <-chan os.Signal, quit <-chan struct{}) *options.App {
	where := w.till.Folder.place()
	state := options.Normal
	if where.Maximised {
		state = options.Maximised
	}
	return &options.App{
		Title: w.title(), Width: where.Width, Height: where.Height,
		MinWidth: windowMinWidth, MinHeight: windowMinHeight, WindowStartState: state,
		AssetServer: &assetserver.Options{Handler: http.HandlerFunc(w.first)},
		Menu:        w.menu(),
		Logger:      countedLog{windowLog{w.till.Log}, &w.errors}, LogLevelProduction: logger.WARNING,
		OnStartup: func(ctx context.Context) {
			w.ctx.Store(&ctx)
			w.restore(ctx, where)
			go w.obey(ctx, end, quit)
		},
		OnBeforeClose: w.closing,
		Linux:         &linux.Options{Icon: w.o.Build.Icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever, ProgramName: "paydesk"},
		Windows:       &windows.Options{WebviewUserDataPath: web},
	}
}

// forceTime is how long the window may take to close when the system ends us.
const forceTime = 2 * time.Second

// obey closes the window on a signal. An open dialog can keep GTK from ending; then
// the till is closed and the process left from here.
func (w *window) obey(ctx context.Context, end <-chan os.Signal, quit <-chan struct{}) {
	select {
	case <-quit:
		return
	case <-end:
	}
	w.ending.Store(true)
	go runtime.Quit(ctx)
	select {
	case <-quit:
		return
	case <-time.After(forceTime):
	}
	w.till.Log.Warn("the window does not close; leaving without it")
	if err := errors.Join(w.server.Close(), w.till.Close()); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err) // the log is closed by now
	}
	os.Exit(0)
}

func (w *window) title() string {
	if w.o.Practice {
		return "Paydesk \u2014 practice"
	}
	return "Paydesk"
}

// first answers whatever Wails asks for with the page that leaves for the pages.
func (w *window) first(out http.ResponseWriter, _ *http.Request) {
	out.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(out, firstPage, w.server.Enter()) // the window has gone if this fails
}

// restore puts the window where it was, unless that is off the screen by now.
func (w *window) restore(ctx context.Context, where place) {
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil {
		w.till.Log.Warn("size of the screen", "error", err)
		return
	}
	for _, s := range screens {
		if s.IsCurrent && !where.Maximised && where.onScreen(s.Size.Width, s.Size.Height) {
			runtime.WindowSetPosition(ctx, where.X, where.Y)
		}
	}
}

func (w *window) keepPlace(ctx context.Context) {
	where := w.till.Folder.place()
	where.Maximised = runtime.WindowIsMaximised(ctx)
	if !where.Maximised {
		where.Width, where.Height = runtime.WindowGetSize(ctx)
		where.X, where.Y = runtime.WindowGetPosition(ctx)
		where.Known = true
	}
	if err := w.till.Folder.keepPlace(where); err != nil {
		w.till.Log.Warn("remember the window's place", "error", err)
	}
}

// closing decides whether the window may close; true keeps it. During a payment it
// stays, and says what closing would mean.
func (w *window) closing(ctx context.Context) (stay bool) {
	w.keepPlace(ctx)
	if w.ending.Load() {
		return false
	}
	question := closeQuestion(w.till.Engine.OpenOperations())
	if question.text == "" {
		return false
	}
	if !w.asking.CompareAndSwap(false, true) {
		return true
	}
	defer w.asking.Store(false)
	dialog := runtime.MessageDialogOptions{Type: runtime.WarningDialog, Title: "Paydesk stays open", Message: question.text}
	if question.mayClose {
		dialog.Type, dialog.Title = runtime.QuestionDialog, "Close Paydesk?"
		dialog.Buttons, dialog.DefaultButton, dialog.CancelButton = []string{"Yes", "No"}, "No", "No"
	}
	answer, err := runtime.MessageDialog(ctx, dialog)
	if err != nil {
		w.till.Log.Error("ask about closing", "error", err)
		return true
	}
	return !question.mayClose || answer != "Yes"
}

type closing struct {
	text     string // empty: close
	mayClose bool
}

// closeQuestion words what closing would mean for what is open. A payment that the
// customer stands in front of keeps the window; one whose outcome is being asked
// for can wait for the next start, if the cashier says so.
func closeQuestion(open []payment.Operation) closing {
	doubt := ""
	for _, op := range open {
		about := fmt.Sprintf("%s %d over %s %s on terminal %s", op.Kind, op.Number, op.Total().Decimal(), op.Currency, op.Terminal)
		if op.State != payment.InDoubt {
			return closing{text: "A payment is running: " + about + ". The customer may still pay at the terminal, also when Paydesk is closed. " +
				"Wait for its outcome, or press Abort and wait for the terminal's answer; then close Paydesk."}
		}
		doubt = "The outcome of " + about + " is not known yet. The customer may have been charged. " +
			"Do not take the payment again. If Paydesk is closed now, it goes on asking the terminal at its next start. Close it?"
	}
	return closing{text: doubt, mayClose: doubt != ""}
}
