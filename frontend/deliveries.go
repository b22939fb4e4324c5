package frontend

import (
	"net/http"

	"github.com/paydesk-till/paydesk/frontend/view"
)

// deliveries lists what arrived from outside and belongs to no payment of this till: it
// changed nothing, and is kept as evidence.
func (p *Pages) deliveries(w http.ResponseWriter, r *http.Request) {
	list, err := p.journal.Strays(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.shell(w, r, http.StatusOK, view.Shell{Title: "Deliveries", On: "settings", Body: view.Deliveries(view.Strays{Base: p.base(), List: list})})
}
