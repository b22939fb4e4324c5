package frontend

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// page writes a component, whole or not at all.
func (p *Pages) page(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		p.deps.Log.Error("page not drawn", "path", r.URL.Path, "error", err)
		http.Error(w, "This page could not be drawn. No payment is changed by this. Load it again.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	p.write(w, b.Bytes())
}

// shell puts a page's content into the frame that all pages share.
func (p *Pages) shell(w http.ResponseWriter, r *http.Request, status int, s view.Shell) {
	bands, err := p.bands(r.Context(), s.About)
	if err != nil {
		p.deps.Log.Error("doubts and alarms not read", "error", err)
		bands.Problem = payment.TextOf(err)
	}
	s.Base, s.Bands, s.Built = p.base(), bands, built()
	p.page(w, r, status, view.Page(s))
}

// part tells whether htmx asks for a fragment.
func part(r *http.Request) bool { return r.Header.Get("HX-Request") != "" }

// done answers a click that was taken: the stream brings what it changed. Without
// script the browser goes to where the answer is.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, where string) {
	if !part(r) {
		http.Redirect(w, r, where, http.StatusSeeOther)
		return
	}
	p.page(w, r, http.StatusOK, view.Notice(""))
}

// fail answers with a sentence for the cashier.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if status == http.StatusInternalServerError {
		p.deps.Log.Error("request failed", "path", r.URL.Path, "error", err)
	}
	if part(r) {
		p.page(w, r, status, view.Notice(payment.TextOf(err)))
		return
	}
	p.shell(w, r, status, view.Shell{Title: "Not done", On: "problem", Body: view.Problem(payment.TextOf(err))})
}

func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	switch payment.CodeOf(err) {
	case payment.CodeNotFound:
		return http.StatusNotFound
	case payment.CodeInput:
		return http.StatusUnprocessableEntity
	case payment.CodeConflict, payment.CodeBusy, payment.CodeUnsupported:
		return http.StatusConflict
	case payment.CodeJournal, payment.CodeUnreachable, payment.CodeNotSignedIn:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func (p *Pages) missing(w http.ResponseWriter, r *http.Request) {
	p.fail(w, r, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo,
		Text: "There is no such page. No payment is changed by this. Go back to the sale."})
}

// input is an error in what a person typed.
func input(text string) error {
	return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Text: text}
}
