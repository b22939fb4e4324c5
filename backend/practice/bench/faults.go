package bench

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Fault is one switch of the trouble to come, or one choice where a protocol's text
// knows no answer. The first choice is the untroubled one. A Once switch concerns
// the next message only, unless its value is set with the prefix "always:".
type Fault struct {
	Name, Label string
	Choices     []string
	Help        string
	Once        bool
}

// Always makes a one-time fault stick.
const Always = "always:"

// FaultNamed finds a switch in a table.
func FaultNamed(table []Fault, name string) (Fault, error) {
	i := slices.IndexFunc(table, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, fmt.Errorf("no switch is called %q", Shorten(name))
	}
	return table[i], nil
}

// accepts says whether the value is one of the choices, "always:" aside.
func (f Fault) accepts(value string) error {
	bare := value
	if f.Once {
		bare = strings.TrimPrefix(value, Always)
	}
	if !slices.Contains(f.Choices, bare) {
		return fmt.Errorf("switch %s takes %s, not %q", f.Name, strings.Join(f.Choices, ", "), Shorten(value))
	}
	return nil
}

// Faults are the switches of one practice terminal. It is safe for several
// goroutines, also for those that hold the terminal's own mutex.
type Faults struct {
	table []Fault
	log   *Log

	mu     sync.Mutex
	values map[string]string
}

// NewFaults sets every switch of the table to its first choice.
func NewFaults(table []Fault, log *Log) *Faults {
	s := &Faults{table: table, log: log, values: make(map[string]string, len(table))}
	for _, f := range table {
		s.values[f.Name] = f.Choices[0]
	}
	return s
}

// Get returns a setting, or the fault that the next message will meet.
func (s *Faults) Get(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimPrefix(s.values[name], Always)
}

// Take returns the fault of a message and uses it up, unless it is to stay.
func (s *Faults) Take(name string) string {
	f, err := FaultNamed(s.table, name)
	if err != nil {
		return ""
	}
	s.mu.Lock()
	value := s.values[name]
	bare, sticks := strings.CutPrefix(value, Always)
	used := !sticks && value != f.Choices[0]
	if used {
		s.values[name] = f.Choices[0]
	}
	s.mu.Unlock()
	if used {
		s.log.Note(f.Label + ": " + value)
	}
	return bare
}

// Check tells whether a switch can be set so. Unknown names and values are errors.
func (s *Faults) Check(name, value string) error {
	f, err := FaultNamed(s.table, name)
	if err != nil {
		return err
	}
	return f.accepts(value)
}

// Set sets a switch from outside and notes it, after Check.
func (s *Faults) Set(name, value string) error {
	if err := s.Check(name, value); err != nil {
		return err
	}
	s.Put(name, value)
	s.log.Note("Switch " + name + " set to " + value)
	return nil
}

// Put sets a switch from inside the terminal, which says itself what happened.
func (s *Faults) Put(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name] = value
}

// Shown are the switches as the page shows them.
func (s *Faults) Shown() []pinpad.Switch {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]pinpad.Switch, 0, len(s.table))
	for _, f := range s.table {
		one := pinpad.Switch{Name: f.Name, Label: f.Label, Value: s.values[f.Name], Choices: slices.Clone(f.Choices), Help: f.Help}
		if !slices.Contains(one.Choices, one.Value) {
			one.Choices = append(one.Choices, one.Value)
		}
		list = append(list, one)
	}
	return list
}
