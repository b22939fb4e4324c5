package frontend

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// historyPage is how many operations one page of the history shows.
const historyPage = 50

// history lists operations; htmx asks for the rows alone while somebody types.
func (p *Pages) history(w http.ResponseWriter, r *http.Request) {
	before, err := strconv.ParseInt(r.FormValue("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	q := payment.Query{Text: r.FormValue("q"), State: payment.State(r.FormValue("state")), Kind: payment.Kind(r.FormValue("kind")),
		Terminal: r.FormValue("on"), Before: before, Limit: historyPage + 1}
	list, err := p.journal.Operations(r.Context(), q)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v := view.History{Base: p.base(), Query: q, Terminals: p.engine.Terminals()}
	if len(list) > historyPage {
		list = list[:historyPage]
		v.More = list[len(list)-1].Number
	}
	v.List = list
	if v.Back, err = p.givenBack(r.Context(), list); err != nil {
		p.fail(w, r, err)
		return
	}
	if part(r) && r.Header.Get("HX-Target") != "" && r.Header.Get("HX-Request-Type") == "partial" {
		p.page(w, r, http.StatusOK, view.HistoryRows(v))
		return
	}
	p.shell(w, r, http.StatusOK, view.Shell{Title: "History", On: "history", Stream: streamURL("history"), Body: view.HistoryBody(v)})
}

// givenBack reads the voids and refunds of the approved operations on one page of the
// history: historyPage small reads at most.
func (p *Pages) givenBack(ctx context.Context, list []payment.Operation) (map[string][]payment.Operation, error) {
	back := map[string][]payment.Operation{}
	for _, op := range list {
		if op.State != payment.Approved || op.Kind == payment.Void {
			continue
		}
		related, err := p.journal.Related(ctx, op.ID)
		if err != nil {
			return nil, err
		}
		if len(related) > 0 {
			back[op.ID] = related
		}
	}
	return back, nil
}

// operation shows one operation with its timeline and what can be done with it.
func (p *Pages) operation(w http.ResponseWriter, r *http.Request) {
	v, err := p.story(r.Context(), r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v.Form.Which = r.FormValue("form")
	p.shell(w, r, http.StatusOK, p.storyShell(v))
}

func (p *Pages) storyShell(v view.Story) view.Shell {
	return view.Shell{Title: "Operation " + strconv.FormatInt(v.Op.Number, 10), On: "operation",
		Stream: streamURL("operation", "id", v.Op.ID), Body: view.StoryBody(v)}
}

// story gathers all that is known of one operation.
func (p *Pages) story(ctx context.Context, id string) (view.Story, error) {
	v := view.Story{Base: p.base()}
	var err error
	if v.Op, err = p.journal.Operation(ctx, id); err != nil {
		return v, err
	}
	events, err := p.journal.Events(ctx, id)
	if err != nil {
		return v, err
	}
	if v.Related, err = p.related(ctx, v.Op); err != nil {
		return v, err
	}
	if v.Can, err = p.abilities(ctx, v.Op); err != nil {
		return v, err
	}
	v.VoidKey, v.RefundKey, v.CaptureKey = formKey(v, payment.Void), formKey(v, payment.Refund), formKey(v, payment.Capture)
	v.Merchant, v.Customer = p.slips(v.Op)
	v.Aborted, v.SettledBy = aborted(events), settledBy(events)
	v.Watched = p.watchedUntil(v.Op)
	if p.deps.Seal != nil {
		seal, err := p.deps.Seal.Of(ctx, id)
		if err != nil {
			return v, err
		}
		v.Seal = &seal
	}
	v.Timeline, v.Spent = report.Timeline(events), report.TimeSpent(v.Op, events, v.Base.Now)
	return v, nil
}

// watchedUntil is how long it is asked whether what was closed unpaid was paid after all;
// zero: it is not.
func (p *Pages) watchedUntil(op payment.Operation) time.Time {
	if !op.Reopens || !op.State.Final() || op.State == payment.Approved {
		return time.Time{}
	}
	for _, t := range p.engine.Terminals() {
		if t.Name == op.Terminal && t.ReopenFor > 0 {
			return op.EndedAt.Add(t.ReopenFor)
		}
	}
	return time.Time{}
}

// formKey is the one-time key of a capture, void or refund: the same until another operation
// joins this one, so that two windows together start it once.
func formKey(v view.Story, kind payment.Kind) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(string(kind)+v.Op.ID+strconv.Itoa(len(v.Related)))).String()
}

// settledBy names who has settled it by hand, the latest; empty: nobody.
func settledBy(events []payment.Event) string {
	for _, e := range slices.Backward(events) {
		var s payment.Settlement
		if e.Kind == payment.EventSettled && json.Unmarshal(e.Data, &s) == nil {
			return s.Operator
		}
	}
	return ""
}

// aborted tells whether the cashier had asked to stop.
func aborted(events []payment.Event) bool {
	return slices.ContainsFunc(events, func(e payment.Event) bool { return e.Kind == payment.EventAbort })
}
