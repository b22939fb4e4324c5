package app

import (
	"time"

	"github.com/paydesk-till/paydesk/frontend"
)

// Openers open pages in a browser, for pages that are shown where a link cannot; where
// one is nil the links do.
type Openers struct {
	Pad      func(url string) error  // of a practice terminal
	Customer func(path string) error // of a customer's display
}

// NewPages makes the pages of an open till.
func NewPages(t *Till, o Options, open Openers) Pages {
	if o.Now == nil {
		o.Now = time.Now
	}
	pads := make([]frontend.PinPad, 0, len(t.PinPads))
	for _, p := range t.PinPads {
		pads = append(pads, frontend.PinPad{Name: p.Name, URL: p.URL})
	}
	pages := frontend.New(frontend.Deps{Engine: t.Engine, Journal: t.Journal, Seal: t.Seal, Choices: newChoices(t.Folder), Practice: o.Practice, PinPads: pads,
		OpenPad: open.Pad, OpenCustomer: open.Customer, Setup: setup{t, o}, Version: o.Build.Version, Now: o.Now, Log: t.Log})
	t.Seal.OnChange(pages.Refresh)
	return pages
}
