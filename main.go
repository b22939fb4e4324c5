// Command paydesk is a cashier's desk for card terminals.
package main

import (
	_ "embed"
	"os"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/app/command"
)

//go:embed build/appicon.png
var icon []byte

// version is set by the linker.
var version = "dev"

func main() {
	os.Exit(command.Main(app.Build{Version: version, Icon: icon}, os.Args[1:]))
}
