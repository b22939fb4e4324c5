package iotpay

import (
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Fault is one switch of the trouble to come, or one choice where iotpay.md knows
// no answer. The first choice is the untroubled one, or the one that gives a till
// the least. A Once switch concerns the next message only, unless its value is set
// with the prefix "always:".
type Fault = bench.Fault

var (
	requestChoices = []string{"ok", "lose", "refuse", "swallow", "fail-signature", "fail-system", "status-500", "status-502"}
	answerChoices  = []string{"ok", "lose", "delay", "late", "slow", "duplicate", "truncate", "garbage", "empty", "big", "status-500", "status-502",
		"fail-system", "wrong-signature", "no-signature"}
)

const (
	requestHelp = "lose: the connection ends; refuse: it is reset; swallow: never answered; the others are answers. Nothing of it is carried out."
	answerHelp  = "What comes back after the work was done. delay: 20 s; late: 200 s; slow: in pieces, over 20 s; duplicate: twice in one body. What a switch changes in the content is signed like the truth."
	orderHelp   = " cut: the connection ends at once, and gateway: 502 at once, while the customer pays."
)

var faultTable = makeFaults()

func makeFaults() []Fault {
	var list []Fault
	for _, kind := range []string{"order", "query", "refund", "refund-query", "card-query", "card-void", "card-refund"} {
		choices, help := answerChoices, answerHelp
		switch kind {
		case "order":
			choices, help = slices.Concat(choices, []string{"cut", "gateway"}, contentChoices), help+orderHelp
		case "query", "card-query":
			choices = slices.Concat(choices, contentChoices)
		}
		name := strings.ReplaceAll(kind, "-", " ")
		list = append(list, Fault{Name: kind + ".request", Label: "The next " + name + " request", Choices: requestChoices, Help: requestHelp, Once: true},
			Fault{Name: kind + ".answer", Label: "The next " + name + " answer", Choices: choices, Help: help, Once: true})
	}
	return slices.Concat(list, paymentFaults, unknownFaults)
}

// paymentFaults are what happens at the PIN pad and at the bank.
var paymentFaults = []Fault{
	{Name: "payment.bank", Label: "The bank's next decision", Choices: []string{"ok", "declined", "unknown-code", "partial", "no-answer"}, Help: "partial: nine tenths are approved and charged; no-answer: not charged.", Once: true},
	{Name: "payment.cashback", Label: "Cash back with the next payment", Choices: []string{"none", "some"}, Help: "4.29 on top.", Once: true},
	{Name: "payment.surcharge", Label: "A surcharge on the next payment", Choices: []string{"none", "credit", "any-card"}, Help: "One per cent on top. any-card: on Interac too, which is not allowed.", Once: true},
	{Name: "network", Label: "The PIN pad's network", Choices: []string{"plugged", "unplugged"}, Help: "Unplugged: the PIN pad reaches neither the bank nor the cloud; outcomes are told when it is back."},
	{Name: "cloud", Label: "IOT Pay's cloud", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: the till's connections are cut; the PIN pad goes on."},
}

// unknownFaults choose where iotpay.md knows no answer, or two.
var unknownFaults = []Fault{
	{Name: "answers.signature", Label: "payOrder in the signature of answers", Choices: []string{readingA, readingB}, Help: "a: it is left out; b: it is signed as its compact text, in the cloud's order."},
	{Name: "failures.signature", Label: "Answers that say FAIL", Choices: []string{"unsigned", "signed"}, Help: "The ancestor does not sign them."},
	{Name: "failures.status", Label: "HTTP status of FAIL", Choices: []string{"200", "400"}, Help: "Not documented."},
	{Name: "answers.type", Label: "Content type of answers", Choices: []string{"json", "text"}, Help: "text: JSON that calls itself text/html."},
	{Name: "answers.numbers", Label: "Numbers in answers", Choices: []string{"numbers", "strings"}, Help: "Both occur on IOT Pay's pages."},
	{Name: "answers.paid", Label: "paySuccTime", Choices: []string{"documented", "empty", "text", "ms"}, Help: "documented: text in payOrder, milliseconds in a query."},
	{Name: "answers.totals", Label: "trxAmount", Choices: []string{"zero", "told"}, Help: "Its meaning is unknown; told: all that was charged."},
	{Name: "order.reuse", Label: "An order number that was used before", Choices: []string{"refuse", "replay", "charge"}, Help: "replay: the first order's answer again; charge: a second charge."},
	{Name: "order.hang-up", Label: "The till hangs up while the customer pays", Choices: []string{"goes-on", "stops"}, Help: "stops: the order is cancelled by the system, unless the bank is asked already."},
	{Name: "order.limit", Label: "The cloud keeps the connection for", Choices: []string{"ever", "30s", "60s", "120s"}, Help: "Then it answers with status 1, and the customer goes on paying."},
	{Name: "busy", Label: "An order for a busy PIN pad", Choices: []string{"ret-fail", "res-fail", "declined"}, Help: "How the acquirer's code 3667 is told: by retCode, by resCode, or by status 9."},
	{Name: "offline", Label: "An order for a PIN pad that is offline", Choices: []string{"silence", "ret-fail", "res-fail", "declined"}, Help: "silence: nothing until it is back; then the order is cancelled by the system."},
	{Name: "status.approved", Label: "Status of an approval", Choices: []string{"2", "3"}, Help: "3: the merchant was notified too."},
	{Name: "status.cancelled", Label: "Status after the red key", Choices: []string{"9", "4"}, Help: "4 is: cancelled by the system."},
	{Name: "query.cards", Label: "Queries about cards", Choices: []string{"served", "not-found"}, Help: "The POS page asks for them, the query page excludes cards."},
	{Name: "query.shape", Label: "Shape of a query's answer", Choices: []string{"flat", "payOrder", "result"}, Help: "flat is documented for wallets."},
	{Name: "query.extra", Label: "extra in a flat answer", Choices: []string{"request", "card", "none"}, Help: "request: that of the order, without any card data."},
	{Name: "query.progress", Label: "Status while the customer pays", Choices: []string{"1", "0", "not-found"}, Help: "not-found: an order can be found only when it has ended."},
	{Name: "query.lag", Label: "A query knows the outcome after", Choices: []string{"none", "5s", "90s"}, Help: "Until then it says that the customer is paying."},
	{Name: "query.not-found", Label: "A query about an unknown order", Choices: []string{"ret-fail", "res-fail", "no-order"}, Help: "no-order: SUCCESS without any order."},
	{Name: "tip", Label: "A tip", Choices: []string{"inside", "on-top", "ignored"}, Help: "Whether amount is with the tip; ignored: that of the request counts for nothing."},
	{Name: "tip.prompt", Label: "The PIN pad asks for a tip", Choices: []string{"off", "on"}, Help: "It is charged in addition to what was asked."},
	{Name: "card.number", Label: "Card numbers", Choices: []string{"last4", "first6-last4"}, Help: "Both occur on IOT Pay's pages."},
	{Name: "card.letter", Label: "Card brands", Choices: []string{"known", "unknown"}, Help: "unknown: a letter that no page explains."},
	{Name: "declined.card", Label: "Card data of what was not approved", Choices: []string{"empty", "told"}, Help: "The sample has none."},
	{Name: "extra.amounts", Label: "Cash back and surcharge as", Choices: []string{"padded", "cents", "decimal"}, Help: "padded: 11 digits, as at PayFacto."},
	{Name: "terminal.zone", Label: "The terminal's zone", Choices: []string{zonePacific, zoneEastern, zoneNewfound}, Help: "Of trxDate and trxTime."},
	{Name: "refund.cards", Label: "refund_order of a card payment", Choices: []string{"refused", "accepted"}, Help: "Documented for wallets only."},
	{Name: "refund.query", Label: "A query about refunds", Choices: []string{"absent", "present"}, Help: "present: at a guessed path; only the page's title is known."},
	{Name: "refund.interac", Label: "Refund of an Interac payment", Choices: []string{"refused", "accepted"}, Help: "The card may have to be presented again."},
	{Name: "card.api", Label: "The v3 card calls for a card payment", Choices: []string{"refused", "accepted"}, Help: "cc_query, cc_void and cc_refund, documented for other channels."},
	{Name: "card.refunds", Label: "cc_query about a refund or a void", Choices: []string{"not-found", "found"}, Help: "By the till's mchRefundNo, which such an answer calls mchOrderNo. Only the fields of such an answer are documented."},
	{Name: "batch", Label: "The settlement batch", Choices: []string{"open", "settled"}, Help: "open: cc_void alone; settled: cc_refund alone."},
}

// Faults lists every switch for SetFault and the page.
func Faults() []Fault { return slices.Clone(faultTable) }

// SetFault sets a switch. A value beginning with "always:" stays on; without it a
// fault of a message meets the next such message only. Unknown names and values are errors.
func (t *Terminal) SetFault(name, value string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.faults.Set(name, value); err != nil {
		return err
	}
	switch name {
	case "network":
		t.unplugged.Plug(value == "plugged")
		if t.running != nil {
			t.running.deeds.Wake()
		}
	case "cloud":
		t.cloudDown.Plug(value == "reachable")
	}
	return nil
}
