package app

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The window of a refusal, in pixels.
const refusalWidth, refusalHeight = 720, 420

// refusalPage says why Paydesk does not open. It stands alone: there is no till
// behind it.
const refusalPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Paydesk</title>` +
	`<style>body{font:1.25rem/1.5 sans-serif;margin:2rem;color:#1a1a1a;background:#fff}h1{font-size:1.5rem;color:#8c1616}</style></head>` +
	`<body><main role="alert"><h1>Paydesk cannot open</h1><p>%s</p></main></body></html>`

// Refusal shows in a window why the till could not be opened, until it is closed or
// end has a value: who starts Paydesk by its icon sees nothing of what is printed.
// Nothing is written to the data folder.
func Refusal(why error, build Build, end <-chan os.Signal) (err error) {
	web, err := os.MkdirTemp("", "paydesk-window-")
	if err != nil {
		return fmt.Errorf("place of the window's files: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(web)) }()
	if err := placeWeb(web); err != nil {
		return err
	}
	page := fmt.Sprintf(refusalPage, html.EscapeString(payment.TextOf(why)))
	quit := make(chan struct{})
	defer close(quit)
	return wails.Run(&options.App{
		Title: "Paydesk cannot open", Width: refusalWidth, Height: refusalHeight,
		AssetServer: &assetserver.Options{Handler: http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprint(out, page) // the window has gone if this fails
		})},
		OnStartup: func(ctx context.Context) {
			go func() {
				select {
				case <-end:
					runtime.Quit(ctx)
				case <-quit:
				}
			}()
		},
		Linux:   &linux.Options{Icon: build.Icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever, ProgramName: "paydesk"},
		Windows: &windows.Options{WebviewUserDataPath: web},
	})
}

// placeWeb has WebKit write into a folder of ours (ui-notes 1).
func placeWeb(web string) error {
	for name, sub := range map[string]string{"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"} {
		dir := filepath.Join(web, sub)
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.Setenv(name, dir)); err != nil {
			return fmt.Errorf("place of the window's files: %w", err)
		}
	}
	return nil
}
