package netpay

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Store is one of the accounts for which a terminal can charge (netpay.md 6).
type Store struct {
	ID, Name    string
	Affiliation string // the merchant number at the acquirer, 7 digits
	Blocked     bool   // the terminal says "Usuario no válido"
}

// DefaultStores are an invented Smart Accounts group: the first store is logged
// in on the terminal, the last one is blocked.
func DefaultStores() []Store {
	return []Store{
		{ID: "700101", Name: "TEST TIENDA UNO", Affiliation: "7000001"},
		{ID: "700102", Name: "TEST TIENDA DOS", Affiliation: "7000002"},
		{ID: "700103", Name: "TEST TIENDA TRES", Affiliation: "7000003"},
		{ID: "700104", Name: "TEST TIENDA BLOQUEADA", Affiliation: "7000004", Blocked: true},
	}
}

func (t *Terminal) storeByID(id string) (Store, bool) {
	i := slices.IndexFunc(t.opts.Stores, func(s Store) bool { return s.ID == id })
	if i < 0 {
		return Store{}, false
	}
	return t.opts.Stores[i], true
}

// otherStore is a store of the group that is not the one named.
func (t *Terminal) otherStore(id string) Store {
	i := slices.IndexFunc(t.opts.Stores, func(s Store) bool { return s.ID != id && !s.Blocked })
	if i < 0 {
		return Store{ID: "999999", Name: "TEST TIENDA AJENA", Affiliation: "9999999"}
	}
	return t.opts.Stores[i]
}

// Why no store could be entered; the operation ends without a result.
var (
	errBlocked = errors.New("the store is blocked")
	errSession = errors.New("the store is not in the terminal's group")
)

// enter switches the terminal's session to the store of the request, or stays
// where the protocol says so: without the flag the terminal remains on the store
// that is logged in, and the money goes there (netpay.md 6).
func (t *Terminal) enter(op *operation) (Store, error) {
	t.mu.Lock()
	home, _ := t.storeByID(t.session)
	asked := op.request.StoreID
	smart := op.request.Smart == smartText || op.request.Smart == smartBool && t.faults.Get("flag-bool") == "honoured"
	t.mu.Unlock()
	store, known := t.storeByID(asked)
	switch {
	case !smart || asked == "":
		if asked != home.ID {
			t.log.Note(fmt.Sprintf("No switch of store: %q was asked for, the terminal stays on %s", bench.Shorten(asked), home.ID))
		}
		store = home
	case !known && t.faults.Get("foreign-store") == "charge-default":
		t.log.Note("Store " + bench.Shorten(asked) + " is not in the group; the terminal stays on " + home.ID)
		return home, nil
	case !known:
		return Store{}, errSession
	}
	if store.Blocked {
		return Store{}, errBlocked
	}
	if store.ID != home.ID {
		t.log.Note("The terminal switches to store " + store.ID + " " + store.Name)
		t.show(op, textSwitch)
		if err := op.pause(800 * time.Millisecond); err != nil {
			return Store{}, err
		}
	}
	if smart && t.faults.Get("store-after") == "stays" {
		t.mu.Lock()
		t.session = store.ID
		t.mu.Unlock()
	}
	if t.faults.Get("result.store") == "wrong-charge" && op.kind == opSale {
		t.faults.Take("result.store")
		store = t.otherStore(store.ID)
		t.log.Note("On purpose the money goes to store " + store.ID)
	}
	return store, nil
}

// resultURL checks the URL that is saved on the terminal.
func resultURL(address string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("%q is no http address for results", bench.Shorten(address))
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = Path
	}
	return u.String(), nil
}
