package iotpay

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The bases of iotpay.md 4. There is no documented test host.
const (
	defaultBase  = "https://api.iotpaycloud.com"
	defaultCards = "https://ccapi.iotpaycloud.com"
)

// currency is the only one of card orders (iotpay.md 6).
const currency = "CAD"

// How money is given back (iotpay.md 11.4).
const (
	refundOff    = "off"
	refundManual = "manual"
	refundV1     = "v1"
	refundV3     = "v3"
)

// The languages of what the till adds to a slip.
const (
	english = "en"
	french  = "fr"
)

// The bounds of iotpay.md 6, in bytes.
const (
	maxMch    = 30
	maxJob    = 50
	maxDevice = 64
	maxKey    = 256
)

// settings are a terminal's settings, checked.
type settings struct {
	base, cards string
	mch         string
	job, device string
	key         string
	reading     string // of nested signatures
	refund      string
	cardQuery   bool
	clientIP    string
	language    string
	bilingual   bool
	asks        bool // whether a signature fits
}

var settingList = []payment.Setting{
	{Key: "base-url", Label: "IOT Pay's address", Default: defaultBase, Help: "Production: " + defaultBase + ". IOT Pay documents no address for tests."},
	{Key: "mch-id", Label: "Merchant id", Required: true, Help: "As IOT Pay gave it, for example 10000701."},
	{Key: "job-no", Label: "Login name (jobNo)", Required: true,
		Help: "The merchant's login name. It probably selects the store and the PIN pad, so use one for each PIN pad."},
	{Key: "key", Label: "Merchant key", Required: true, Secret: true, Help: "Signs every request and answer. It is never sent."},
	{Key: "device", Label: "Device", Help: "The name of the PIN pad's place, for example TILL-01. Ask IOT Pay whether it selects the PIN pad."},
	{Key: "response-signature", Label: "Signature of answers", Default: readingAuto, Choices: []string{readingAuto, readingA, readingB},
		Help: "a: the order inside an answer is not signed. b: it is signed as its text. auto takes either, because IOT Pay does not document it. An answer that does not fit is confirmed by a query."},
	{Key: "refund", Label: "Refunds and voids", Default: refundOff, Choices: []string{refundOff, refundManual, refundV1, refundV3},
		Help: "off: IOT Pay documents no refund for cards at a PIN pad; do it on the PIN pad or in IOT Pay's portal. manual: the same, and the till keeps the refund open until a manager records it with the PIN pad's reference; nothing is sent. v1 (documented for wallets) and v3 (documented for online cards): only once IOT Pay has confirmed that it works for this merchant. Interac debit needs the card again, so use the PIN pad for it in any case."},
	{Key: "card-url", Label: "Address of the card API", Default: defaultCards, Help: "For refund=v3 and card-query=on."},
	{Key: "card-query", Label: "Ask the card API too", Default: "off", Choices: []string{"off", "on"},
		Help: "on: where IOT Pay does not find an order, its card API is asked as well. Both are undocumented for PIN pads."},
	{Key: "client-ip", Label: "Address of this till", Default: "127.0.0.1", Help: "IOT Pay wants one with every order; one of the shop's own network will do."},
	{Key: "language", Label: "Language of the slips", Default: english, Choices: []string{english, french},
		Help: "Of the merchant's copy, and of the customer's where the card tells none."},
	{Key: "bilingual", Label: "French is never left out", Default: "no", Choices: []string{"no", "yes"},
		Help: "yes: every slip is in French, and all of its words in English beside it where the customer or the store prefers English, as a store in Quebec needs."},
	{Key: "signature", Label: "Signatures", Default: "ask", Choices: []string{"ask", "print"},
		Help: "ask: where the card wants a signature, the cashier has the merchant's copy signed and says whether it fits. print: the copy has its line, and nobody is asked."},
	{Key: "currency", Label: "Currency", Default: currency, Choices: []string{currency}, Help: "Cards are charged in Canadian dollars only."},
}

// check reads the settings. The error has CodeSettings and names the setting.
func check(given payment.Settings) (settings, error) {
	value := map[string]string{}
	for _, s := range settingList {
		v := strings.TrimSpace(given[s.Key])
		if v == "" {
			v = s.Default
		}
		if v == "" && s.Required {
			return settings{}, badSetting(s.Key, "it is missing. "+s.Help)
		}
		if len(s.Choices) > 0 && !slices.Contains(s.Choices, v) {
			return settings{}, badSetting(s.Key, fmt.Sprintf("%.40q is not one of %s.", v, strings.Join(s.Choices, ", ")))
		}
		value[s.Key] = v
	}
	for key, most := range map[string]int{"mch-id": maxMch, "job-no": maxJob, "device": maxDevice, "key": maxKey} {
		if len(value[key]) > most || strings.ContainsFunc(value[key], func(r rune) bool { return r < ' ' || r > '~' }) {
			return settings{}, badSetting(key, fmt.Sprintf("letters, digits and signs without accents only, at most %d.", most))
		}
	}
	s := settings{mch: value["mch-id"], job: value["job-no"], device: value["device"], key: value["key"], reading: value["response-signature"],
		refund: value["refund"], cardQuery: value["card-query"] == "on", clientIP: value["client-ip"], language: value["language"], bilingual: value["bilingual"] == "yes",
		asks: value["signature"] == "ask"}
	var err error
	if s.base, err = address("base-url", value["base-url"]); err != nil {
		return settings{}, err
	}
	if s.cards, err = address("card-url", value["card-url"]); err != nil {
		return settings{}, err
	}
	if _, err := netip.ParseAddr(s.clientIP); err != nil {
		return settings{}, badSetting("client-ip", "an address such as 192.168.1.20 is needed.")
	}
	return s, nil
}

// address checks a base URL and takes its last slash off. Plain HTTP is for this computer
// alone: an answer whose signature does not fit is confirmed by asking over TLS (iotpay.md
// 5.2), and answers carry card data.
func address(key, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", badSetting(key, "an address such as https://example.com is needed, without a user, a query or a fragment.")
	}
	if host := u.Hostname(); u.Scheme == "http" && host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return "", badSetting(key, "plain http is only taken for this computer itself. Write https.")
	}
	return strings.TrimRight(text, "/"), nil
}

func badSetting(key, wrong string) *payment.Error {
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Text: fmt.Sprintf("Setting %s: %s", key, wrong)}
}
