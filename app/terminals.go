package app

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/secret"
)

// secretName is under what a terminal's secret setting is kept.
func secretName(terminal, key string) string { return "terminal " + terminal + ": " + key }

// PutTerminal stores a terminal: its secret settings in the secret store, the others
// in the journal. Those of an earlier terminal of the name that are not given are
// forgotten.
func PutTerminal(ctx context.Context, j *journal.Journal, secrets *secret.Store, info payment.Info, t journal.Terminal) error {
	open := maps.Clone(t.Settings)
	for _, s := range info.Settings {
		if !s.Secret {
			continue
		}
		delete(open, s.Key)
		value := t.Settings[s.Key]
		var err error
		if value == "" {
			err = dropSecret(secrets, t.Name, s.Key)
		} else {
			err = secrets.Set(secretName(t.Name, s.Key), []byte(value))
		}
		if err != nil {
			return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
				Text: fmt.Sprintf("The secret setting %q could not be kept, so the terminal was not stored. See `paydesk doctor` for where secrets are kept.", s.Key)}
		}
	}
	t.Settings = open
	return j.PutTerminal(ctx, t)
}

// dropSecret forgets a secret that may not be there. Where no secret was ever kept,
// nothing is opened.
func dropSecret(secrets *secret.Store, terminal, key string) error {
	_, err := secrets.Get(secretName(terminal, key))
	if errors.Is(err, secret.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return secrets.Delete(secretName(terminal, key))
}

// WithSecrets gives a terminal's settings with its secrets in them, for the provider.
// The secret store is asked only where the provider has secret settings.
func WithSecrets(secrets *secret.Store, info payment.Info, t journal.Terminal) (payment.Settings, error) {
	all := payment.Settings{}
	maps.Copy(all, t.Settings)
	for _, s := range info.Settings {
		if !s.Secret {
			continue
		}
		value, err := secrets.Get(secretName(t.Name, s.Key))
		switch {
		case err == nil:
			all[s.Key] = string(value)
		case errors.Is(err, secret.ErrNotFound): // the provider says whether it needs it
		default:
			return nil, &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
				Text: fmt.Sprintf("The setting %q of terminal %s is a secret that cannot be opened, so the terminal cannot be used. Unlock the keychain or set PAYDESK_KEY as it was, or give the setting again with `paydesk terminal add`.", s.Key, t.Name)}
		}
	}
	return all, nil
}

// RemoveTerminal forgets a terminal and its secrets.
func RemoveTerminal(ctx context.Context, j *journal.Journal, secrets *secret.Store, info payment.Info, name string) error {
	if err := j.RemoveTerminal(ctx, name); err != nil {
		return err
	}
	for _, s := range info.Settings {
		if !s.Secret {
			continue
		}
		if err := dropSecret(secrets, name, s.Key); err != nil {
			return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err,
				Text: fmt.Sprintf("The terminal is removed, but its secret setting %q is still in the secret store. Remove it in the system's keychain.", s.Key)}
		}
	}
	return nil
}
