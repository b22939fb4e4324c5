package nexo

import (
	"context"
	"encoding/xml"
	"fmt"
	"strconv"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// referenceTo names the request of an attempt.
func (t *Terminal) referenceTo(r payment.Request) *messageReference {
	category := "Payment"
	if r.Kind == payment.Void {
		category = "Reversal"
	}
	return &messageReference{Category: category, ServiceID: serial(r.Attempt.Serial), SaleID: t.settings.saleID, POIID: t.settings.poiID}
}

// service makes the envelope of a request with its ServiceID.
func (t *Terminal) service(category string, id int64) *message {
	return &message{XMLName: xml.Name{Local: rootRequest}, Header: &header{
		ProtocolVersion: protocolVersion, Class: "Service", Category: category, Type: "Request",
		ServiceID: serial(id), SaleID: t.settings.saleID, POIID: t.settings.poiID,
	}}
}

// next is service with a new id.
func (t *Terminal) next(ctx context.Context, category string) (*message, error) {
	id, err := t.deps.Serial(ctx)
	if err != nil {
		return nil, &payment.Error{Code: payment.CodeJournal, Sent: payment.SentNo,
			Text: "The journal gave no number for a message to the terminal, so it was not sent. No payment is affected by this.",
			Err:  fmt.Errorf("next id for %s: %w", category, err)}
	}
	return t.service(category, id), nil
}

// serial prints a ServiceID (nexo-retailer.md 4.3).
func serial(id int64) string { return strconv.FormatInt(id, 10) }

// exchange posts a request and reads its answer, which must carry our ids.
func (t *Terminal) exchange(ctx context.Context, m *message, money bool, written func(), to payment.Reporter) (*message, error) {
	raw, err := t.send(ctx, m, money, written, to)
	if err != nil {
		return nil, err
	}
	got, err := raw.read(money)
	if err != nil {
		return nil, err
	}
	h := got.Header
	switch {
	case h.ServiceID != "" && h.ServiceID != m.Header.ServiceID:
		err = fmt.Errorf("answer with ServiceID %q to %s", short(h.ServiceID), m.Header.ServiceID)
	case h.POIID != "" && h.POIID != m.Header.POIID:
		err = fmt.Errorf("answer of POIID %q, asked was %s", short(h.POIID), m.Header.POIID)
	case h.Category != m.Header.Category || h.Type != "Response":
		err = fmt.Errorf("answer is %s to %s", short(got.name()), m.name())
	default:
		return got, nil
	}
	return nil, fault(payment.CodeForeign, payment.SentMaybe, money, err)
}

// send posts a message and keeps both directions in the timeline.
func (t *Terminal) send(ctx context.Context, m *message, money bool, written func(), to payment.Reporter) (reply, error) {
	raw, err := m.encode()
	if err != nil {
		return reply{}, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: err}
	}
	begun := t.now()
	t.told(to, payment.Message{Name: m.name(), ID: m.Header.ServiceID, At: begun.UTC()}, raw)
	got, err := t.client.post(ctx, raw, money, written)
	back := payment.Message{In: true, Name: m.Header.Category + "Response", ID: m.Header.ServiceID, Status: got.status, Took: t.now().Sub(begun)}
	if err != nil {
		back.Fault = err.Error()
	}
	t.told(to, back, got.body)
	return got, err
}
