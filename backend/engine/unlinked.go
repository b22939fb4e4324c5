package engine

import (
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// vouched tells whether a named person gives a reason (design 10.15).
func (s Start) vouched() bool {
	return strings.TrimSpace(s.Operator) != "" && strings.TrimSpace(s.Why) != ""
}

// unlinked checks a refund without a sale. Nothing bounds its amount but the person who
// asks for it.
func unlinked(s Start) error {
	switch {
	case s.Kind != payment.Refund || s.Original != "":
		return input("Only a refund can be without a sale, and it names none. Nothing was sent.")
	case !s.vouched():
		return input("A refund without a sale needs the name of who does it and a reason. Nothing was sent.")
	case s.Tip != 0:
		return input("A refund without a sale has no tip. Nothing was sent.")
	}
	return nil
}
