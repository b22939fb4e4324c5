package pockyt

import "time"

// queryLocked tells how an order stands (pockyt.md 5.4), or a refund by its own number.
func (c *Cloud) queryLocked(x *exchange) answer {
	if c.takenByQueryLocked() {
		return refusals["not-found"]
	}
	if c.faults.Get("query.refunds") == "found" {
		if a, found := c.queryRefundLocked(x); found {
			return a
		}
	}
	o, a, refused := c.findLocked(x)
	if refused {
		return a
	}
	if o.Status == statusSuccess {
		x.paid = o.No
	}
	result := map[string]any{"transactionNo": o.No, "reference": o.Reference, "amount": decimal(o.Minor, o.Currency), "status": o.Status,
		"currency": o.Currency, "settleCurrency": o.Settle, "transactionType": "payment"}
	if o.Vendor != "" {
		result["vendor"] = o.Vendor
	}
	if list := o.refundInfo(time.Now()); len(list) > 0 {
		result["refundInfo"] = list
		if c.faults.Get("query.refund-info") == "object" {
			result["refundInfo"] = list[len(list)-1]
		}
	}
	return done("query success", result)
}

// takenByQueryLocked lets the next query miss what there is.
func (c *Cloud) takenByQueryLocked() bool {
	missed := c.faults.Get("query.answer") == "not-found"
	if missed {
		c.faults.Take("query.answer")
		c.log.Note("The query finds nothing")
	}
	return missed
}

// refundInfo lists what went back. A refund that failed is no money and is not
// listed; one that is on its way is.
func (o *order) refundInfo(now time.Time) []map[string]any {
	var list []map[string]any
	for _, r := range o.Refunds {
		if r.Status != statusSuccess && r.shown(now) != statusPending {
			continue
		}
		list = append(list, map[string]any{"refundTransactionId": r.No, "refundReference": r.Reference, "refundAmount": decimal(r.Minor, o.Currency),
			"refundRmbAmount": nil, "currency": o.Currency, "settleCurrency": o.Settle, "status": r.shown(now)})
	}
	return list
}

// queryRefundLocked finds a refund by its number or by the till's refundReference.
func (c *Cloud) queryRefundLocked(x *exchange) (answer, bool) {
	no, reference := x.f["transactionNo"], x.f["reference"]
	if no != "" && reference != "" {
		return answer{}, false
	}
	o := c.ledger.index[codeOfBack+no]
	if no == "" {
		o = c.ledger.index[codeOfBackR+reference]
	}
	if o == nil {
		return answer{}, false
	}
	for _, r := range o.Refunds {
		if no != "" && r.No == no || no == "" && r.Reference == reference {
			return done("query success", map[string]any{"transactionNo": r.No, "reference": r.Reference, "amount": decimal(r.Minor, o.Currency),
				"status": r.shown(time.Now()), "currency": o.Currency, "settleCurrency": o.Settle, "transactionType": "refund"}), true
		}
	}
	return answer{}, false
}
