package frontend

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"

	"github.com/paydesk-till/paydesk/backend/receipt"
)

// dist is filled by the bundler; its placeholder keeps this compiling without it.
//
//go:embed all:dist
var dist embed.FS

//go:embed view/icons.svg
var icons []byte

// built tells whether the pages' script was bundled before this was compiled.
func built() bool {
	_, err := fs.Stat(dist, "dist/app.js")
	return err == nil
}

// assets serves script, style sheet and icons. They are compared by their hash at
// every load, so that an update never meets an old script.
func (p *Pages) assets() {
	serve := func(path, kind string, body []byte) {
		sum := sha256.Sum256(body)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		handle := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Set("ETag", tag)
			if strings.Contains(r.Header.Get("If-None-Match"), tag) {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("Content-Type", kind)
			p.write(w, body)
		}
		p.mux.HandleFunc("GET "+path, handle)
		p.mux.HandleFunc("GET /customer/{terminal}"+path, handle) // a display sees nothing else
	}
	serve("/icons.svg", "image/svg+xml", icons)
	serve("/receipt.css", "text/css; charset=utf-8", []byte(receipt.CSS()))
	for _, file := range []struct{ name, kind string }{{"app.js", "text/javascript; charset=utf-8"}, {"app.css", "text/css; charset=utf-8"}} {
		if body, err := dist.ReadFile("dist/" + file.name); err == nil {
			serve("/"+file.name, file.kind, body)
		}
	}
}

// write sends a body; who does not listen any more is only noted.
func (p *Pages) write(w http.ResponseWriter, body []byte) {
	if _, err := w.Write(body); err != nil {
		p.deps.Log.Debug("page not delivered", "error", err)
	}
}
