package trial

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The virtual display: a little larger than the window.
const displaySize = "1280x900x24"

// How often the display is looked at while something is awaited that X11 has no
// event for.
const lookEvery = 200 * time.Millisecond

// display is a virtual display of a test's own. There is no window manager on it.
type display struct {
	*testing.T
	name   string // for DISPLAY
	window string // the id of the program's window
	tools  string // a folder that stands first in the programs' PATH
}

// starting: two servers that look for a free number at once can take the same one.
var starting sync.Mutex

// newDisplay starts a display; the number it prints means that it is ready.
func newDisplay(t *testing.T) *display {
	t.Helper()
	server := tool(t, "Xvfb")
	tool(t, "xdotool")
	tool(t, "import")
	told, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// Without -noreset it begins anew whenever its only client leaves, and turns away who comes just then.
	cmd := exec.Command(server, "-displayfd", "3", "-screen", "0", displaySize, "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	starting.Lock()
	defer starting.Unlock()
	if err := cmd.Start(); err != nil {
		t.Fatal("start the display:", err)
	}
	_ = w.Close() // the server has its own
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // so that it takes its socket away
		_ = cmd.Wait()                          // ended by us
	})
	number, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		t.Fatal("the display did not start:", err)
	}
	_ = told.Close()
	return &display{T: t, name: ":" + strings.TrimSpace(number), tools: t.TempDir()}
}

// opened stands in for the desktop's opener of addresses, which programs find by
// the name xdg-open, and gives what it is called for. Call it before the program
// starts.
func (d *display) opened() (addresses <-chan string) {
	d.Helper()
	pipe := filepath.Join(d.tools, "opened")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		d.Fatal(err)
	}
	script := "#!/bin/sh\nprintf '%s\\n' \"$1\" >'" + pipe + "'\n"
	if err := os.WriteFile(filepath.Join(d.tools, "xdg-open"), []byte(script), 0o700); err != nil {
		d.Fatal(err)
	}
	read, err := os.OpenFile(pipe, os.O_RDWR, 0) // also for writing, so that opening does not wait
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { _ = read.Close() })
	lines := make(chan string, lineBuffer)
	go func() {
		for scan := bufio.NewScanner(read); scan.Scan(); {
			select {
			case lines <- scan.Text():
			default: // nobody reads them any more
			}
		}
	}()
	return lines
}

// click clicks a place of the window, in pixels.
func (d *display) click(x, y int) {
	d.Helper()
	d.run("xdotool", "mousemove", "--sync", "--window", d.window, strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

// environment is for programs that shall show themselves here.
func (d *display) environment() []string {
	return []string{"DISPLAY=" + d.name, "WAYLAND_DISPLAY=", "GDK_BACKEND=x11", "PATH=" + d.tools + string(os.PathListSeparator) + os.Getenv("PATH")}
}

// run runs a tool on the display and gives what it prints.
func (d *display) run(program string, arguments ...string) []byte {
	d.Helper()
	out, err := d.try(program, arguments...)
	if err != nil {
		d.Fatal(err)
	}
	return out
}

// try is run for what may fail.
func (d *display) try(program string, arguments ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, arguments...)
	cmd.Env = append(os.Environ(), d.environment()...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %v: %w\n%s", program, arguments, err, said.Bytes())
	}
	return out, nil
}

// find awaits a window by its title and gives its id. A search fails while there is
// none, and when another window goes away under it; its own wait would end then.
func (d *display) find(title string) string {
	d.Helper()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	late := time.After(patience)
	for {
		out, err := d.try("xdotool", "search", "--onlyvisible", "--name", title)
		if ids := strings.Fields(string(out)); err == nil && len(ids) > 0 {
			return ids[0]
		}
		select {
		case <-tick.C:
		case <-late:
			d.Fatalf("no window %q: %v", title, err)
		}
	}
}

// keys presses keys in the window, by their names.
func (d *display) keys(names ...string) {
	d.Helper()
	d.run("xdotool", "windowfocus", "--sync", d.window) // without a window manager nobody else does it
	d.run("xdotool", append([]string{"key", "--delay", "40"}, names...)...)
}

// answer presses a key in a dialog.
func (d *display) answer(title, key string) {
	d.Helper()
	d.run("xdotool", "windowfocus", "--sync", d.find(title))
	d.run("xdotool", "key", key)
}

// picture takes a picture of the window.
func (d *display) picture() []byte {
	d.Helper()
	return d.run("import", "-window", d.window, "png:-")
}

// await takes pictures until one is as wanted, twice in a row, so that nothing is
// half painted.
func (d *display) await(what string, holds func(image.Image) bool) []byte {
	d.Helper()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	late := time.After(patience)
	var picture []byte
	for held := 0; held < 2; {
		picture = d.picture()
		seen, err := png.Decode(bytes.NewReader(picture))
		if err != nil {
			d.Fatal("picture of the window:", err)
		}
		if holds(seen) {
			held++
		} else {
			held = 0
		}
		select {
		case <-tick.C:
		case <-late:
			keep(d.T, "failed-window", picture)
			d.Fatalf("%s: not so", what)
		}
	}
	return picture
}

// everyPixel is how far apart the pixels are that share looks at: areas matter.
const everyPixel = 3

// share tells how much of a picture has a colour of a kind, from 0 to 1.
func share(seen image.Image, kind func(r, g, b int) bool) float64 {
	bounds := seen.Bounds()
	n, all := 0, 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y += everyPixel {
		for x := bounds.Min.X; x < bounds.Max.X; x += everyPixel {
			all++
			r, g, b, _ := seen.At(x, y).RGBA()
			if kind(int(r>>8), int(g>>8), int(b>>8)) {
				n++
			}
		}
	}
	return float64(n) / float64(all)
}

// bounds is the smallest part of a picture that holds every pixel of a kind.
func bounds(seen image.Image, kind func(r, g, b int) bool) image.Rectangle {
	var found image.Rectangle
	all := seen.Bounds()
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			if r, g, b, _ := seen.At(x, y).RGBA(); kind(int(r>>8), int(g>>8), int(b>>8)) {
				found = found.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return found
}

// windowID is an id as X11 messages carry it.
func windowID(t *testing.T, id string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		t.Fatal("id of the window:", err)
	}
	return uint32(n)
}
