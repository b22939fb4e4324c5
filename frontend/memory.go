package frontend

import (
	"sync"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// Limits of what the pages keep in memory.
const (
	maxTrail     = 80  // prompts kept for the mirror's history of one operation
	engineBuffer = 256 // news that may wait for the pages
	streamBuffer = 64  // news that may wait for one stream; more: it starts again
)

// live is an operation as the news told it last, with the prompts so far.
type live struct {
	op    payment.Operation
	trail []payment.Prompt
	whole bool // the trail reaches back to the start
	// answered is the question that a page answered; withdrawn says that the terminal
	// closed one without (DM-09).
	answered  string
	withdrawn bool
}

// memory is what the pages remember beside the journal: which result is still on
// the screen of a terminal, the one-time key of its next sale, and the latest
// news. Losing it loses no outcome, only the place where somebody looked.
type memory struct {
	mu      sync.Mutex
	live    map[string]live              // by terminal
	shown   map[string]string            // by terminal: the operation on the screen
	cleared map[string]string            // by terminal: the one that was taken off it last
	keys    map[string]string            // by terminal: the form key of the next sale
	again   map[string]payment.Operation // by terminal: the sale whose amount is offered again
	fences  map[string]string            // by terminal: the operation that shall be taken there
	streams map[*subscriber]struct{}
	// accounts are those that were charged for last.
	accounts map[seat]string
}

// subscriber is one stream.
type subscriber struct {
	news chan engine.Update
	lost chan struct{}
}

func (m *memory) init() {
	m.live, m.shown, m.cleared, m.keys = map[string]live{}, map[string]string{}, map[string]string{}, map[string]string{}
	m.again, m.fences = map[string]payment.Operation{}, map[string]string{}
	m.streams, m.accounts = map[*subscriber]struct{}{}, map[seat]string{}
}

// follow is the one listener to the engine. It keeps what is new before it tells
// the streams, so that a stream which begins now misses nothing.
func (p *Pages) follow(news <-chan engine.Update, lost <-chan struct{}, stop func()) {
	for {
		select {
		case u := <-news:
			p.memory.take(u)
		case <-lost:
			stop()
			news, lost, stop = p.engine.Watch(engineBuffer)
			p.memory.forget()
		case <-p.quit:
			stop()
			return
		}
	}
}

// take keeps one piece of news and passes it on.
func (m *memory) take(u engine.Update) {
	m.mu.Lock()
	defer m.mu.Unlock()
	op := u.Operation
	if op.ID != "" {
		if u.Terminal == "" {
			u.Terminal = op.Terminal
		}
		m.keep(op)
	}
	m.tell(u)
}

func (m *memory) keep(op payment.Operation) {
	now := m.live[op.Terminal]
	switch {
	case now.op.ID == op.ID:
		if now.op.Question != nil {
			now.withdrawn = op.Question == nil && now.answered != now.op.Question.ID
		}
	case now.op.ID != "" && !now.op.State.Final() && op.Original == now.op.ID:
		return // a linked void (design 10.4): its sale stays on the screen
	case !op.State.Final() || now.op.ID == "":
		now = live{whole: op.State == payment.Created}
	default: // late news of an earlier operation: what is on the screen stays
		return
	}
	now.op = op
	now.trail = addPrompt(now.trail, op.Prompt)
	m.live[op.Terminal] = now
	// What ended, and was taken off the screen, does not come back by older news of it.
	if !op.State.Final() && m.cleared[op.Terminal] != op.ID {
		m.shown[op.Terminal] = op.ID
		delete(m.fences, op.Terminal)
	}
}

// tell passes news to every stream; one that is too slow starts again.
func (m *memory) tell(u engine.Update) {
	for s := range m.streams {
		select {
		case s.news <- u:
		default:
			delete(m.streams, s)
			close(s.lost)
		}
	}
}

// forget drops the news after some were lost; every stream starts again.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.live = map[string]live{}
	for s := range m.streams {
		delete(m.streams, s)
		close(s.lost)
	}
}

func (m *memory) subscribe() (*subscriber, func()) {
	s := &subscriber{news: make(chan engine.Update, streamBuffer), lost: make(chan struct{})}
	m.mu.Lock()
	m.streams[s] = struct{}{}
	m.mu.Unlock()
	return s, func() {
		m.mu.Lock()
		delete(m.streams, s)
		m.mu.Unlock()
	}
}

// show puts an operation on the screen of its terminal; the key of the form that
// began it is used up.
func (m *memory) show(op payment.Operation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown[op.Terminal] = op.ID
	if m.keys[op.Terminal] == op.FormKey {
		delete(m.keys, op.Terminal)
		delete(m.again, op.Terminal)
	}
	m.tell(engine.Update{Terminal: op.Terminal})
}

// shows puts an operation that runs already on the screen of its terminal.
func (m *memory) shows(op payment.Operation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown[op.Terminal] = op.ID
}

// clear takes what ended off the screen of a terminal, for a new sale; again offers the
// same amount.
func (m *memory) clear(terminal, ended string, again payment.Operation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.shown, terminal)
	m.cleared[terminal] = ended
	delete(m.keys, terminal)
	delete(m.again, terminal)
	delete(m.fences, terminal)
	if again.ID != "" {
		m.again[terminal] = again
	}
	m.tell(engine.Update{Terminal: terminal})
}

// key gives the one-time form key of a terminal's next sale, and the sale whose
// amount is offered again.
func (m *memory) key(terminal string) (string, payment.Operation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys[terminal] == "" {
		m.keys[terminal] = uuid.NewString()
	}
	return m.keys[terminal], m.again[terminal]
}

// fence has a terminal show that an operation shall be taken there; an empty id: no
// more.
func (m *memory) fence(terminal, id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if id == "" {
		delete(m.fences, terminal)
		return
	}
	m.fences[terminal] = id
	m.tell(engine.Update{Terminal: terminal})
}

// fenced is the operation that shall be taken on a terminal; empty: none.
func (m *memory) fenced(terminal string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fences[terminal]
}

// answered notes that a page answers a question.
func (m *memory) answered(id, question string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for terminal, now := range m.live {
		if now.op.ID == id {
			now.answered = question
			m.live[terminal] = now
		}
	}
}

// on tells what is on the screen of a terminal; id is empty for a new sale.
func (m *memory) on(terminal string) (id string, now live) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shown[terminal], m.live[terminal]
}

// complete puts a trail that was read from the journal before the one from news.
func (m *memory) complete(op payment.Operation, trail []payment.Prompt) live {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.live[op.Terminal]
	if now.op.ID != op.ID {
		now = live{op: op}
	}
	for _, prompt := range now.trail {
		if len(trail) == 0 || prompt.At.After(trail[len(trail)-1].At) {
			trail = addPrompt(trail, prompt)
		}
	}
	now.trail, now.whole = addPrompt(trail, now.op.Prompt), true
	if m.live[op.Terminal].op.ID == op.ID || m.live[op.Terminal].op.ID == "" {
		m.live[op.Terminal] = now
	}
	return now
}

// addPrompt appends a prompt. The entry of a PIN is one line (design 10.7), and a
// prompt that only came again with other news is not repeated.
func addPrompt(trail []payment.Prompt, next payment.Prompt) []payment.Prompt {
	if next.Code == "" {
		return trail
	}
	if n := len(trail); n > 0 {
		last := trail[n-1]
		if last == next || (pin(last) && pin(next)) || next.At.Before(last.At) || sameButLater(last, next) {
			return trail
		}
	}
	if len(trail) >= maxTrail {
		trail = trail[1:]
	}
	return append(trail[:len(trail):len(trail)], next)
}

// sameButLater tells that only the time for it was put off.
func sameButLater(last, next payment.Prompt) bool {
	last.Until, last.At = next.Until, next.At
	return !next.Until.IsZero() && last == next
}

func pin(p payment.Prompt) bool {
	return p.Code == payment.PromptPIN || p.Code == payment.PromptPINDigits
}
