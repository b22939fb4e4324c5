package simulate

// mutations are what a till could do wrong, most of them seen in the field.
var mutations = []mutation{
	{
		name: "commit after send", breaks: "what was sent is known after a power cut", by: bySeeds, within: 20, expects: []string{notPaidIsNotCharged, nothingUnknown, nothingLost}, quick: true,
		edits: []edit{
			{"engine/talk.go", "	op, fresh, err := t.w.e.journal.Create(ctx, t.op, event)\n", "	op, fresh, err := t.w.e.journal.Create(ctx, t.op)\n	if err == nil && fresh {\n		_, _ = op.Apply(event)\n		t.unsaved = &event\n	}\n"},
			{"engine/talk.go", "	// Owned by the goroutine of run.\n", "	unsaved *payment.Event\n	// Owned by the goroutine of run.\n"},
			{"engine/attempt.go", "			result, err = t.carryOut(request)\n", "			result, err = t.carryOut(request)\n			if t.unsaved != nil {\n				_, _, _ = t.w.e.journal.Append(t.ctx, t.id, *t.unsaved)\n			}\n"},
		},
	},
	{
		name: "a time-out is taken for failure", breaks: "silence is not failure", by: bySeeds, within: 20, expects: []string{notPaidIsNotCharged}, quick: true,
		edits: []edit{{"engine/attempt.go", "case payment.SentOf(a.err) != payment.SentNo:", "case payment.SentOf(a.err) != payment.SentNo && false:"}},
	},
	{
		name: "a status answer is not matched", breaks: "the answer about another payment decides nothing", by: bySeeds, within: 40, expects: []string{approvedIsBooked, notPaidIsNotCharged, oneCharge}, quick: true,
		edits: []edit{{"provider/nexo/lookup.go", "a.ours(r, id); !ok {", "a.ours(r, id); !ok && false {"}},
	},
	{
		name: "a restart is taken for failure", breaks: "what was under way is asked about after a restart", by: bySeeds, within: 150, expects: []string{notPaidIsNotCharged}, quick: true,
		edits: []edit{{"engine/recover.go", `t.doubt(payment.ReasonRestart, "Paydesk was stopped while this was under way.")`, "t.conclude(payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonRestart})"}},
	},
	{
		name: "pending is taken for not found", breaks: "what still runs has not failed", by: bySeeds, within: 150, expects: []string{notPaidIsNotCharged, protocolKept}, quick: true,
		edits: []edit{{"provider/nexo/lookup.go", `return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: reasonText(r, "", nil)}, nil`, "return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonBusy}, nil"}},
	},
	{
		name: "an abort is believed", breaks: "an abort is a request", by: bySeeds, within: 150, expects: []string{notPaidIsNotCharged, nothingLost}, quick: true,
		edits: []edit{{"engine/abort.go", `if err := t.w.aborter.Abort(ctx, request, "Cancelled by cashier", t); err != nil {`, `err := t.w.aborter.Abort(ctx, request, "Cancelled by cashier", t)
		if err == nil {
			t.post(t.ctx, func() { t.conclude(payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCashier}) })
		}
		if err != nil {`}},
	},
	{
		name: "a late word is dropped", breaks: "late money is told", by: bySeeds, within: 150, expects: []string{notPaidIsNotCharged},
		edits: []edit{{"engine/watch.go", "t.conclude(r) // late", "// late"}},
	},
	{
		name: "the amount asked for is booked", breaks: "approved with the real amount", by: bySeeds, within: 150, expects: []string{approvedIsBooked},
		edits: []edit{{"payment/apply.go", "o.Authorised, o.Tip, o.Cashback, o.TipOpen = r.Authorised,", "o.Authorised, o.Tip, o.Cashback, o.TipOpen = o.Total().Minor,"}},
	},
	{
		name: "a refund has no bound", breaks: "never more is given back than was paid", by: bySeeds, within: 150, expects: []string{refundsWithin}, quick: true,
		edits: []edit{{"engine/start.go", "	if left <= 0 {", "	if left <= 0 && false {"}, {"engine/start.go", "	if s.Amount > left {", "	if s.Amount > op.Authorised {"}},
	},
	{
		name: "a typed text is not redacted", breaks: "no card number in the journal", by: bySeeds, within: 20, expects: []string{noCardNumber}, quick: true,
		edits: []edit{{"engine/start.go", "s.Reference, s.Operator, s.Why = redact.Text(s.Reference), redact.Text(s.Operator), redact.Text(s.Why)", "s.Operator = redact.Text(s.Operator)"}},
	},
	{
		name: "a wallet's code is kept", breaks: "no code in the journal that can be charged", by: bySeedsOf("pockyt"), within: 20, expects: []string{noCardNumber}, quick: true,
		edits: []edit{{"provider/pockyt/call.go", `var hidden = []string{"paymentBarcode", signatureKey}`, "var hidden = []string{signatureKey}"}, {"provider/pockyt/call.go", "return record(t.withoutCodes(body)) }", "return record(body) }"}},
	},
	{
		name: "a form key is ignored", breaks: "a form makes one operation", by: bySeeds, within: 20, expects: []string{oneFormOneOperation}, quick: true,
		edits: []edit{
			{"engine/start.go", "e.journal.ByFormKey(ctx, s.FormKey); err != nil || found {", "e.journal.ByFormKey(ctx, s.FormKey); err != nil || found && false {"},
			{"engine/worker.go", `if op.FormKey != "" && open.FormKey == op.FormKey {`, `if op.FormKey != "" && open.FormKey == op.FormKey && false {`},
			{"journal/batch.go", "	if key == \"\" {\n		return payment.Operation{}, false, nil", "	if key == \"\" || true {\n		return payment.Operation{}, false, nil"},
			{"journal/migrations/00001_first.sql", "    form_key           TEXT    UNIQUE,", "    form_key           TEXT,"},
		},
	},
	{
		name: "the journal answers before it commits", breaks: "what was promised is on the disk", by: byTest("backend/journal", "TestKilled"), within: 1, expects: []string{"TestKilled"},
		edits: []edit{
			{"journal/batch.go", "	\"fmt\"\n", "	\"fmt\"\n	\"time\"\n"},
			{"journal/batch.go", "	err := w.write(&b)\n", "	for i, r := range requests {\n		if !r.note && answers[i].err == nil {\n			r.done <- answers[i]\n			r.note = true\n		}\n	}\n	time.Sleep(5 * time.Millisecond)\n	err := w.write(&b)\n"},
		},
	},
	{
		name: "an abort during the question", breaks: "no abort while the terminal asks", by: byModel, within: 3, expects: []string{"what cannot be is refused"},
		edits: []edit{
			{"payment/state.go", "		OnAbort: refuse, OnDoubt: to(InDoubt),\n", "		OnAbort: stay, OnDoubt: to(InDoubt),\n"},
			{"engine/abort.go", "case op.State == payment.AwaitingAnswer:", "case op.State == payment.AwaitingAnswer && false:"},
		},
	},
	{
		// No seed has the terminal answer with another payment's answer.
		name: "a foreign answer is accepted", breaks: "no message is applied to a foreign operation", by: byTest("backend/provider/nexo", "TestSeq72ForeignAnswers"), within: 1, expects: []string{"TestSeq72ForeignAnswers"},
		edits: []edit{
			{"provider/nexo/exchange.go", `case h.ServiceID != "" && h.ServiceID != m.Header.ServiceID:`, `case h.ServiceID != "" && h.ServiceID != m.Header.ServiceID && false:`},
			{"provider/nexo/terminal.go", "or(got.Header.ServiceID, m.Header.ServiceID)); !ok {", "or(got.Header.ServiceID, m.Header.ServiceID)); !ok && false {"},
		},
	},
	{
		name: "an unconfirmed refusal is believed", breaks: "a refusal without a reason is asked about", by: byModel, within: 2, expects: []string{"never not paid while the terminal has the money"}, quick: true,
		edits: []edit{{"engine/attempt.go", "if a.result.Confirm {", "if a.result.Confirm && false {"}},
	},
	{
		name: "a refused void is taken for success", breaks: "a refused signature is tracked to its proven end", by: byModel, within: 4, expects: []string{"never not paid while the terminal has the money"},
		edits: []edit{{"engine/signature.go", "	case payment.Declined, payment.Cancelled:\n		t.stays(voidRefused)", "	case payment.Declined, payment.Cancelled:\n		t.commit(fact{payment.EventResult, payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonSignature}})"}},
	},
	{
		name: "a lost request is sent again", breaks: "nothing that may have been carried out is repeated", by: byModel, within: 2, expects: []string{"no second attempt while one may have been carried out"}, quick: true,
		edits: []edit{{"engine/attempt.go", "	switch {\n	case payment.SentOf(a.err) != payment.SentNo:", "	switch {\n	case code == payment.CodeNoAnswer && t.busyTries == 0:\n		t.busyTries++\n		t.timers.set(clockBusy, t.w.clocks().BusyAgain)\n	case payment.SentOf(a.err) != payment.SentNo:"}},
	},
	{
		name: "a duplicate answer is applied", breaks: "what is known already changes nothing", by: byModel, within: 2, expects: []string{"an alarm where there is something to look at, and only there"},
		edits: []edit{{"payment/state.go", "		OnApproved: repeat, OnDeclined: argue,", "		OnApproved: late, OnDeclined: argue,"}},
	},
	{
		name: "doubt is never parked", breaks: "nobody is left without a next step", by: byModel, within: 1, expects: []string{"every operation ends in time, or is parked in doubt"},
		edits: []edit{{"engine/doubt.go", "if t.state() == payment.InDoubt && !t.snapshot().Doubt.Parked {", "if t.state() == payment.InDoubt && !t.snapshot().Doubt.Parked && false {"}},
	},
	{
		name: "a settled operation is signed in over", breaks: "a running payment is not disturbed", by: byModel, within: 4, expects: []string{"a running payment is not disturbed"},
		edits: []edit{{"engine/keep.go", "return !w.signedIn && w.watched == 0", "return !w.signedIn"}},
	},
	{
		name: "late money of a settled sale is dropped", breaks: "what a manager settled stays watched", by: byModel, within: 4,
		expects: []string{"never not paid while the terminal has the money", "an alarm where there is something to look at, and only there"},
		edits:   []edit{{"engine/watch.go", "if step.Verdict != payment.Repeat ||", "if op.Reason != payment.ReasonSettled && step.Verdict != payment.Repeat ||"}},
	},
	{
		name: "one not found proves that nothing was taken", breaks: "an order that is not found yet may be paid", by: bySeedsOf("iotpay"), within: 150, expects: []string{notPaidIsNotCharged},
		edits: []edit{{"provider/iotpay/sale.go", "	case told.Outcome == payment.NotFound && f.refused != nil && !f.refused.mayHave():\n		f.result, f.err = payment.Result{}, notTaken(*f.refused)", "	case told.Outcome == payment.NotFound:\n		f.result, f.err = payment.Result{}, notTaken(answer{})"}},
	},
	{
		name: "an order that is not finished is taken for declined", breaks: "whoever still pays has not been declined", by: bySeedsOf("iotpay"), within: 150, expects: []string{notPaidIsNotCharged},
		edits: []edit{{"provider/iotpay/verdict.go", "return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonNoAnswer, ReasonText: \"IOT Pay says that the order is not finished (status \" + status + \")\"}", "return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonIssuer}"}},
	},
	{
		// An answer that is not IOT Pay's and fits the order in everything is not played.
		name: "an answer's signature is not checked", breaks: "what is not signed is asked about", by: byTest("backend/provider/iotpay", "TestSeq30Confirmed"), within: 1, expects: []string{"TestSeq30Confirmed"},
		edits: []edit{{"provider/iotpay/sign.go", "func (p proof) good() bool { return p == proofA || p == proofB }", "func (p proof) good() bool { return true }"}},
	},
	{
		name: "an order is cancelled unasked", breaks: "a cancel of what is paid gives it all back", by: bySeedsOf("pockyt"), within: 150, expects: []string{protocolKept},
		edits: []edit{
			{"provider/pockyt/visit.go", "	got, err := v.t.query(ctx, v.number, v.r.Attempt.Reference, v.to)\n", "	if v.over() {\n		v.close(ctx)\n	}\n	got, err := v.t.query(ctx, v.number, v.r.Attempt.Reference, v.to)\n"},
			{"provider/pockyt/visit.go", "	if v.said || v.t.noticed(ctx, v.r.Attempt.Reference) {", "	if (v.said || v.t.noticed(ctx, v.r.Attempt.Reference)) && false {"},
		},
	},
	{
		name: "what a cancel gave back is taken for paid", breaks: "a cancel may meet the payment", by: bySeedsOf("pockyt"), within: 150, expects: []string{approvedIsBooked},
		edits: []edit{{"provider/pockyt/verdict.go", "case back >= charged:", "case back >= charged && false:"}},
	},
	{
		name: "what a wallet closed is forgotten", breaks: "closed may become paid", by: bySeedsOf("pockyt"), within: 150, expects: []string{notPaidIsNotCharged},
		edits: []edit{{"provider/pockyt/verdict.go", "References: found, Reopens: true}", "References: found}"}},
	},
}
