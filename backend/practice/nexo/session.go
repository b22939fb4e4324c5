package nexo

import (
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// session is what a login sets (nexo-retailer.md 5).
type session struct {
	saleID string
	// login is the ServiceID of the login, for messages outside any other service.
	login string
	// light: the till is client only; nothing is ever posted to it.
	light bool
	// asks: the till can confirm a signature during the payment (CashierInput).
	asks bool
}

// login opens a session. It resets the terminal: a payment that has not yet
// reached the bank ends (nexo-retailer.md 5.4, 19.2).
func (t *Terminal) login(x *exchange) {
	if refusal := t.loading(x); refusal != nil {
		t.answer(x, refusal)
		return
	}
	t.mu.Lock()
	running := t.running
	if running != nil {
		t.log.Note("Login during a running " + running.category)
	}
	past := running != nil && running.past
	t.mu.Unlock()
	if running != nil && !past {
		running.halt()
		select {
		case <-running.answered:
		case <-t.life.Ctx.Done():
			bench.Cut()
		}
	}
	capabilities := strings.Fields(x.body.at("SaleTerminalData/SaleCapabilities").value())
	s := session{saleID: x.header.get("SaleID"), login: x.serviceID(),
		light: len(capabilities) == 1 && capabilities[0] == "PrinterReceipt", asks: slices.Contains(capabilities, "CashierInput")}
	t.mu.Lock()
	t.session, t.lastSession = &s, s
	clear(t.seen)
	t.seen[x.serviceID()] = true
	busy, _ := time.ParseDuration(t.faults.Get("busy-after-login")) // "off" is no duration and means none
	t.busyUntil, t.busyText = time.Now().Add(busy), "Host communication after login"
	time.AfterFunc(busy, t.log.Changed)
	update := t.faults.Get("maintenance") == "waiting"
	if t.running == nil {
		t.screen = screenOf(textWelcome, "idle")
	}
	t.log.Note("Logged in by " + s.saleID + ", " + s.mode())
	t.life.Spawn(func() { t.afterLogin(s, busy, update) })
	t.mu.Unlock()
	t.answer(x, t.loginResponse(x.envelope))
}

func (s session) mode() string {
	if s.light {
		return "light mode"
	}
	return "default mode"
}

// loading refuses a login while parameters for a new POIID are fetched (nexo-retailer.md 5.3).
func (t *Terminal) loading(x *exchange) *node {
	t.mu.Lock()
	defer t.mu.Unlock()
	span, err := time.ParseDuration(t.faults.Get("new-poiid"))
	if err != nil {
		t.loadingUntil = time.Time{}
		return nil
	}
	if t.loadingUntil.IsZero() {
		t.loadingUntil = time.Now().Add(span)
	}
	if time.Now().Before(t.loadingUntil) {
		return failure(x.envelope, "Busy", "POI Terminal Temporarily Unavailable: New Poi ID detected, updating parameters")
	}
	t.loadingUntil = time.Time{}
	t.faults.Put("new-poiid", "off")
	return nil
}

// afterLogin shows what the terminal shows while it talks to its hosts.
func (t *Terminal) afterLogin(s session, busy time.Duration, update bool) {
	if update {
		t.event(nil, "SaleAdmin", "Maintenance Required", attr{"MaintenanceRequiredFlag", "true"})
	}
	t.display(s, s.login, textWait)
	if busy > 0 {
		timer := time.NewTimer(busy)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-t.life.Ctx.Done():
			return
		}
	}
	t.display(s, s.login, textWelcome)
}

func (t *Terminal) loginResponse(e *envelope) *node {
	return el("LoginResponse", el("Response", attr{"Result", "Success"}),
		el("POISystemData",
			el("DateTime", terminalTime(time.Now())),
			el("POISoftware", attr{"ProviderIdentification", appProducer}, attr{"ApplicationName", appName}, attr{"SoftwareVersion", appVersion}),
			el("POITerminalData", attr{"TerminalEnvironment", "Attended"}, attr{"POISerialNumber", t.opts.Serial},
				el("POICapabilities", "CustomerDisplay CustomerError CustomerInput MagStripe ICC EMVContactless")),
			el("POIStatus", attr{"GlobalStatus", "OK"}, attr{"SecurityOKFlag", "true"}, attr{"PEDOKFlag", "true"},
				attr{"CardReaderOKFlag", "true"}, attr{"CommunicationOKFlag", "true"})))
}

// logout closes the session and installs a waiting update if it may (nexo-retailer.md 5.5, 10.5).
func (t *Terminal) logout(x *exchange) {
	t.mu.Lock()
	if refusal := t.admitLocked(x); refusal != nil {
		t.mu.Unlock()
		t.answer(x, refusal)
		return
	}
	allowed := x.body.get("MaintenanceAllowed")
	update := t.faults.Get("maintenance") == "waiting" && (allowed == "true" || allowed == "1")
	t.session = nil
	t.screen = screenOf(textClosed, "idle")
	t.log.Note("Logged out")
	if update {
		t.life.Spawn(t.maintain)
	}
	t.mu.Unlock()
	t.answer(x, el("LogoutResponse", el("Response", attr{"Result", "Success"})))
}

// updateTakes is how long an installation lasts, at pace 1.
const updateTakes = 5 * time.Second

func (t *Terminal) maintain() {
	t.event(nil, "BeginMaintenance", "")
	t.mu.Lock()
	t.screen = screenOf(textUpdating, "busy")
	t.log.Changed()
	t.mu.Unlock()
	timer := time.NewTimer(t.scaled(updateTakes))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.life.Ctx.Done():
		return
	}
	t.mu.Lock()
	t.faults.Put("maintenance", "none")
	t.screen = screenOf(textClosed, "idle")
	t.log.Changed()
	t.mu.Unlock()
	t.event(nil, "EndMaintenance", "")
}
