package nexo

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Limits of the signature question. The first is told to the till as MaxInputTime.
const (
	signatureLimit = 120 * time.Second
	printLimit     = 60 * time.Second
	hangUpAfter    = 200 * time.Millisecond
)

// confirmSignature books the authorised sale as pending, has the till print the
// merchant copy, and asks whether the signature is right (nexo-retailer.md 9.1).
// If the process ends before the answer, the sale is undone at the next start.
func (t *Terminal) confirmSignature(p *payment) outcome {
	pending := recordOf(p, signatureBad, t.paymentResponse(p, signatureBad))
	pending.Pending, pending.Booking.Charged, pending.Booking.Outcome = true, true, outcomeApproved
	if err := t.ledger.Book(pending); err != nil {
		t.log.Note(err.Error())
		return ledgerTrouble
	}
	p.pending = true
	t.mu.Lock()
	p.signing = true
	p.asked = &asked{kind: askSign}
	t.screen = screenOf(textSign, "payment")
	if t.customer != nil {
		t.signed = "well"
	}
	t.log.Changed()
	t.mu.Unlock()
	t.printSlip(p, approved)
	t.printAtTill(p)
	confirmed, answered := t.askTill(p)
	if !answered {
		confirmed = t.faults.Get("signature.unanswered") == "approve"
		t.log.Note("The signature question was not answered")
	}
	t.mu.Lock()
	p.signing = false
	t.mu.Unlock()
	if !confirmed {
		return signatureBad
	}
	return approved
}

// printAtTill sends the merchant copy and waits until the till has taken it.
func (t *Terminal) printAtTill(p *payment) {
	mode := "NotRequired"
	switch fault := t.faults.Get("print"); fault {
	case "immediate", "print-end":
		t.faults.Take("print")
		mode = map[string]string{"immediate": "Immediate", "print-end": "PrintEnd"}[fault]
	}
	body := el("PrintRequest", el("PrintOutput", attr{"DocumentQualifier", "CashierReceipt"}, attr{"ResponseMode", mode},
		attr{"RequiredSignatureFlag", "true"},
		el("OutputContent", attr{"OutputFormat", "Text"}, el("OutputText", t.receiptText(p, approved, true)))))
	o := t.outboundOf("print", p.session, p.header.get("ServiceID"), "Print", body)
	o.limit = printLimit
	o.needs = needsResponse
	if mode == "NotRequired" {
		o.needs = needsNothingUnlessFailed
	}
	t.send(p.ctx, o, printLimit)
}

// askTill asks the till's cashier; answered is false when no usable answer came.
func (t *Terminal) askTill(p *payment) (confirmed, answered bool) {
	body := el("InputRequest",
		el("DisplayOutput", attr{"Device", "CashierDisplay"}, attr{"InfoQualify", "Display"},
			el("OutputContent", attr{"OutputFormat", "Text"}, el("OutputText", "Is the signature OK?"))),
		el("InputData", attr{"Device", "CashierInput"}, attr{"InfoQualify", "Input"}, attr{"InputCommand", "GetConfirmation"},
			attr{"MaxInputTime", fmt.Sprint(int(signatureLimit / time.Second))}))
	fault := t.faults.Take("input")
	o := t.outboundOf("input", p.session, p.header.get("ServiceID"), "Input", body)
	o.needs = needsResponse
	o.disguise(fault)
	ctx, cancel := context.WithTimeout(p.ctx, signatureLimit)
	defer cancel()
	switch fault {
	case "lose":
		return false, false
	case "delay":
		if p.pause(delayTakes) != nil {
			return false, false
		}
	case "close":
		ctx, cancel = context.WithTimeout(ctx, hangUpAfter)
		defer cancel()
	case "abort-event":
		stop := time.AfterFunc(hangUpAfter, func() { t.event(p.service, "Abort", "Input cancelled") })
		defer stop.Stop()
	case "duplicate":
		return t.askTwice(ctx, o)
	}
	confirmed, answered = t.askOnce(ctx, o)
	if !answered && errors.Is(ctx.Err(), context.DeadlineExceeded) && fault != "close" {
		t.event(p.service, "Abort", "No answer in time")
	}
	return confirmed, answered
}

// askTwice repeats the question with the same DeviceID while the first is open;
// both must get the same answer (nexo-retailer.md 10.4).
func (t *Terminal) askTwice(ctx context.Context, o *outbound) (confirmed, answered bool) {
	var answers [2]struct{ confirmed, answered bool }
	var both sync.WaitGroup
	for i := range answers {
		both.Go(func() { answers[i].confirmed, answers[i].answered = t.askOnce(ctx, o) })
	}
	both.Wait()
	if answers[0] != answers[1] {
		t.log.Violate("a repeated signature question got two different answers")
	}
	return answers[0].confirmed, answers[0].answered
}

func (t *Terminal) askOnce(ctx context.Context, o *outbound) (confirmed, answered bool) {
	reply, err := t.post(ctx, o)
	if err != nil {
		t.log.Note("Signature question: " + err.Error())
		return false, false
	}
	if reply == nil {
		return false, false
	}
	result := reply.body.at("InputResult")
	if result.child("Response").get("Result") != "Success" {
		t.log.Note("The till gave the signature question up")
		return false, true
	}
	flag := result.at("Input/ConfirmedFlag").value()
	if flag == "" {
		t.log.Violate("InputResponse without ConfirmedFlag")
		return false, false
	}
	return flag == "true" || flag == "1", true
}

// encodeReceipt is the transport form of a receipt (nexo-retailer.md 8.1).
func encodeReceipt(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }
