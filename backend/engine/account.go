package engine

import (
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// hasAccount tells whether the terminal can charge for an account.
func (w *worker) hasAccount(id string) bool {
	return slices.ContainsFunc(w.accounts, func(a payment.Account) bool { return a.ID == id })
}

// accountIDs lists them for a message; a terminal without any has only its own.
func (w *worker) accountIDs() string {
	if len(w.accounts) == 0 {
		return "none, since it has only its own"
	}
	ids := make([]string, 0, len(w.accounts))
	for _, a := range w.accounts {
		ids = append(ids, a.ID)
	}
	return strings.Join(ids, ", ")
}
