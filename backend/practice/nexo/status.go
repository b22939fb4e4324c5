package nexo

// status repeats what the terminal answered before (nexo-retailer.md 12).
func (t *Terminal) status(x *exchange) {
	t.mu.Lock()
	if refusal := t.admitSessionLocked(x); refusal != nil {
		t.mu.Unlock()
		t.answer(x, refusal)
		return
	}
	reference := x.body.child("MessageReference")
	running := t.running
	open := running != nil && (reference == nil && running.header.get("SaleID") == x.header.get("SaleID") ||
		reference != nil && refersTo(reference, running.header))
	fault := t.faults.Get("status.answer")
	notFound := t.faults.Get("status.notfound")
	t.mu.Unlock()

	switch fault {
	case "busy", "in-progress", "not-found":
		t.faults.Take("status.answer")
		condition := map[string]string{"busy": "Busy", "in-progress": "InProgress", "not-found": "NotFound"}[fault]
		t.answer(x, failure(x.envelope, condition, "As switched"))
		return
	}
	if open {
		t.answer(x, failure(x.envelope, "Busy", "Transaction not completed"))
		return
	}
	rec, ok := t.ledger.Newest(func(r *record) bool {
		return r.POIID == t.opts.POIID && (reference == nil && r.SaleID == x.header.get("SaleID") || reference != nil && refersTo(reference, r.header()))
	})
	if !ok && notFound == "last" {
		rec, ok = t.ledger.Newest(func(*record) bool { return true })
	}
	if !ok {
		if notFound == "last" {
			notFound = "NotFound"
		}
		t.answer(x, failure(x.envelope, notFound, "Transaction not found"))
		return
	}
	t.answer(x, t.repeated(x.envelope, rec))
}

// header is the header of the request that the record answers.
func (r *record) header() *node {
	return el("MessageHeader", attr{"MessageClass", "Service"}, attr{"MessageCategory", r.Category}, attr{"MessageType", "Request"},
		attr{"ServiceID", r.ServiceID}, attr{"SaleID", r.SaleID}, attr{"POIID", r.POIID})
}

func (t *Terminal) repeated(e *envelope, rec record) *node {
	body, err := parse([]byte(rec.Answer))
	if err != nil {
		t.log.Note("A stored answer is unreadable: " + err.Error())
		return failure(e, "DeviceOut", "The stored answer is unreadable")
	}
	header := rec.header()
	header.set("MessageType", "Response")
	return el("TransactionStatusResponse", el("Response", attr{"Result", "Success"}), el("RepeatedMessageResponse", header, body))
}
