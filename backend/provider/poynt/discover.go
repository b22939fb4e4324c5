package poynt

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// profileAgain is how often the terminal is asked to look after its connection
// (poynt.md 6.1).
const profileAgain = 24 * time.Hour

// pingLimit ends a ping: a sale waits for one that is under way.
const pingLimit = 10 * time.Second

// business is what discovery reads (poynt.md 5).
type business struct {
	Name   text `json:"doingBusinessAs"`
	Legal  text `json:"legalName"`
	Stores []struct {
		ID       text     `json:"id"`
		Name     text     `json:"displayName"`
		Currency text     `json:"currency"`
		Devices  []device `json:"storeDevices"`
	} `json:"stores"`
}

type device struct {
	ID     text `json:"deviceId"`
	Serial text `json:"serialNumber"`
	Name   text `json:"name"`
	Type   text `json:"type"`
	Status text `json:"status"`
}

// bar says why a device cannot take payments; empty: it can.
func (d device) bar() string {
	switch {
	case d.Type != "" && d.Type != "TERMINAL":
		return "it is no payment terminal (" + cut(string(d.Type)) + ")"
	case d.Status != "ACTIVATED":
		return "it is not activated (" + cut(or(string(d.Status), "no status")) + ")"
	}
	return ""
}

// Discover lists the terminals of the business that the settings name. It needs
// base-url, app-id, private-key and business-id.
func (p *Provider) Discover(ctx context.Context, given payment.Settings, deps payment.Deps) ([]payment.Found, error) {
	value, err := values(given, false)
	if err != nil {
		return nil, err
	}
	s, err := account(value)
	if err != nil {
		return nil, err
	}
	if deps.Session == nil {
		return nil, badRequest(payment.CodeInternal, "nobody takes the messages of the search")
	}
	b, err := newClient("", s, deps).business(ctx, s.business, deps.Session)
	if err != nil {
		return nil, err
	}
	var list []payment.Found
	for _, store := range b.Stores {
		for _, d := range store.Devices {
			f := payment.Found{Bar: d.bar(), Settings: payment.Settings{"store-id": string(store.ID), "device-id": string(d.ID)},
				Title: redact.Text(cut(fmt.Sprintf("%s, %s: %s (%s)", or(string(b.Name), string(b.Legal)), store.Name, or(string(d.Name), "no name"), or(string(d.Serial), "no serial number"))))}
			if slices.Contains(currencies, string(store.Currency)) {
				f.Settings["currency"] = string(store.Currency)
			}
			list = append(list, f)
		}
	}
	return list, nil
}

// business asks for a business with its stores and terminals.
func (c *client) business(ctx context.Context, id string, to payment.Reporter) (business, error) {
	var b business
	got, err := c.call(ctx, readLimit, exchange{name: "Business", method: http.MethodGet, id: c.wire.newID(),
		path: "/businesses/" + id + "?storeDevices=true", keep: devices}, to)
	switch {
	case err != nil:
		return b, err
	case got.refused():
		return b, refusal(got)
	case !got.ok():
		return b, linkFault(payment.SentNo, fmt.Errorf("HTTP status %d: %s", got.status, got.fault))
	}
	if err := json.Unmarshal(got.body, &b); err != nil {
		return b, &payment.Error{Code: payment.CodeUnreadable, Sent: payment.SentNo, Err: fmt.Errorf("business: %w", err),
			Text: "Poynt's answer about the business cannot be read. " + moneyNot}
	}
	return b, nil
}

// devices is what the timeline keeps of a business: which terminals there are.
func devices(body []byte) string {
	var b business
	if err := json.Unmarshal(body, &b); err != nil {
		return record(body)
	}
	var list []string
	for _, store := range b.Stores {
		for _, d := range store.Devices {
			list = append(list, string(d.ID)+" "+string(d.Status))
		}
	}
	return redact.Text(strings.Join(list, "\n"))
}

// Ping proves that Poynt's cloud knows the app, the business and the terminal, and,
// once a day, that it takes messages for it. Whether the terminal is switched on,
// nothing tells (poynt.md 7.3).
func (t *Terminal) Ping(ctx context.Context, to payment.Reporter) error {
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	b, err := t.client.business(ctx, t.settings.business, to)
	if err != nil {
		return err
	}
	if err := t.listed(b); err != nil {
		return err
	}
	t.mu.Lock()
	due := time.Since(t.profiled) >= profileAgain
	t.mu.Unlock()
	if !due {
		return nil
	}
	if err := t.command(ctx, "ProfileMessage", actionProfile, "profile", profileTTL, to); err != nil {
		return err
	}
	t.mu.Lock()
	t.profiled = time.Now()
	t.mu.Unlock()
	return nil
}

// listed tells whether the terminal is one of the store's. An answer without any
// terminals says nothing (poynt.md 5).
func (t *Terminal) listed(b business) error {
	told := false
	for _, store := range b.Stores {
		for _, d := range store.Devices {
			told = true
			if !strings.EqualFold(string(d.ID), t.settings.device) {
				continue
			}
			if why := d.bar(); why != "" {
				return badSetting("device-id", "Poynt says of this terminal: "+why+".")
			}
			if !strings.EqualFold(string(store.ID), t.settings.store) {
				return badSetting("store-id", "the terminal belongs to the store "+cut(string(store.ID))+".")
			}
			return nil
		}
	}
	if told {
		return badSetting("device-id", "Poynt does not list this terminal for the business. Have Paydesk list the terminals and choose one.")
	}
	return nil
}
