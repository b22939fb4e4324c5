package secret

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// TestAKeychainThatWaitsIsGivenUp, once and for all: it may ask a person to unlock it.
func TestAKeychainThatWaitsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		person := make(chan struct{})
		k := &keychain{asked: true}
		_, err := k.call(func() (string, error) {
			<-person
			return "", nil
		})
		if !errors.Is(err, errNoKeychain) || k.there() || !strings.Contains(k.why(), "locked") {
			t.Errorf("%v; there: %v, %s", err, k.there(), k.why())
		}
		close(person)
	})
}
