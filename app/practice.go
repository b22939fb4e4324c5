package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/practice"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
	"github.com/paydesk-till/paydesk/backend/provider"
)

// loopbackPort is where practice terminals and their pin pads listen: on a free
// port of this computer.
const loopbackPort = "127.0.0.1:0"

// Anywhere is Options.At where an operation that exists says which terminal it is on:
// one of them must know the customer.
const Anywhere = "*"

// PinPad is the page of a practice terminal.
type PinPad struct{ Name, URL string }

// training is what plays the terminals in practice: they live and end with the till.
type training struct {
	log       *slog.Logger
	terminals []practice.Terminal
	added     []trainee
	endPage   func() error
	page      string
}

// trainee is one practice terminal as the till sees it.
type trainee struct {
	kind     practice.Kind
	terminal practice.Terminal
	address  string
}

// startTraining starts a practice terminal of every kind that the till has a
// provider for, and one page for all of their pin pads.
func startTraining(o Options, log *slog.Logger) (*training, error) {
	t := &training{log: log}
	var devices []pinpad.Device
	kinds := PracticeKinds()
	knows := func(k practice.Kind) bool { return k.Knows(o.Customer) }
	if o.Customer != "" && o.At == Anywhere && !slices.ContainsFunc(kinds, knows) {
		return nil, unknownCustomer(kinds[0], o.Customer)
	}
	for i, kind := range kinds {
		customer := o.Customer
		if customer != "" && !kind.Knows(customer) {
			if o.At == kind.Provider || o.At == "" && i == 0 {
				return nil, errors.Join(unknownCustomer(kind, customer), t.close())
			}
			customer = "" // they stand at another terminal
		}
		terminal, err := kind.New(practice.Options{Name: kind.Provider, Ledger: o.Folder.Ledger(kind.Provider),
			Customer: customer, Pace: o.Pace, Log: log.With("practice", kind.Provider)})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("practice terminal %s: %w", kind.Provider, err), t.close())
		}
		t.terminals = append(t.terminals, terminal)
		address, err := terminal.Listen(loopbackPort)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("practice terminal %s: %w", kind.Provider, err), t.close())
		}
		t.added = append(t.added, trainee{kind: kind, terminal: terminal, address: address})
		devices = append(devices, terminal.Device())
	}
	hostport, stop, err := pinpad.Listen(loopbackPort, pinpad.New(devices...))
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.endPage, t.page = stop, "http://"+hostport
	return t, nil
}

// PracticeKinds are the practice terminals that this till can use. Others exist for
// other people's software alone.
func PracticeKinds() []practice.Kind {
	return slices.DeleteFunc(slices.Clone(practice.Kinds), func(k practice.Kind) bool {
		_, err := provider.Find(k.Provider)
		return err != nil
	})
}

// unknownCustomer lists who could stand at the terminal instead.
func unknownCustomer(kind practice.Kind, name string) error {
	names := make([]string, 0, len(kind.Customers))
	for _, c := range kind.Customers {
		names = append(names, c.Name)
	}
	return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo,
		Text: fmt.Sprintf("No practice customer of %s is called %q. Choose one of: %s.", kind.Provider, name, strings.Join(names, ", "))}
}

// pinPads are the addresses of the pages.
func (t *training) pinPads() []PinPad {
	list := make([]PinPad, 0, len(t.added))
	for i, one := range t.added {
		list = append(list, PinPad{Name: one.kind.Provider, URL: fmt.Sprintf("%s/%d/", t.page, i)})
	}
	return list
}

// add gives the practice terminals to the engine. Each learns where the till listens:
// one that shows the till its display at the moment when the till begins to, any
// other the whole address for its deliveries.
func (t *training) add(ctx context.Context, e *engine.Engine, build Build, listen engine.ListenFunc) error {
	for i, one := range t.added {
		p, err := provider.Find(one.kind.Provider)
		if err != nil {
			return err
		}
		told := func(address, path string, h http.Handler) (string, func(), error) {
			actual, stop, err := listen(address, path, h)
			if err == nil && p.Info().Limits.Mirror {
				one.terminal.SetTill("http://" + actual)
			}
			return actual, stop, err
		}
		err = e.Add(ctx, engine.Terminal{Name: one.kind.Provider, Provider: p, Settings: one.kind.Settings(one.address),
			Default: i == 0, Software: build.Software(), Test: true}, told)
		if err != nil {
			return err
		}
		for _, s := range e.Terminals() {
			if s.Name == one.kind.Provider && s.Door.URL != "" {
				one.terminal.SetTill(s.Door.URL)
			}
		}
	}
	return nil
}

func (t *training) close() error {
	var errs []error
	if t.endPage != nil {
		errs = append(errs, t.endPage())
	}
	for _, one := range t.terminals {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}
