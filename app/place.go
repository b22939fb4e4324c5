package app

import (
	"encoding/json"
	"errors"
	"os"
)

// The window's size in pixels: what it opens with at first, and its least.
const (
	windowWidth, windowHeight       = 1280, 800
	windowMinWidth, windowMinHeight = 390, 480
	windowMaxSide                   = 16_384 // beyond it a stored size is nonsense
	windowInView                    = 120    // so much of it must be on the screen
)

// place is where the window was when it was last closed.
type place struct {
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Maximised bool `json:"maximised"`
	Known     bool `json:"known"` // X and Y were stored
}

// place reads the stored one. One that is missing or makes no sense is the default.
func (f Folder) place() place {
	p := place{Width: windowWidth, Height: windowHeight}
	text, err := os.ReadFile(f.file(windowFile))
	var stored place
	if err != nil || json.Unmarshal(text, &stored) != nil || !stored.sensible() {
		return p
	}
	return stored
}

func (p place) sensible() bool {
	return p.Width >= windowMinWidth && p.Height >= windowMinHeight && p.Width <= windowMaxSide && p.Height <= windowMaxSide
}

// onScreen tells whether enough of the window would be seen on a screen of that size.
func (p place) onScreen(width, height int) bool {
	return p.Known && p.X > -p.Width+windowInView && p.X < width-windowInView && p.Y >= 0 && p.Y < height-windowInView
}

// keepPlace stores where the window is, for the next start.
func (f Folder) keepPlace(p place) error {
	if !p.sensible() {
		return errors.New("the window's size makes no sense")
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return os.WriteFile(f.file(windowFile), text, 0o600)
}
