package app

import (
	"time"

	"github.com/paydesk-till/paydesk/frontend"
)

// NewPages makes the pages of an open till. openPad opens a practice terminal's page
// in a browser, for pages that are shown where a link cannot; nil: the links do.
func NewPages(t *Till, o Options, openPad func(url string) error) Pages {
	if o.Now == nil {
		o.Now = time.Now
	}
	pads := make([]frontend.PinPad, 0, len(t.PinPads))
	for _, p := range t.PinPads {
		pads = append(pads, frontend.PinPad{Name: p.Name, URL: p.URL})
	}
	pages := frontend.New(frontend.Deps{Engine: t.Engine, Journal: t.Journal, Seal: t.Seal, Practice: o.Practice, PinPads: pads,
		OpenPad: openPad, Setup: setup{t, o}, Version: o.Build.Version, Now: o.Now, Log: t.Log})
	t.Seal.OnChange(pages.Refresh)
	return pages
}
