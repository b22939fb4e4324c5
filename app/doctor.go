package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider"
	"github.com/paydesk-till/paydesk/backend/report"
)

// Finding is one thing that was looked at.
type Finding struct {
	Verdict string `json:"verdict"` // Fine, Warn or Bad
	Text    string `json:"text"`    // what it is, and what to do
}

// The verdicts.
const (
	Fine = "ok"
	Warn = "warn"
	Bad  = "bad"
)

// What the doctor looks for.
const (
	reachTime   = 3 * time.Second
	littleSpace = 500 << 20 // bytes: a warning
	noSpace     = 50 << 20  // bytes: too little to go on
	// terminalPort is tried where an address names none (nexo-retailer.md 2.1).
	terminalPort = "11000"
)

// youth is before any Paydesk was made: a clock that shows less is wrong.
var youth = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// exam collects what is found.
type exam struct {
	folder   Folder
	practice bool
	findings []Finding
}

func (e *exam) note(verdict, format string, values ...any) {
	e.findings = append(e.findings, Finding{verdict, fmt.Sprintf(format, values...)})
}

// Examine looks at an installation and its network. It changes nothing that stays
// and reads also while a till is open.
func Examine(ctx context.Context, f Folder, build Build, practice bool) []Finding {
	e := &exam{folder: f, practice: practice}
	e.note(Fine, "Paydesk %s, %s on %s/%s", build.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	who, running := f.Locked()
	if running {
		e.note(Fine, "Paydesk is running with this data folder: %s", who)
	}
	if e.writable() {
		e.space()
		e.journal(ctx, running)
	}
	if yes, why := HasDisplay(); yes {
		e.note(Fine, "a window can be shown")
	} else {
		e.note(Warn, "no window can be shown: %s. `paydesk serve` shows the same pages in a browser", why)
	}
	return e.findings
}

// writable tries the data folder with a file that goes again.
func (e *exam) writable() bool {
	err := e.folder.Make()
	if err == nil {
		var file *os.File
		if file, err = os.CreateTemp(string(e.folder), "doctor-*"); err == nil {
			_, err = file.WriteString("ok")
			err = errors.Join(err, file.Sync(), file.Close(), os.Remove(file.Name()))
		}
	}
	if err != nil {
		e.note(Bad, "the data folder %s cannot be written to: %v. Give this user the right to write there, or name another folder with --data", e.folder, err)
		return false
	}
	e.note(Fine, "the data folder is %s", e.folder)
	return true
}

func (e *exam) space() {
	free, err := freeSpace(string(e.folder))
	switch {
	case err != nil:
		e.note(Warn, "the free space of the disk is not known: %v", err)
	case free < noSpace:
		e.note(Bad, "the disk has %d MB left. Make room: without it no payment can be recorded, and none is taken", free>>20)
	case free < littleSpace:
		e.note(Warn, "the disk has %d MB left. Make room soon", free>>20)
	default:
		e.note(Fine, "the disk has %d MB left", free>>20)
	}
}

// journal looks at the journal and, with what stands in it, at clock and terminals.
func (e *exam) journal(ctx context.Context, running bool) {
	if e.folder.fresh() {
		e.note(Fine, "there is no journal yet; it is made with the first terminal or payment")
		e.clock(time.Time{})
		e.none()
		return
	}
	// Before it is opened: closing it here would free the locks of this process on it.
	if file, err := os.OpenFile(e.folder.Journal(), os.O_RDWR, 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		e.note(Bad, "the journal cannot be written to, so no payment is taken: %v. Give this user the right to write it", err)
	} else if err == nil {
		_ = file.Close() // it was only tried
	}
	j, err := Read(ctx, e.folder)
	if err != nil {
		e.note(Bad, "the journal cannot be opened: %s", payment.TextOf(err))
		return
	}
	defer func() {
		if err := j.Close(); err != nil {
			e.note(Warn, "the journal cannot be closed: %v", err)
		}
	}()
	e.chain(ctx, j)
	latest := time.Time{}
	if ops, err := j.Operations(ctx, payment.Query{Limit: 1}); err == nil && len(ops) > 0 {
		latest = ops[0].CreatedAt
	}
	e.clock(latest)
	if open, err := j.Open(ctx); err == nil && len(open) > 0 && !running {
		e.note(Warn, "the outcome of %s is not known. Run `paydesk recover`", report.Count(int64(len(open)), "operation", "operations"))
	}
	terminals, err := j.Terminals(ctx)
	if err != nil {
		e.note(Bad, "the terminals cannot be read: %s", payment.TextOf(err))
		return
	}
	if len(terminals) == 0 {
		e.none()
	}
	for _, t := range terminals {
		e.terminal(ctx, j, t, running)
	}
}

// none says that no terminal is set up.
func (e *exam) none() {
	if e.practice {
		e.note(Fine, "practice terminals are made when they are needed")
		return
	}
	e.note(Warn, "no terminal is set up. Add one with `paydesk terminal add`, or try --practice")
}

func (e *exam) chain(ctx context.Context, j *journal.Journal) {
	seal := ReadSeal(ctx, e.folder, j)
	e.secrets(seal)
	verdict, err := seal.Verify(ctx)
	switch {
	case err != nil:
		e.note(Bad, "the journal cannot be checked: %s", payment.TextOf(err))
	case !verdict.Sound():
		e.note(Bad, "the journal is not sound: %s. Keep the file for evidence and bring back a backup; `paydesk journal verify` tells all", verdict.Faults[0])
	default:
		e.note(Fine, "the journal is sound: %s of %s", report.Count(verdict.Events, "event", "events"), report.Count(verdict.Operations, "operation", "operations"))
	}
}

// secrets tells where secrets and the journal's head are kept.
func (e *exam) secrets(seal *Seal) {
	place, head := seal.secrets.Where(), seal.Head()
	switch {
	case head.Problem != "":
		e.note(Bad, "the secrets cannot be read: %s", head.Problem)
	case place.Keychain || e.practice || os.Getenv(keyVariable) != "":
		e.note(Fine, "secrets are kept in %s", place.Text)
	default:
		e.note(Warn, "there is no keychain (%s): secrets are kept in %s. Whoever gets a copy of the whole folder can read them; a passphrase in %s keeps them apart", place.Why, place.Text, keyVariable)
	}
}

// clock compares the clock with what cannot be later than now.
func (e *exam) clock(latest time.Time) {
	now := time.Now()
	switch {
	case now.Before(youth):
		e.note(Bad, "the clock shows %s, which is too early. Set it: receipts carry its time", now.Format(time.DateTime))
	case now.Before(latest):
		e.note(Bad, "the clock shows %s, but the newest operation is of %s. Set it: receipts carry its time", now.Format(time.DateTime), latest.Local().Format(time.DateTime))
	default:
		e.note(Fine, "the clock shows %s", now.Format(time.DateTime+" MST"))
	}
}

// terminal tries whether a terminal can be reached, and whether it could reach us.
func (e *exam) terminal(ctx context.Context, j *journal.Journal, t journal.Terminal, running bool) {
	set, err := effective(t)
	if err != nil {
		e.note(Bad, "terminal %s: %s", t.Name, payment.TextOf(err))
		return
	}
	if address := set["address"]; address != "" {
		if _, _, err := net.SplitHostPort(address); err != nil {
			address = net.JoinHostPort(address, terminalPort)
		}
		connection, err := (&net.Dialer{Timeout: reachTime}).DialContext(ctx, "tcp", address)
		if err != nil {
			e.note(Bad, "terminal %s does not answer at %s: %v. Is it on, on this network, and is the address right?", t.Name, address, err)
		} else {
			_ = connection.Close() // it was only tried
			e.note(Fine, "terminal %s can be reached at %s", t.Name, address)
		}
	}
	if e.wayIn(ctx, j, t, running) {
		return
	}
	listen := set["listen"]
	if listen == "" || set["mode"] == "light" || running {
		return
	}
	socket, err := net.Listen("tcp", listen)
	if err != nil {
		e.note(Bad, "%s, where terminal %s is to reach this till, cannot be used: %v. Choose another port, or light mode", listen, t.Name, err)
		return
	}
	_ = socket.Close() // it was only tried
	e.note(Fine, "%s is free for terminal %s to reach this till", listen, t.Name)
}

// wayIn looks at how outcomes of a terminal arrive from outside, and tries it where no
// till is running; false: none do.
func (e *exam) wayIn(ctx context.Context, j *journal.Journal, t journal.Terminal, running bool) bool {
	listen := nobodyListens
	if !running {
		listeners := NewListeners(slog.New(slog.DiscardHandler))
		defer listeners.Close()
		listen = listeners.Listen
	}
	open, err := storedAside(ctx, e.folder.Secrets(), t, listen)
	if err != nil {
		e.note(Bad, "terminal %s cannot be opened: %s", t.Name, payment.TextOf(err))
		return true
	}
	defer func() { _ = open.Close() }() // it was only looked at
	receiver, ok := open.(payment.Receiver)
	if !ok {
		return false
	}
	door := receiver.Door()
	if text := NoWayIn(t.Name, door); text != "" {
		e.note(Warn, "%s", text)
	} else {
		e.note(Fine, "terminal %s: the till listens on %s; results are to be delivered to %s", t.Name, door.Listening, door.URL)
	}
	e.delivered(ctx, j, t.Name)
	switch {
	case door.Probe == nil:
	case running:
		e.note(Fine, "terminal %s: Paydesk is running, so the way in is tested on its settings page", t.Name)
	default:
		if err := door.Probe(ctx); err != nil {
			e.note(Warn, "terminal %s: %s If others reach it and only this computer does not, the router leads its own address nowhere: then the terminal's next result tells", t.Name, payment.TextOf(err))
			return true
		}
		e.note(Fine, "terminal %s: a test delivery to that address arrived here", t.Name)
	}
	return true
}

// delivered tells when something last arrived for a terminal.
func (e *exam) delivered(ctx context.Context, j *journal.Journal, name string) {
	at, err := j.LastDelivery(ctx, name)
	switch {
	case err != nil:
		e.note(Bad, "terminal %s: what was delivered cannot be read: %s", name, payment.TextOf(err))
	case at.IsZero():
		e.note(Warn, "terminal %s: nothing from outside has ever arrived", name)
	default:
		e.note(Fine, "terminal %s: something last arrived from outside at %s", name, at.Local().Format(time.DateTime))
	}
}

// effective are a terminal's settings with the provider's defaults.
func effective(t journal.Terminal) (map[string]string, error) {
	p, err := provider.Find(t.Provider)
	if err != nil {
		return nil, err
	}
	set := map[string]string{}
	for _, s := range p.Info().Settings {
		set[s.Key] = s.Default
	}
	for key, value := range t.Settings {
		if value != "" {
			set[key] = value
		}
	}
	return set, nil
}
