package app

import (
	"context"
	"fmt"
	"net/http"
	"unicode"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider"
	"github.com/paydesk-till/paydesk/backend/secret"
)

// nobodyListens stands in for the listener where a terminal is only looked at.
func nobodyListens(address, _ string, _ http.Handler) (string, func(), error) {
	return address, func() {}, nil
}

// openAside opens a terminal that takes no payments: it says what its settings come
// to, and with a real listener answers a test delivery. It talks to nobody.
func openAside(ctx context.Context, p payment.Provider, name string, got payment.Settings, listen engine.ListenFunc) (payment.Terminal, error) {
	return p.Open(ctx, name, got, payment.Deps{
		Listen: listen,
		Serial: func(context.Context) (int64, error) {
			return 0, fmt.Errorf("terminal %s is only looked at: nothing is sent", name)
		},
		Session: nobody{}, Inbound: func() payment.Reporter { return nobody{} }, Inbox: nobody{},
	})
}

// storedAside opens a terminal of the journal in that way.
func storedAside(ctx context.Context, secrets *secret.Store, t journal.Terminal, listen engine.ListenFunc) (payment.Terminal, error) {
	p, err := provider.Find(t.Provider)
	if err != nil {
		return nil, err
	}
	whole, err := WithSecrets(secrets, p.Info(), t)
	if err != nil {
		return nil, err
	}
	return openAside(ctx, p, t.Name, whole, listen)
}

// DoorOf tells where outcomes of a stored terminal would arrive. receives is false
// where none come from outside.
func DoorOf(ctx context.Context, secrets *secret.Store, t journal.Terminal) (door payment.Door, receives bool, err error) {
	open, err := storedAside(ctx, secrets, t, nobodyListens)
	if err != nil {
		return door, false, err
	}
	if receiver, ok := open.(payment.Receiver); ok {
		door, receives = receiver.Door(), true
	}
	return door, receives, open.Close()
}

// NoWayIn says beforehand what does not work where nothing can arrive from outside
// (design 10.10, 10.11); empty: something can.
func NoWayIn(name string, door payment.Door) string {
	switch {
	case door.Listening == "":
		return fmt.Sprintf("No way in: nothing from outside can reach terminal %s, because no address to listen on is set. %s", name, sentence(door.Without))
	case door.URL == "":
		return fmt.Sprintf("No way in yet: terminal %s listens on %s, but under which address the others reach this computer is not set (callback-url). %s", name, door.Listening, sentence(door.Without))
	}
	return ""
}

// sentence begins with a capital letter.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
