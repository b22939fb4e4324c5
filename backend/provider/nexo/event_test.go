package nexo

import (
	"net/http"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func event(attrs, inner string) string {
	return `<SaleToPOIRequest><MessageHeader MessageClass="Event" MessageCategory="Event" MessageType="Notification" ServiceID="20" SaleID="TILL1" POIID="KASSA-01"/><EventNotification TimeStamp="2026-04-12T12:00:00.100+02:00" ` + attrs + `>` + inner + `</EventNotification></SaleToPOIRequest>`
}

// TestSeq74Events: shown or noted, and always 204.
func TestSeq74Events(t *testing.T) {
	h := paying(t)
	send := func(attrs, inner string) {
		t.Helper()
		if status, body := h.post(t, event(attrs, inner)); status != http.StatusNoContent || body != "" {
			t.Errorf("%s: %d %s", attrs, status, body)
		}
	}
	send(`EventToNotify="CardInserted"`, "")
	if p := h.op.lastPrompt(); p.Code != payment.PromptCardIn {
		t.Errorf("%+v", p)
	}
	send(`EventToNotify="CardRemoved"`, "")
	if p := h.op.lastPrompt(); p.Code != payment.PromptCardOut {
		t.Errorf("%+v", p)
	}
	send(`EventToNotify="SaleAdmin" MaintenanceRequiredFlag="true"`, "<EventDetails>Maintenance Required</EventDetails>")
	send(`EventToNotify="SecurityAlarm"`, "")
	send(`EventToNotify="xy:New"`, "")
	send(``, "")
	send(`EventToNotify="Completed"`, "")
	send(`EventToNotify="Reject"`, "<EventDetails>Unknown element in request</EventDetails><RejectedMessage>PFNhbGVUb1BPSVJlcXVlc3QvPg==</RejectedMessage>")
	for _, text := range []string{"update waits", "security alarm", "xy:New", "without a name"} {
		if !h.session.noted(text) {
			t.Errorf("no note of %q: %+v", text, h.session.notes)
		}
	}
	for _, text := range []string{"too late", "Unknown element in request"} {
		if !h.op.noted(text) {
			t.Errorf("no note of %q: %+v", text, h.op.notes)
		}
	}
	if len(h.op.sent("EventNotification")) != 8 {
		t.Errorf("timeline %+v", h.op.messages)
	}
}

func transmit(destination, message string) string {
	return `<SaleToPOIRequest><MessageHeader MessageClass="Device" MessageCategory="Transmit" MessageType="Request" SaleID="" POIID="KASSA-01"/><TransmitRequest DestinationAddress="` + destination + `" MaximumTransmitTime="30"><Message>` + message + `</Message></TransmitRequest></SaleToPOIRequest>`
}

// TestSeq77And78Configuration: the terminal's word about its address is a proposal;
// no form of it ever changes anything.
func TestSeq77And78Configuration(t *testing.T) {
	vector := "ewogICAgInNhbGVUZXJtaW5hbGNvbmZpZ3VyYXRpb24iOiB7CiAgICAgICAgIm1lc3NhZ2VWZXJzaW9uIjogIjEuMC4wIiwKICAgICAgICAiaXBFbmRQb2ludCI6IHsKICAgICAgICAgICAgImlwVjRBZGRyZXNzIjogIjE5Mi4xNjguNzguMTUiLAogICAgICAgICAgICAiaXBQb3J0IjogIjExMDAwIgogICAgICAgIH0KICAgIH0KfQ=="
	cases := map[string]struct{ address, body, note string }{
		"the guide's vector": {"127.0.0.1:9", transmit(configurationMarker, vector), "192.168.78.15:11000"},
		"the example":        {"127.0.0.1:9", golden(t, "in-transmit"), "192.0.2.15:11000"},
		"from a new address": {"192.0.2.99:11000", golden(t, "in-transmit"), "192.0.2.15:11000"},
		"bad Base64":         {"127.0.0.1:9", transmit(configurationMarker, "%%%"), "cannot be read"},
		"not JSON":           {"127.0.0.1:9", transmit(configurationMarker, packed("hello")), "cannot be read"},
		"no address":         {"127.0.0.1:9", transmit(configurationMarker, packed(`{"saleTerminalconfiguration":{"ipEndPoint":{"ipPort":"1"}}}`)), "cannot be read"},
		"other destination":  {"127.0.0.1:9", transmit("192.0.2.7:80", vector), "ignored"},
		"other POIID":        {"127.0.0.1:9", strings.Replace(golden(t, "in-transmit"), "KASSA-01", "KASSA-02", 1), "no terminal here"},
	}
	for name, c := range cases {
		h := open(t, c.address, nil)
		h.inbound.Store(h.op)
		url := h.client.url
		for range 3 {
			if status, body := h.post(t, c.body); status != http.StatusNoContent || body != "" {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
		if !h.session.noted(c.note) || len(h.session.notes) != 2 { // the first tells the listener
			t.Errorf("%s: notes %+v", name, h.session.notes)
		}
		if h.client.url != url || h.op.everything() != newBook().everything() {
			t.Errorf("%s: the payment heard %s", name, h.op.everything())
		}
	}
}
