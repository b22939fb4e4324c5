package poynt

import (
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Fault is one switch of the trouble to come. The first choice is the untroubled
// one. A Once switch concerns the next message only, unless its value is set with
// the prefix "always:".
type Fault = bench.Fault

var (
	requestChoices = []string{"ok", "lose", "refuse", "swallow", "status-500", "invalid-token", "no-permission"}
	answerChoices  = []string{"ok", "lose", "delay", "slow", "truncate", "garbage", "html", "empty", "status-500", "status-504", "redirect"}
	resultChoices  = []string{"ok", "lose", "lose-first", "late", "duplicate", "flood", "answer-lost", "truncate", "garbage", "empty", "invalid-utf8",
		"gzip", "gzip-bomb", "strange-encoding", "unknown-fields", "big", "reference-spelling", "unknown-status", "completed", "hold", "no-transactions",
		"wrong-reference", "wrong-amount", "wrong-currency", "wrong-device", "wrong-business", "forged", "forged-too", "replay"}
)

const (
	requestHelp = "What the request meets; it is never processed. lose: dropped, the connection ends; refuse: it is reset; swallow: never answered; invalid-token and no-permission are the two kinds of 401."
	answerHelp  = "What comes back after the work was done."
)

var faultTable = makeFaults()

func makeFaults() []Fault {
	var list []Fault
	for _, kind := range []string{"token", "message", "lookup", "list", "refund", "void", "capture", "cancel", "adjust", "discovery"} {
		requests, answers := requestChoices, slices.Clone(answerChoices)
		switch kind {
		case "token":
			requests = []string{"ok", "lose", "refuse", "swallow", "status-500", "login-failed"}
		case "message":
			answers = append(answers, "after-callback")
		case "lookup":
			answers = append(answers, "not-found")
		case "list":
			answers = append(answers, "no-hits")
		}
		list = append(list,
			Fault{Name: kind + ".request", Label: "The next " + kind + " request", Choices: requests, Help: requestHelp, Once: true},
			Fault{Name: kind + ".answer", Label: "The next " + kind + " answer", Choices: answers, Help: answerHelp, Once: true})
	}
	list = append(list,
		Fault{Name: "message.delivery", Label: "The next delivery to the terminal", Choices: []string{"ok", "lose", "late", "duplicate", "reorder"}, Help: "After the 202. late: 20 s; reorder: after the next message.", Once: true},
		Fault{Name: "callback.result", Label: "The next result", Choices: resultChoices, Help: "The truth is in the ledger and in the transactions API, whatever the callback says. late: 60 s; flood: 50 at once; answer-lost: the terminal never hears the 200; forged: an approval that no cloud knows; forged-too: and then the true result.", Once: true},
		Fault{Name: "callback.progress", Label: "The next RECEIVED or STARTED", Choices: []string{"ok", "lose", "lose-first", "late", "duplicate", "truncate", "garbage", "empty", "reference-spelling", "wrong-reference", "unknown-status"}, Help: "late: 60 s, mostly after the result.", Once: true},
		Fault{Name: "change.outcome", Label: "The next void, refund or capture", Choices: []string{"ok", "declined", "timeout", "duplicate"}, Help: "What the processor says; nothing is changed.", Once: true},
		Fault{Name: "void.status", Label: "The next void's status", Choices: []string{"voided", "declined"}, Help: "declined: the answer is 200 with DECLINED, and nothing was voided.", Once: true},
		Fault{Name: "payment.approved-amount", Label: "The next approved amount", Choices: []string{"asked", "nine-tenths"}, Help: "nine-tenths: less is approved without a word about it.", Once: true})
	return append(list, settings()...)
}

// soonVisible is the untroubled lag of the transactions API.
const soonVisible = "500ms"

// settings are switches that stay, most of them about what poynt.md 24 calls unknown.
func settings() []Fault {
	return []Fault{
		{Name: "network", Label: "Terminal's network", Choices: []string{"plugged", "unplugged"}, Help: "Unplugged: messages wait in the cloud until their ttl, callbacks get nowhere, cards are declined offline."},
		{Name: "cloud", Label: "The cloud", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: the till's connections are cut; the terminal goes on."},
		{Name: "listener", Label: "The till's listener", Choices: []string{"reachable", "unreachable"}, Help: "Unreachable: no callback arrives."},
		{Name: "second", Label: "Second terminal of the store", Choices: []string{"off", "on"}, Help: "It takes what is sent without a deviceId, and charges too."},

		{Name: "token.lifetime", Label: "Access tokens last", Choices: []string{"24h", "1h", "2m", "10s"}, Help: "24 h is documented."},
		{Name: "token.old", Label: "Older access tokens", Choices: []string{"good", "invalid"}, Help: "invalid: a new one ends those before it."},
		{Name: "token.assertion", Label: "Odd assertions", Choices: []string{"lenient", "strict"}, Help: "strict: milliseconds, a far expiry, a clock that is wrong and a repeated jti are refused."},
		{Name: "access.api-version", Label: "The Api-Version header", Choices: []string{"not-checked", "checked"}, Help: "checked: without 1.2 the answer is 400."},
		{Name: "access.consent", Label: "The merchant's consent", Choices: []string{"given", "missing"}, Help: "missing: 401 UNAUTHORIZED_ACCESS to everything."},
		{Name: "access.rights", Label: "The application's rights", Choices: []string{"all", "no-writing", "no-messages", "no-reading"}, Help: "no-writing: refunds, voids and captures by REST are not permitted, as the portal once had it."},

		{Name: "message.body", Label: "Body of the 202", Choices: []string{"empty", "object", "id"}, Help: "What the real one holds is not documented."},
		{Name: "message.same-id", Label: "A message with a known request id", Choices: []string{"again", "once"}, Help: "again: it is queued once more."},
		{Name: "message.unknown-device", Label: "A message for an unknown terminal", Choices: []string{"refused", "accepted"}, Help: "accepted: 202, and nothing ever happens."},
		{Name: "busy", Label: "A message for a busy terminal", Choices: []string{"ignore", "queue", "replace"}, Help: "queue: it comes next, even with the same reference; replace: it takes the screen."},
		{Name: "till-cancel", Label: "A cancel from the till", Choices: []string{"obeyed", "ignored"}, Help: "When the bank is asked already it always comes too late."},
		{Name: "screen-timeout", Label: "Nobody does anything", Choices: []string{"120s", "30s", "never"}, Help: "How long the terminal waits for the customer before it cancels."},
		{Name: "callback.updates", Label: "RECEIVED and STARTED", Choices: []string{"asked", "always", "never"}, Help: "asked: with enableStatusUpdates only."},

		{Name: "payment.purchase", Label: "A sale is", Choices: []string{"sale", "authorize"}, Help: "The store's purchaseAction. authorize: AUTHORIZED, to be captured later."},
		{Name: "payment.tips", Label: "Ask for a tip", Choices: []string{"off", "before", "later"}, Help: "before: before the card; later: after the approval, told in tipAmounts only."},
		{Name: "payment.partial", Label: "Amounts of a partial approval", Choices: []string{"overwritten", "approved-amount-only"}, Help: "approved-amount-only: orderAmount stays as asked and nothing says partial."},
		{Name: "callback.decline-list", Label: "Transactions after a second card", Choices: []string{"all", "last"}, Help: "last: the callback does not show the declined one."},
		{Name: "callback.cancel-body", Label: "Body of CANCELED", Choices: []string{"minimal", "full"}, Help: "full: the whole Payment object."},
		{Name: "payment.signature", Label: "Signature on the screen", Choices: []string{"captured", "not-captured"}, Help: "not-captured: the receipt needs a line to sign on."},
		{Name: "payment.offline", Label: "Cards while offline", Choices: []string{"declined", "approves"}, Help: "approves: the cloud hears of it when the terminal is back."},
		{Name: "refund.edit", Label: "A refund on the terminal", Choices: []string{"as-asked", "half"}, Help: "half: the staff gives half of it back."},

		{Name: "credit", Label: "A refund without a sale", Choices: []string{"gives-back", "not-permitted", "charges"}, Help: "not-permitted: the acquirer declines it. charges: the terminal does not know the wish, and takes a payment instead."},
		{Name: "credit.word", Label: "Its action in the flat form", Choices: []string{"both", string(orderCredit), creditSample}, Help: "How the terminal spells it; another spelling is ignored."},

		{Name: "list.visibility", Label: "Transactions show after", Choices: []string{soonVisible, "10s", "5m"}, Help: "How long the transactions API lags behind."},
		{Name: "list.search-key", Label: "searchKey finds", Choices: []string{"references", "processor-ids"}, Help: "processor-ids: the till's reference is not found by it."},
		{Name: "list.links", Label: "Links to the next page", Choices: []string{"relative", "absolute"}, Help: "Both occur."},
		{Name: "discovery.plain", Label: "A business without storeDevices=true", Choices: []string{"with-devices", "without"}, Help: "without: no terminals in it."},
		{Name: "discovery.stores", Label: "The business has", Choices: []string{"stores", "none"}, Help: "none: no stores at all."},
		{Name: "change.same-id", Label: "A known request id of a void, refund or capture", Choices: []string{"refused", "replay"}, Help: "replay: the first answer again."},
		{Name: "refund.status", Label: "HTTP status of a refund", Choices: []string{"200", "201"}, Help: "Not documented which."},
		{Name: "void.captured", Label: "A void of a captured sale", Choices: []string{"allowed", "refused"}, Help: "Some processors allow it."},
		{Name: "change.batch", Label: "The settlement batch", Choices: []string{"open", "settled"}, Help: "settled: captured transactions can only be refunded."},

		{Name: "callback.gzip", Label: "Callbacks are packed", Choices: []string{"off", "on"}, Help: "A preference of the terminal."},
		{Name: "callback.retry", Label: "Repeats count from", Choices: []string{"first", "chained"}, Help: "5 s and 10 s after the first attempt, or one after the other."},
		{Name: "callback.accepts", Label: "A callback is acknowledged by", Choices: []string{"200", "2xx"}, Help: "Documented is 200."},
		{Name: "callback.4xx", Label: "A 4xx to a callback", Choices: []string{"retried", "ends"}, Help: "ends: it is not repeated."},
		{Name: "callback.scheme", Label: "Callback addresses", Choices: []string{"any", "https-only"}, Help: "https-only: the terminal refuses plain http."},
		{Name: "callback.custom-header", Label: "The till's own header", Choices: []string{"sent", "dropped"}, Help: "custom-http-header of the message."},
		{Name: "callback.card-data", Label: "Card data in transactions", Choices: []string{"masked", "told"}, Help: "told: with expiry, name, tracks and tags that a till must drop; all invented."},
	}
}

// Faults lists every switch for SetFault and the page.
func Faults() []Fault { return slices.Clone(faultTable) }

// SetFault sets a switch. A value beginning with "always:" stays on; without it a
// fault of a message meets the next such message only. Unknown names and values are errors.
func (c *Cloud) SetFault(name, value string) error {
	c.mu.Lock()
	if err := c.faults.Set(name, value); err != nil {
		c.mu.Unlock()
		return err
	}
	switch {
	case name == "network":
		c.terminals[0].plugLocked(value == "plugged")
	case name == "second":
		c.terminals[1].plugLocked(value == "on")
	case name == "cloud" && value == "unreachable":
		close(c.cut)
		c.cut = make(chan struct{})
	}
	c.mu.Unlock()
	switch {
	case name == "network" && value == "plugged":
		c.tellOffline(DeviceID)
	case name == "second" && value == "on":
		c.tellOffline(SecondDeviceID)
	}
	return nil
}
