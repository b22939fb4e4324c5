package frontend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// slipColumns is the width of a slip as text.
const slipColumns = 42

// document lays out a copy; the number is 0 for the original and n for the n-th
// reprint.
func (p *Pages) document(op payment.Operation, c payment.Copy, number int) (receipt.Document, error) {
	return receipt.Render(op, c, receipt.Options{Reprint: number, PrintedAt: p.deps.Now(), Test: p.deps.Practice})
}

// slip draws a copy for the page; nil: there is none.
func (p *Pages) slip(op payment.Operation, c payment.Copy, number int) templ.Component {
	d, err := p.document(op, c, number)
	if err != nil {
		if !errors.Is(err, receipt.ErrNoSlip) && !errors.Is(err, receipt.ErrUnknown) {
			p.deps.Log.Error("slip not laid out", "operation", op.ID, "copy", c, "error", err)
		}
		return nil
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error { return d.HTML(w) })
}

func (p *Pages) slips(op payment.Operation) (merchant, customer templ.Component) {
	return p.slip(op, payment.MerchantCopy, 0), p.slip(op, payment.CustomerCopy, 0)
}

// copyOf reads which copy is meant.
func copyOf(text string) (payment.Copy, error) {
	switch c := payment.Copy(text); c {
	case payment.MerchantCopy, payment.CustomerCopy:
		return c, nil
	}
	return "", &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: "There is no such copy. Choose the merchant's or the customer's."}
}

// printed hands out a copy: it is journaled first, and marked as a reprint when it
// was handed out before (F-16, F-43). The page prints what comes back.
func (p *Pages) printed(w http.ResponseWriter, r *http.Request) {
	c, err := copyOf(r.PostFormValue("copy"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	slip, err := p.handOut(context.WithoutCancel(r.Context()), r.PathValue("id"), c)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if !part(r) {
		http.Redirect(w, r, "/operation/"+r.PathValue("id")+"/slip/"+string(c), http.StatusSeeOther)
		return
	}
	w.Header().Set("HX-Trigger", "print-slip")
	p.page(w, r, http.StatusOK, view.PrintPart(slip))
}

func (p *Pages) handOut(ctx context.Context, id string, c payment.Copy) (templ.Component, error) {
	op, err := p.journal.Operation(ctx, id)
	if err != nil {
		return nil, err
	}
	events, err := p.journal.Events(ctx, id)
	if err != nil {
		return nil, err
	}
	number := 0
	for _, e := range events {
		if e.Kind == payment.EventAdjusted {
			number = 0 // what is handed out now is no copy of what was: it is corrected
		}
		var print payment.Print
		if e.Kind == payment.EventPrinted && json.Unmarshal(e.Data, &print) == nil && print.Copy == c {
			number++
		}
	}
	if _, err := p.document(op, c, number); err != nil {
		return nil, noSlip(err)
	}
	if op, err = p.engine.Printed(ctx, id, payment.Print{Copy: c, Where: "page", Number: number}); err != nil {
		return nil, err
	}
	slip := p.slip(op, c, number)
	if slip == nil {
		return nil, noSlip(receipt.ErrNoSlip)
	}
	return slip, nil
}

func noSlip(err error) error {
	return &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Err: err,
		Text: "There is no such slip of this operation. The payment is not changed by this."}
}

// slipText shows a copy as the till's printer would set it.
func (p *Pages) slipText(w http.ResponseWriter, r *http.Request) {
	c, err := copyOf(r.PathValue("copy"))
	var op payment.Operation
	if err == nil {
		op, err = p.journal.Operation(r.Context(), r.PathValue("id"))
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	d, err := p.document(op, c, 0)
	if err != nil {
		p.fail(w, r, noSlip(err))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	p.write(w, bytes.TrimLeft([]byte(d.Text(slipColumns)), "\n"))
}
