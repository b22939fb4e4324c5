package pockyt

import (
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Fault is one switch of the trouble to come. The first choice is the untroubled
// one. A Once switch concerns the next message only, unless its value is set with
// the prefix "always:".
type Fault = bench.Fault

var (
	requestChoices = []string{"ok", "lose", "refuse", "swallow", "duplicate", "status-500", "system-error", "supplier-error", "no-rights", "not-matching", "version-error", "strange-code"}
	answerChoices  = []string{"ok", "lose", "delay", "slow", "truncate", "garbage", "html", "empty", "status-500", "system-error", "supplier-error", "strange-code", "no-result",
		"other-order", "other-reference", "other-amount", "other-currency", "other-merchant", "unknown-status", "no-status", "number-amount", "upper-case"}
	noticeChoices = []string{"ok", "lose", "lose-first", "delay", "duplicate", "flood", "answer-lost", "truncate", "garbage", "empty", "json", "wrong-signature", "no-signature", "other-order", "other-reference",
		"other-amount", "other-currency", "unknown-status", "unknown-fields", "replay", "forged"}
)

const (
	requestHelp = "What the request meets; it is never processed, but for duplicate: somebody on the way sends it twice. lose: dropped, the connection ends; refuse: it is reset; swallow: never answered. Codes: 000000, 000080, 000030, 000022, 000010."
	answerHelp  = "What comes back after the work was done. html: a 500 of somebody on the way; other-...: a falsified answer; the truth is in the ledger."
)

var faultTable = makeFaults()

func makeFaults() []Fault {
	var list []Fault
	for _, kind := range []string{"add", "prepay", "qr", "query", "cancel", "refund"} {
		answers := slices.Clone(answerChoices)
		switch kind {
		case "prepay":
			answers = append(answers, "after-notice")
		case "query":
			answers = append(answers, "not-found")
		case "refund":
			answers = append(answers, "old-names")
		}
		list = append(list,
			Fault{Name: kind + ".request", Label: "The next " + kind + " request", Choices: requestChoices, Help: requestHelp, Once: true},
			Fault{Name: kind + ".answer", Label: "The next " + kind + " answer", Choices: answers, Help: answerHelp, Once: true})
	}
	list = append(list,
		Fault{Name: "notice", Label: "The next notice", Choices: noticeChoices, Help: "The notice to the order's ipnUrl. delay: 60 s; flood: 50 at once; answer-lost: the service never hears the till's success; forged: a payment that no cloud knows, rightly signed; replay: the previous notice instead.", Once: true},
		Fault{Name: "cancel.effect", Label: "The next cancel", Choices: []string{"works", "refused", "ignored"}, Help: "refused: 000040; ignored: the answer says closed and nothing happened.", Once: true},
		Fault{Name: "refund.outcome", Label: "The next refund", Choices: []string{"success", "pending", "pending-failed", "pending-for-ever", "failed"}, Help: "pending: for three seconds. What failed moved no money.", Once: true})
	return append(list, settings()...)
}

// settings are switches that stay, most of them about what pockyt.md calls unknown.
func settings() []Fault {
	return []Fault{
		{Name: "network", Label: "The phone's connection", Choices: []string{"plugged", "unplugged"}, Help: "Unplugged: the phone still shows its code, but neither scans nor confirms anything."},
		{Name: "cloud", Label: "The service", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: the till's connections are cut; the phone goes on."},
		{Name: "listener", Label: "The till's listener", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: no notice arrives."},

		{Name: "pay.confirm", Label: "A scanned code", Choices: []string{"asked", "not-asked"}, Help: "not-asked: paid at once, without a word on the phone."},
		{Name: "pay.after-closed", Label: "A confirmation of a closed order", Choices: []string{"refused", "paid"}, Help: "paid: the wallet pays all the same, and closed becomes success."},

		{Name: "order.timeout", Label: "An unpaid order stays open", Choices: []string{"as-asked", "10s"}, Help: "10s: the service closes it earlier than the till asked for; whether it may is not documented."},

		{Name: "sign.empty", Label: "Empty values in signatures", Choices: []string{emptyEither, emptySigned, emptyLeftOut}, Help: "What the service accepts."},
		{Name: "sign.refusal", Label: "A wrong signature is answered with", Choices: []string{"000022", "000023", "000030"}, Help: "Not documented which."},
		{Name: "error.http", Label: "HTTP status of refusals", Choices: []string{"200", "400"}, Help: "Not documented which."},
		{Name: "reference.missing", Label: "An order without a reference", Choices: []string{"refused", "accepted"}, Help: "Both are documented."},
		{Name: "reference.duplicate", Label: "A reference that is known", Choices: []string{"000023", "000040", "same"}, Help: "same: the order that has it is answered; its amount must be the same."},
		{Name: "reference.length", Label: "A reference is at most", Choices: []string{"64", "32"}, Help: "Characters; not documented."},
		{Name: "identifiers.both", Label: "transactionNo and reference together", Choices: []string{"refused", "accepted"}, Help: "The SDKs allow one of them only."},
		{Name: "currencies", Label: "Currencies", Choices: []string{"listed", "usd-only"}, Help: "The in-store pages know USD only."},

		{Name: "prepay.vendor", Label: "vendor in a prepay", Choices: []string{"optional", "required"}, Help: "The older SDKs require it."},
		{Name: "prepay.expired-code", Label: "An expired code of the customer", Choices: []string{"failed", "000023", "000080"}, Help: "With a code of refusal the order stays open."},
		{Name: "prepay.used-code", Label: "A code that was used already", Choices: []string{"accepted", "failed"}, Help: "failed: as a real wallet; accepted: a test may use one code for ever."},
		{Name: "qr.notify", Label: "ipnUrl of a QR order", Choices: []string{"optional", "required"}, Help: "Both are documented."},
		{Name: "notice.scheme", Label: "ipnUrl", Choices: []string{"any", "https-only"}, Help: `https-only: "must be secure" is checked.`},
		{Name: "qr.unionpay", Label: "UnionPay by QR", Choices: []string{"refused", "accepted"}, Help: `"Not supported yet."`},
		{Name: "prepay.cashapp", Label: "Cash App in a prepay", Choices: []string{"refused", "accepted"}, Help: "Not documented."},

		{Name: "cancel.paid", Label: "A cancel of what was paid", Choices: []string{"refunds", "refused"}, Help: "refunds: the whole amount, as documented; refused: 000040."},
		{Name: "cancel.part-refunded", Label: "A cancel after a part went back", Choices: []string{"refused", "rest"}, Help: "rest: what is left goes back."},
		{Name: "cancel.same", Label: "A cancel of what is closed", Choices: []string{"closed", "000040"}, Help: "closed: the same answer again."},
		{Name: "refund.over", Label: "A refund above the rest", Choices: []string{"000023", "000040"}, Help: "Not documented which."},
		{Name: "refund.same", Label: "A refundReference that is known", Choices: []string{"refused", "replay", "again"}, Help: "replay: the first refund is answered; again: it is refunded once more."},
		{Name: "refund.reference", Label: "A refund without refundReference", Choices: []string{"accepted", "refused"}, Help: "Both are documented."},
		{Name: "refund.age", Label: "Refunds are possible for", Choices: []string{"90d", "1h"}, Help: "90 days for Alipay and WeChat Pay."},
		{Name: "query.refund-info", Label: "refundInfo is", Choices: []string{"array", "object"}, Help: "object: the last refund alone."},
		{Name: "query.refunds", Label: "A query for a refund's own number", Choices: []string{"found", "not-found"}, Help: "Not documented."},

		{Name: "notice.statuses", Label: "Notices tell of", Choices: []string{"success", "all", "none"}, Help: "all: also of failed and closed."},
		{Name: "notice.refunds", Label: "Notices of refunds", Choices: []string{"none", "sent"}, Help: "Not documented."},
		{Name: "notice.fields", Label: "Fields of a notice", Choices: []string{"seven", "more", "empty-left-out", "empty-signed"}, Help: "more: vendorId and note too; empty: both are empty, and left out of the signature or in it."},
		{Name: "notice.spacing", Label: "Repeats of a notice", Choices: []string{"growing", "even"}, Help: "Eight in two hours: after 1, 2, 4, 8, 15, 30, 60 minutes, or every 15."},
	}
}

// Faults lists every switch for SetFault and the page.
func Faults() []Fault { return slices.Clone(faultTable) }

// SetFault sets a switch. A value beginning with "always:" stays on; without it a
// fault of a message meets the next such message only. Unknown names and values are errors.
func (c *Cloud) SetFault(name, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.faults.Set(name, value); err != nil {
		return err
	}
	if name == "cloud" && value == "unreachable" {
		c.cutLocked()
	}
	if name == "network" {
		for _, a := range c.attempts {
			a.push(deed{kind: deedWake})
		}
	}
	return nil
}
