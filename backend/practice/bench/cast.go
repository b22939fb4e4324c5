package bench

import (
	"fmt"
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Customer is somebody who plays all parts at a terminal without a person.
type Customer struct{ Name, Does string }

// Cast are the customers of one kind of practice terminal, with the script P of each.
type Cast[P any] struct {
	players []P
	who     func(*P) Customer
}

// NewCast makes a cast; who introduces a player.
func NewCast[P any](players []P, who func(*P) Customer) Cast[P] {
	return Cast[P]{players: players, who: who}
}

// Customers lists who can stand at the terminal.
func (c Cast[P]) Customers() []Customer {
	list := make([]Customer, 0, len(c.players))
	for i := range c.players {
		list = append(list, c.who(&c.players[i]))
	}
	return list
}

// Find gives the script of a customer; without a name nobody plays, and it is nil.
func (c Cast[P]) Find(name string) (*P, error) {
	if name == "" {
		return nil, nil
	}
	i := slices.IndexFunc(c.players, func(p P) bool { return c.who(&p).Name == name })
	if i < 0 {
		return nil, fmt.Errorf("no practice customer is called %q", Shorten(name))
	}
	return &c.players[i], nil
}

// Choose is Find, and notes who comes.
func (c Cast[P]) Choose(name string, log *Log) (*P, error) {
	who, err := c.Find(name)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = "nobody"
	}
	log.Note("Customer: " + name)
	return who, nil
}

// Shown are the customers as the page offers them, and the name of the one who
// plays, if any.
func (c Cast[P]) Shown(now *P) (list []pinpad.Customer, name string) {
	for _, one := range c.Customers() {
		list = append(list, pinpad.Customer(one))
	}
	if now != nil {
		name = c.who(now).Name
	}
	return list, name
}
