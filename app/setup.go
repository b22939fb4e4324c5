package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider"
	"github.com/paydesk-till/paydesk/backend/secret"
	"github.com/paydesk-till/paydesk/frontend"
)

// TryOut has a provider look at the settings of a terminal, without listening or
// talking. The error has CodeSettings and names the setting.
func TryOut(ctx context.Context, p payment.Provider, name string, got payment.Settings) error {
	t, err := openAside(ctx, p, name, got, nobodyListens)
	if err != nil {
		return err
	}
	return t.Close()
}

// nobody hears what a terminal says that is only looked at: it says nothing.
type nobody struct{}

func (nobody) Prompt(payment.Prompt)                    {}
func (nobody) Message(payment.Message)                  {}
func (nobody) Slip(context.Context, payment.Slip) error { return nil }
func (nobody) Note(payment.Note)                        {}
func (nobody) Ask(context.Context, payment.Question) (payment.Answer, error) {
	return payment.Answer{}, errors.New("nobody is asked here")
}
func (nobody) Keep(context.Context, payment.Delivery) (bool, error) {
	return false, errors.New("nothing is kept here")
}
func (nobody) Kept(context.Context, string) ([]payment.Delivery, error) { return nil, nil }

// StoreTerminal tries the settings out and stores them. An empty secret of a terminal
// that is known keeps what is stored.
func StoreTerminal(ctx context.Context, j *journal.Journal, secrets *secret.Store, t journal.Terminal) error {
	p, err := provider.Find(t.Provider)
	if err != nil {
		return err
	}
	before, err := j.Terminals(ctx)
	if err != nil {
		return err
	}
	whole := withKept(secrets, p.Info(), before, t)
	if err := TryOut(ctx, p, t.Name, whole); err != nil {
		return err
	}
	if !slices.ContainsFunc(before, func(b journal.Terminal) bool { return b.Default && b.Name != t.Name }) {
		t.Default = true // one must be
	}
	t.Settings = whole
	return PutTerminal(ctx, j, secrets, p.Info(), t)
}

// withKept gives the settings of a terminal with the secrets that are stored of it,
// where none are given.
func withKept(secrets *secret.Store, info payment.Info, before []journal.Terminal, t journal.Terminal) payment.Settings {
	whole, kept := payment.Settings{}, payment.Settings{}
	for _, b := range before {
		if b.Name == t.Name && b.Provider == t.Provider {
			var err error
			if kept, err = WithSecrets(secrets, info, b); err != nil {
				kept = payment.Settings{} // what cannot be opened is to be given anew
			}
		}
	}
	for _, s := range info.Settings {
		value := t.Settings[s.Key]
		if value == "" && s.Secret {
			value = kept[s.Key]
		}
		if value != "" {
			whole[s.Key] = value
		}
	}
	return whole
}

// ForgetTerminal removes a terminal and its secrets. While an operation on it has no
// outcome it is refused: only that terminal can tell.
func ForgetTerminal(ctx context.Context, j *journal.Journal, secrets *secret.Store, name string) error {
	open, err := j.Open(ctx)
	if err != nil {
		return err
	}
	for _, op := range open {
		if op.Terminal == name {
			return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
				Text: fmt.Sprintf("The outcome of operation %d on terminal %s is not known yet, and only that terminal can tell it. Nothing was changed. Run `paydesk recover` first.", op.Number, name)}
		}
	}
	stored, err := j.Terminals(ctx)
	if err != nil {
		return err
	}
	var info payment.Info // of a provider that is gone: it left no secrets that we know of
	for _, t := range stored {
		if p, err := provider.Find(t.Provider); err == nil && t.Name == name {
			info = p.Info()
		}
	}
	return RemoveTerminal(ctx, j, secrets, info, name)
}

// setup is how the pages change the terminals of a till that is open.
type setup struct {
	till *Till
	o    Options
}

func (s setup) Providers() []payment.Info {
	list := make([]payment.Info, 0, len(provider.All))
	for _, p := range provider.All {
		list = append(list, p.Info())
	}
	return list
}

func (s setup) Discovers(name string) bool {
	p, err := provider.Find(name)
	if err != nil {
		return false
	}
	_, ok := p.(payment.Discoverer)
	return ok
}

func (s setup) Discover(ctx context.Context, c frontend.Configured) ([]payment.Found, error) {
	p, err := provider.Find(c.Provider)
	if err != nil {
		return nil, err
	}
	asks, ok := p.(payment.Discoverer)
	if !ok {
		return nil, &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo,
			Text: p.Info().Title + " cannot be asked which terminals there are. Type in what the provider gave you."}
	}
	stored, err := s.till.Journal.Terminals(ctx)
	if err != nil {
		return nil, err
	}
	given := withKept(s.till.secrets, p.Info(), stored, journal.Terminal{Name: c.Name, Provider: c.Provider, Settings: c.Values})
	return asks.Discover(ctx, given, payment.Deps{Session: nobody{}, Software: s.o.Build.Software()})
}

func (s setup) Configured(ctx context.Context) ([]frontend.Configured, error) {
	stored, err := s.till.Journal.Terminals(ctx)
	if err != nil {
		return nil, err
	}
	var list []frontend.Configured
	for i, one := range s.till.trainees {
		list = append(list, frontend.Configured{Name: one, Provider: one, Default: i == 0 && len(stored) == 0, Practice: true})
	}
	for _, t := range stored {
		c := frontend.Configured{Name: t.Name, Provider: t.Provider, Default: t.Default, Values: maps.Clone(t.Settings), Set: map[string]bool{}}
		if err := s.till.absent(t.Name); err != nil {
			c.Problem = payment.TextOf(err)
		}
		if p, err := provider.Find(t.Provider); err == nil {
			whole, err := WithSecrets(s.till.secrets, p.Info(), t)
			for _, one := range p.Info().Settings {
				if one.Secret {
					c.Set[one.Key] = err != nil || whole[one.Key] != ""
					delete(c.Values, one.Key)
				}
			}
		}
		list = append(list, c)
	}
	return list, nil
}

func (s setup) Put(ctx context.Context, c frontend.Configured) error {
	if slices.Contains(s.till.trainees, c.Name) {
		return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: fmt.Sprintf("%q is a practice terminal. Choose another name. Nothing was changed.", c.Name)}
	}
	if err := s.busy(c.Name); err != nil {
		return err
	}
	t := journal.Terminal{Name: c.Name, Provider: c.Provider, Settings: c.Values, Default: c.Default}
	if err := StoreTerminal(ctx, s.till.Journal, s.till.secrets, t); err != nil {
		return err
	}
	s.note(ctx, c.Name, c.Operator, "The settings were changed.")
	return s.reopen(ctx, c.Name)
}

// busy says why a terminal cannot be changed just now.
func (s setup) busy(name string) error {
	for _, op := range s.till.Engine.OpenOperations() {
		if op.Terminal == name {
			return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
				Text: fmt.Sprintf("Operation %d is open on terminal %s. Nothing was changed. Wait until its outcome is known.", op.Number, name)}
		}
	}
	return nil
}

// reopen drives a terminal with its new settings.
func (s setup) reopen(ctx context.Context, name string) error {
	if err := s.till.Engine.Remove(ctx, name); err != nil && payment.CodeOf(err) != payment.CodeNotFound {
		return err
	}
	stored, err := s.till.Journal.Terminals(ctx)
	if err != nil {
		return err
	}
	for _, t := range stored {
		if t.Name == name {
			// It outlives the request that made it.
			return s.till.drive(context.WithoutCancel(ctx), s.o, t)
		}
	}
	return nil
}

func (s setup) Remove(ctx context.Context, name, operator string) error {
	if err := s.busy(name); err != nil {
		return err
	}
	if err := ForgetTerminal(ctx, s.till.Journal, s.till.secrets, name); err != nil {
		return err
	}
	s.note(ctx, name, operator, "The terminal was removed.")
	s.till.setAbsent(name, nil)
	if err := s.till.Engine.Remove(ctx, name); err != nil && payment.CodeOf(err) != payment.CodeNotFound {
		return err
	}
	return nil
}

// note keeps who changed what. That it cannot be kept does not undo it.
func (s setup) note(ctx context.Context, name, operator, text string) {
	e, err := payment.NewEvent("", s.o.Now(), payment.EventNote, payment.Note{Terminal: name, Text: text, Operator: strings.TrimSpace(operator)})
	if err == nil {
		err = s.till.Journal.Log(ctx, e)
	}
	if err != nil {
		s.till.Log.Error("keep who changed a terminal", "terminal", name, "error", err)
	}
}

func (s setup) Test(ctx context.Context, name string) error { return s.till.Engine.Test(ctx, name) }

func (s setup) Probe(ctx context.Context, name string) error {
	for _, t := range s.till.Engine.Terminals() {
		if t.Name == name && t.Door.Probe != nil {
			return t.Door.Probe(ctx)
		}
	}
	return &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: fmt.Sprintf("Nothing is delivered to terminal %s from outside.", name)}
}
