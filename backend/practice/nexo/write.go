package nexo

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// message wraps a body with the header of the message it answers. Only Login and
// TransactionStatus carry the protocol version in their answers (nexo-retailer.md 4.2).
func message(request *node, category string, body *node) *node {
	header := el("MessageHeader")
	if category == "Login" || category == "TransactionStatus" {
		header.set("ProtocolVersion", "3.1")
	}
	header.set("MessageClass", request.get("MessageClass"))
	header.set("MessageCategory", category)
	header.set("MessageType", "Response")
	for _, name := range []string{"ServiceID", "DeviceID", "SaleID", "POIID"} {
		if value, present := request.lookup(name); present {
			header.set(name, value)
		}
	}
	return el("SaleToPOIResponse", header, body)
}

// failure refuses a request. A payment's refusal repeats the till's transaction id (nexo-retailer.md 7.4).
func failure(e *envelope, condition, text string) *node {
	response := el("Response", attr{"Result", "Failure"}, attr{"ErrorCondition", condition}, el("AdditionalResponse", text))
	category := e.category()
	switch category {
	case "Payment":
		sale := e.body.at("SaleData/SaleTransactionID")
		if sale == nil {
			return el("PaymentResponse", response)
		}
		return el("PaymentResponse", response, el("SaleData", sale.clone()))
	case "Print":
		return el("PrintResponse", attr{"DocumentQualifier", e.body.child("PrintOutput").get("DocumentQualifier")}, response)
	}
	return el(category+"Response", response)
}

// How long a delayed or slow answer takes, at pace 1, and at least.
const (
	delayTakes  = 2 * time.Second
	slowTakes   = 8 * time.Second
	slowPieces  = 64
	shortestLag = time.Millisecond
)

// answer sends a response, with whatever is to go wrong on its way.
func (t *Terminal) answer(x *exchange, body *node) {
	doc := message(x.header, x.category(), body)
	fault := "ok"
	if name := x.faultName(); name != "" {
		fault = t.faults.Take(name + ".answer")
	}
	t.mu.Lock()
	if t.deadLocked() {
		t.mu.Unlock()
		bench.Cut()
	}
	t.documents++
	single := t.documents%2 == 0
	t.mu.Unlock()
	if fault != "ok" {
		t.log.Note(x.category() + " answer: " + fault)
	}
	doc = falsify(doc, fault)
	raw := doc.document(single)
	switch fault {
	case "lose":
		bench.Cut()
	case "delay":
		t.lag(x, delayTakes)
	case "duplicate":
		raw = append(raw, raw...)
	case "garbage":
		raw = []byte("<html><body>It works!</body></html>")
	case "empty-200":
		raw = nil
	case "status-204":
		x.w.WriteHeader(http.StatusNoContent)
		return
	case "status-500":
		http.Error(x.w, "internal error", http.StatusInternalServerError)
		return
	case "redirect":
		http.Redirect(x.w, x.r, "/elsewhere", http.StatusFound)
		return
	}
	x.w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	switch fault {
	case "truncate":
		t.write(x, raw[:len(raw)/2])
		bench.Cut()
	case "slow":
		t.writeSlowly(x, raw)
	default:
		t.write(x, raw)
	}
}

// falsify changes single values of an answer.
func falsify(doc *node, fault string) *node {
	doc = doc.clone()
	body := doc.kids[1]
	switch fault {
	case "wrong-id":
		doc.child("MessageHeader").set("ServiceID", "999999")
	case "wrong-reference":
		sale := body.at("SaleData/SaleTransactionID")
		if sale == nil {
			sale = body.at("RepeatedMessageResponse/PaymentResponse/SaleData/SaleTransactionID")
		}
		if sale == nil {
			sale = body.at("POIData/POITransactionID")
		}
		if sale != nil {
			sale.set("TransactionID", "19990101000001001")
		}
	case "unknown-result":
		body.child("Response").set("Result", "xy:Postponed")
	case "partial":
		body.child("Response").set("Result", "Partial")
	case "no-condition":
		body.child("Response").unset("ErrorCondition")
	case "other-currency":
		if amounts := body.at("PaymentResult/AmountsResp"); amounts != nil {
			amounts.set("Currency", "NOK")
		}
	}
	return doc
}

func (t *Terminal) write(x *exchange, raw []byte) {
	if _, err := x.w.Write(raw); err != nil {
		t.log.Note("The till did not take the answer to " + x.category())
		return
	}
	if f, ok := x.w.(http.Flusher); ok {
		f.Flush()
	}
}

func (t *Terminal) writeSlowly(x *exchange, raw []byte) {
	size := max(1, len(raw)/slowPieces)
	for piece := range slices.Chunk(raw, size) {
		t.write(x, piece)
		t.lag(x, slowTakes/slowPieces)
	}
}

// lag waits at the terminal's pace, or until nobody listens any more.
func (t *Terminal) lag(x *exchange, d time.Duration) {
	timer := time.NewTimer(max(t.scaled(d), shortestLag))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.r.Context().Done():
	case <-t.life.Ctx.Done():
		bench.Cut()
	}
}

// terminalTime is a time as the terminal writes it: UTC with two or three
// fraction digits (nexo-retailer.md 4.4).
func terminalTime(at time.Time) string {
	at = at.UTC()
	if at.Nanosecond()/int(time.Millisecond)%10 == 0 {
		return at.Format("2006-01-02T15:04:05.00Z")
	}
	return at.Format("2006-01-02T15:04:05.000Z")
}

// eventTime is local with its offset (nexo-retailer.md 10.5).
func eventTime(at time.Time) string { return at.Local().Format("2006-01-02T15:04:05.000-07:00") }

// parseAmount reads a decimal amount into minor units. All currencies of the
// terminal have two decimals.
func parseAmount(text string) (int64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 2 {
		return 0, fmt.Errorf("amount %q has more than two decimals", bench.Shorten(text))
	}
	digits := whole + fraction + strings.Repeat("0", 2-len(fraction))
	minor, err := strconv.ParseUint(digits, 10, 62)
	if err != nil {
		return 0, fmt.Errorf("amount %q is not a number", bench.Shorten(text))
	}
	return int64(minor), nil
}

// formatAmount writes minor units with a separator and two decimals.
func formatAmount(minor int64, separator string) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d%s%02d", sign, minor/100, separator, minor%100)
}

// trimmedAmount writes minor units without trailing zeros (nexo-retailer.md 21.3).
func trimmedAmount(minor int64) string {
	text := formatAmount(minor, ".")
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
