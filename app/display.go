package app

import (
	"os"
	"runtime"
)

// HasDisplay tells whether a window could be shown here, and if not, why.
func HasDisplay() (yes bool, why string) {
	if !windowBuilt {
		return false, "this program was built without a window"
	}
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return false, "there is no display"
	}
	return true, ""
}
