package frontend

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

// Seal is what the pages need of the journal's hash chain.
type Seal interface {
	// Of tells what the chain says of one operation; it is quick.
	Of(ctx context.Context, operation string) (report.Seal, error)
	// Alarm says what everybody should know about the journal; empty: nothing.
	Alarm() string
	// Want has the whole journal checked soon; it returns at once.
	Want()
}

// Refresh draws every page anew: something has changed that is no operation's.
func (p *Pages) Refresh() {
	p.memory.mu.Lock()
	p.memory.tell(engine.Update{})
	p.memory.mu.Unlock()
}

// evidencePolicy allows the file its own style, and nothing else.
const evidencePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// evidence is one operation's file for a dispute: to look at and print, or to save.
func (p *Pages) evidence(w http.ResponseWriter, r *http.Request) {
	d, err := p.dispute(r.Context(), r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if r.FormValue("save") != "" {
		w.Header().Set("Content-Disposition", "attachment; filename="+strconv.Quote(d.Name()))
	} else {
		d.Back = "/operation/" + d.Op.ID
		d.Save = d.Back + "/evidence?save=1"
	}
	var b bytes.Buffer
	if err := d.WriteHTML(&b); err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Security-Policy", evidencePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	p.write(w, b.Bytes())
}

func (p *Pages) dispute(ctx context.Context, id string) (report.Dispute, error) {
	d := report.Dispute{Made: p.deps.Now(), Version: p.deps.Version, Test: p.deps.Practice}
	var err error
	if d.Op, err = p.journal.Operation(ctx, id); err != nil {
		return d, err
	}
	if d.Events, err = p.journal.Events(ctx, id); err != nil {
		return d, err
	}
	if d.Related, err = p.related(ctx, d.Op); err != nil {
		return d, err
	}
	if p.deps.Seal != nil {
		d.Seal, err = p.deps.Seal.Of(ctx, id)
	}
	return d, err
}

// related lists the voids and refunds of an operation, behind the original that it is
// one of itself; that may be another till's.
func (p *Pages) related(ctx context.Context, op payment.Operation) ([]payment.Operation, error) {
	list, err := p.journal.Related(ctx, op.ID)
	known := slices.ContainsFunc(list, func(o payment.Operation) bool { return o.ID == op.Original })
	if err != nil || op.Original == "" || known {
		return list, err
	}
	original, err := p.journal.Operation(ctx, op.Original)
	if payment.CodeOf(err) == payment.CodeNotFound {
		return list, nil
	}
	return append([]payment.Operation{original}, list...), err
}

// verify has the whole journal checked; the stream brings what comes out.
func (p *Pages) verify(w http.ResponseWriter, r *http.Request) {
	if p.deps.Seal != nil {
		p.deps.Seal.Want()
	}
	p.done(w, r, "/operation/"+r.PathValue("id"))
}
