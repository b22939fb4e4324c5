package frontend

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// Engine is what the pages need of the engine. Errors are *payment.Error with a
// sentence for the cashier.
type Engine interface {
	// Start begins an operation; the same FormKey again returns the same operation.
	Start(ctx context.Context, s engine.Start) (payment.Operation, error)
	Abort(ctx context.Context, id, operator string) (payment.Operation, error)
	// Extend gives the customer more time, where Prompt.Latest allows it.
	Extend(ctx context.Context, id string) (payment.Operation, error)
	Answer(ctx context.Context, id string, a payment.Answer) (payment.Operation, error)
	// Look asks the terminal now what became of an operation in doubt.
	Look(ctx context.Context, id string) error
	Settle(ctx context.Context, id string, s payment.Settlement) (payment.Operation, error)
	// HandOver takes the card on another terminal once nothing was charged on its own;
	// it returns what was started there, or the operation itself while it is fenced.
	HandOver(ctx context.Context, id, terminal, operator string) (payment.Operation, error)
	KeepHere(ctx context.Context, id, operator string) (payment.Operation, error)
	AnswerAlarms(ctx context.Context, id string, a payment.AlarmAnswer) (payment.Operation, error)
	Printed(ctx context.Context, id string, p payment.Print) (payment.Operation, error)
	// Terminals lists all of them, the default one first.
	Terminals() []engine.TerminalStatus
	// Watch delivers news. lost closes when the buffer overflows; stop ends it.
	Watch(buffer int) (news <-chan engine.Update, lost <-chan struct{}, stop func())
}

// Journal is what the pages read. A missing operation is a *payment.Error with
// CodeNotFound.
type Journal interface {
	Operation(ctx context.Context, id string) (payment.Operation, error)
	Operations(ctx context.Context, q payment.Query) ([]payment.Operation, error)
	Events(ctx context.Context, id string) ([]payment.Event, error)
	Related(ctx context.Context, id string) ([]payment.Operation, error)
	// Refunded sums the refunds of an operation in minor units: approved ones and
	// those that are still open or in doubt.
	Refunded(ctx context.Context, id string) (approved, open int64, err error)
	// Strays lists what arrived from outside and belongs to no operation, newest first,
	// bounded.
	Strays(ctx context.Context) ([]payment.Delivery, error)
	// Last is the latest approved operation of a terminal.
	Last(ctx context.Context, terminal string) (op payment.Operation, found bool, err error)
}

// PinPad is a practice terminal's page.
type PinPad = view.PinPad

// Deps is what the pages are made of. Engine and Journal are needed; the rest has
// defaults.
type Deps struct {
	Engine   Engine
	Journal  Journal
	Seal     Seal     // nil: nothing is said about the chain
	Practice bool     // every screen says TEST
	PinPads  []PinPad // links to the practice terminals, in practice only
	// OpenPad opens a practice terminal's page in a browser, where the pages are shown
	// by something that opens no second window; nil: the links themselves do.
	OpenPad func(url string) error
	// OpenCustomer opens the customer's page of a path (CustomerPath) likewise.
	OpenCustomer func(path string) error
	Choices      Choices // nil: chosen accounts are forgotten at the end
	Setup        Setup   // nil: no settings page
	Language     string  // of numbers and slips, a BCP 47 tag; empty: "en"
	Version      string
	Now          func() time.Time
	Log          *slog.Logger
}

// Pages serves the cashier's pages. Close ends its streams.
type Pages struct {
	engine  Engine
	journal Journal
	deps    Deps
	lang    language.Tag
	mux     *http.ServeMux
	memory  memory
	kept    map[string]string // by terminal: the account that was chosen before the till was started
	quit    chan struct{}
	once    sync.Once
}

// New makes the pages.
func New(d Deps) *Pages {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	lang, err := language.Parse(d.Language)
	if d.Language == "" || err != nil {
		lang = language.English
	}
	p := &Pages{engine: d.Engine, journal: d.Journal, deps: d, lang: lang, mux: http.NewServeMux(), quit: make(chan struct{})}
	p.memory.init()
	if d.Choices != nil {
		p.kept = d.Choices.Accounts()
	}
	p.routes()
	go p.follow(p.engine.Watch(engineBuffer))
	return p
}

// Close ends every stream. Register it with http.Server.RegisterOnShutdown:
// Shutdown does not end the streams' contexts and would wait for ever.
func (p *Pages) Close() { p.once.Do(func() { close(p.quit) }) }

func (p *Pages) routes() {
	p.mux.HandleFunc("GET /{$}", p.till)
	p.mux.HandleFunc("GET /events", p.events)
	p.mux.HandleFunc("GET /terminals", p.terminals)
	p.mux.HandleFunc("POST /terminal", p.choose)
	p.mux.HandleFunc("POST /pinpad", p.openPad)
	p.mux.HandleFunc("POST /sale", p.sale)
	p.mux.HandleFunc("POST /new", p.newSale)
	p.mux.HandleFunc("GET /history", p.history)
	p.mux.HandleFunc("GET /operation/{id}", p.operation)
	p.mux.HandleFunc("GET /operation/{id}/slip/{copy}", p.slipText)
	p.mux.HandleFunc("GET /operation/{id}/evidence", p.evidence)
	p.mux.HandleFunc("POST /operation/{id}/verify", p.verify)
	p.mux.HandleFunc("POST /operation/{id}/abort", p.abort)
	p.mux.HandleFunc("POST /operation/{id}/answer", p.answer)
	p.mux.HandleFunc("POST /operation/{id}/extend", p.extend)
	p.mux.HandleFunc("POST /operation/{id}/look", p.look)
	p.mux.HandleFunc("GET /operation/{id}/settle", p.panel("settle"))
	p.mux.HandleFunc("POST /operation/{id}/settle", p.settle)
	p.mux.HandleFunc("GET /operation/{id}/elsewhere", p.panel("elsewhere"))
	p.mux.HandleFunc("POST /operation/{id}/elsewhere", p.handOver)
	p.mux.HandleFunc("POST /operation/{id}/keep", p.keepHere)
	p.mux.HandleFunc("GET /operation/{id}/alarm", p.panel("alarm"))
	p.mux.HandleFunc("POST /operation/{id}/alarm", p.answerAlarm)
	p.mux.HandleFunc("POST /operation/{id}/printed", p.printed)
	p.mux.HandleFunc("POST /operation/{id}/capture", p.capture)
	p.mux.HandleFunc("POST /operation/{id}/void", p.void)
	p.mux.HandleFunc("POST /operation/{id}/refund", p.refund)
	p.mux.HandleFunc("GET /refund", p.giveaway)
	p.mux.HandleFunc("POST /refund", p.giveAway)
	p.mux.HandleFunc("GET /deliveries", p.deliveries)
	p.customerRoutes()
	p.setupRoutes()
	p.mux.HandleFunc("GET /", p.missing)
	p.assets()
}

// policy is the strict content security policy of all pages.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm bounds the body of a form, in bytes.
const maxForm = 64 << 10

// ServeHTTP sets the security headers and bounds the body.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p.mux.ServeHTTP(w, r)
}
