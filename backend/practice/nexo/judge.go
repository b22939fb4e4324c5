package nexo

import (
	"fmt"
	"net/http"
)

// judge compares the till's answer with what it owed.
func (t *Terminal) judge(o *outbound, status int, raw []byte) (*envelope, error) {
	if status == http.StatusNoContent && o.needs != needsResponse {
		return nil, nil
	}
	if status != http.StatusOK || o.needs == needsNothing {
		t.log.Violate(fmt.Sprintf("%s answered with status %d and %d bytes", o.kind, status, len(raw)))
		return nil, fmt.Errorf("answered with status %d", status)
	}
	reply, err := readReply(o.doc.child("MessageHeader"), raw)
	if err != nil {
		t.log.Violate(fmt.Sprintf("answer to %s: %v", o.kind, err))
		return nil, err
	}
	if o.needs == needsNothingUnlessFailed && reply.body.child("Response").get("Result") != "Failure" {
		t.log.Violate(o.kind + " needed no answer and got one")
	}
	return reply, nil
}

// readReply reads a response of the till and compares its ids (nexo-retailer.md 4.2).
func readReply(request *node, raw []byte) (*envelope, error) {
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	e, err := open(root, "SaleToPOIResponse")
	if err != nil {
		return nil, err
	}
	if e.header.get("MessageType") != "Response" {
		return nil, fmt.Errorf("MessageHeader/@MessageType is %q", e.header.get("MessageType"))
	}
	for _, name := range []string{"MessageClass", "MessageCategory", "ServiceID", "DeviceID", "SaleID", "POIID"} {
		if e.header.get(name) != request.get(name) {
			return nil, fmt.Errorf("MessageHeader/@%s is %q, asked was %q", name, e.header.get(name), request.get(name))
		}
	}
	return e, nil
}
