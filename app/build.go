package app

import "github.com/paydesk-till/paydesk/backend/payment"

// Build is what the linker and main.go give to the program.
type Build struct {
	Version string
	Icon    []byte // PNG
}

// Software is what the till calls itself to a terminal.
func (b Build) Software() payment.Software {
	return payment.Software{Maker: "Paydesk", Name: "Paydesk", Version: b.Version}
}
