package poynt

import (
	"crypto/rsa"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The bounds of a message's time to live: a long one brings payment requests back
// after everybody has gone (poynt.md 20).
const (
	minTTL = 10 * time.Second
	maxTTL = 120 * time.Second
)

// currencies have two decimals: Poynt says nothing about others (poynt.md 2).
var currencies = []string{"USD", "CAD", "EUR", "GBP"}

// settings are a terminal's settings, checked.
type settings struct {
	base     string // "https://services.poynt.net", without a slash at the end
	appID    string // urn:aid:...
	key      *rsa.PrivateKey
	business string // UUID
	store    string // UUID
	device   string // urn:tid:...
	listen   string // "host:port"; empty: no door
	public   string // the door's public address, without a slash at the end
	allowed  []netip.Prefix
	currency string
	flat     bool // payload generation A
	ttl      time.Duration
	updates  bool // asks for RECEIVED and STARTED
	tips     bool // the terminal asks for a tip
	receipts bool // the terminal shows its receipt screen
	bridged  bool // void and refund on the terminal, not by REST
	credit   bool // money may be given to a card without a sale
	// creditAction is how generation A calls that (poynt.md 7.1).
	creditAction string
}

var settingList = []payment.Setting{
	{Key: "base-url", Label: "Poynt's address", Default: "https://services.poynt.net",
		Help: "https://services.poynt.net, or https://services-eu.poynt.net for merchants of the EU data centre. An app's key is good for one of them only."},
	{Key: "app-id", Label: "Application id", Required: true,
		Help: "urn:aid:... as the developer portal shows it."},
	{Key: "private-key", Label: "Private key of the app", Required: true, Secret: true, Lines: true,
		Help: "What is in the PEM file that the developer portal gave out once. It must belong to this merchant's own app."},
	{Key: "business-id", Label: "Business id", Required: true,
		Help: "The merchant's id, a UUID, from the dashboard. The merchant must have given the app consent."},
	{Key: "store-id", Label: "Store id", Required: true, Help: "The store's id, a UUID."},
	{Key: "device-id", Label: "Terminal (device id)", Required: true,
		Help: "urn:tid:... of the one terminal. It is not the serial number on the back of the terminal. Without it a payment would go to every terminal of the store."},
	{Key: "listen", Label: "Listen on",
		Help: "host:port on which the terminal reaches this till with its results. Empty: Paydesk learns approvals and declines by asking Poynt's cloud."},
	{Key: "callback-url", Label: "Public address of the listener",
		Help: "What the terminal is told to post to, for example https://till.example. It needs a publicly trusted certificate. Empty: http:// and the listen address."},
	{Key: "allow", Label: "Networks that may deliver",
		Help: "Addresses or networks that may post results, parted by commas, for example 198.51.100.7, 192.0.2.0/24. Empty: everybody; a result is believed only once Poynt's cloud repeats it."},
	{Key: "currency", Label: "Currency", Default: "USD", Choices: currencies, Help: "The store's currency."},
	{Key: "payload", Label: "Form of the payment request", Default: "b", Choices: []string{"a", "b"},
		Help: "b: nested, for current terminals. a: flat, as documented for older ones."},
	{Key: "ttl", Label: "Seconds until an undelivered request is dropped", Default: "50",
		Help: "From 10 to 120. A terminal that comes back later does not get the payment any more."},
	{Key: "status-updates", Label: "Progress from the terminal", Default: "on", Choices: []string{"on", "off"},
		Help: "on: the terminal is asked to tell when it has got a payment and when it has begun."},
	{Key: "tip", Label: "Tip", Default: "off", Choices: []string{"off", "terminal"},
		Help: "off: no tip screen. terminal: the terminal asks if the merchant has tips switched on."},
	{Key: "receipt-screen", Label: "Receipt screen of the terminal", Default: "on", Choices: []string{"on", "off"},
		Help: "on: the terminal offers its own paper or e-mail receipt. off: only the till hands out receipts."},
	{Key: "refund-path", Label: "Void and refund", Default: "rest", Choices: []string{"rest", "terminal"},
		Help: "rest: over Poynt's cloud, if the app has the right to. terminal: on the terminal, whose operator confirms the amount."},
	{Key: "credit", Label: "Refund without a sale", Default: "off", Choices: []string{"off", "on"},
		Help: "on: a manager may give money to a card without a sale that it belongs to. It is a high risk, and the acquirer must have permitted it to this merchant."},
	{Key: "credit-action", Label: "Word for a refund without a sale", Default: "non-referenced-credit", Choices: []string{"non-referenced-credit", "non-reference-credit"},
		Help: "Of a flat payment request only (form a). Poynt documents non-referenced-credit; a sample of its own writes non-reference-credit."},
	{Key: "language", Label: "Language of the slips", Default: "en", Help: "en, fr or es; any other becomes en."},
}

// check reads the settings. The error has CodeSettings and names the setting.
func check(given payment.Settings) (settings, error) {
	value, err := values(given, true)
	if err != nil {
		return settings{}, err
	}
	got, err := account(value)
	if err != nil {
		return settings{}, err
	}
	got.currency, got.flat, got.updates = value["currency"], value["payload"] == "a", value["status-updates"] == "on"
	got.tips, got.receipts, got.bridged = value["tip"] == "terminal", value["receipt-screen"] == "on", value["refund-path"] == "terminal"
	got.credit, got.creditAction = value["credit"] == "on", value["credit-action"]
	if got.store, err = uuidOf("store-id", value["store-id"]); err != nil {
		return settings{}, err
	}
	if got.device, err = deviceOf(value["device-id"]); err != nil {
		return settings{}, err
	}
	seconds, err := strconv.Atoi(value["ttl"])
	if got.ttl = time.Duration(seconds) * time.Second; err != nil || got.ttl < minTTL || got.ttl > maxTTL {
		return settings{}, badSetting("ttl", fmt.Sprintf("%q is not a number of seconds from %d to %d.", cut(value["ttl"]), int(minTTL.Seconds()), int(maxTTL.Seconds())))
	}
	return got, got.door(value)
}

// account reads what it takes to talk to Poynt's cloud about a business.
func account(value map[string]string) (settings, error) {
	var got settings
	var err error
	if got.base, err = baseOf(value["base-url"]); err != nil {
		return settings{}, err
	}
	if got.appID = appForm.FindString(value["app-id"]); got.appID == "" {
		return settings{}, badSetting("app-id", "it must hold urn:aid: and a UUID, as the developer portal shows it.")
	}
	got.appID = strings.ToLower(got.appID)
	if got.key, err = parseKey(value["private-key"]); err != nil {
		return settings{}, err
	}
	got.business, err = uuidOf("business-id", value["business-id"])
	return got, err
}

// values fills in the defaults and checks what can be checked by the list alone.
func values(given payment.Settings, whole bool) (map[string]string, error) {
	value := map[string]string{}
	for _, s := range settingList {
		v := strings.TrimSpace(given[s.Key])
		if v == "" {
			v = s.Default
		}
		if v == "" && s.Required && whole {
			return nil, badSetting(s.Key, "it is missing. "+s.Help)
		}
		if len(s.Choices) > 0 && !slices.Contains(s.Choices, v) {
			return nil, badSetting(s.Key, strconv.Quote(cut(v))+" is not one of "+strings.Join(s.Choices, ", ")+".")
		}
		value[s.Key] = v
	}
	return value, nil
}

// The forms of ids (poynt.md 2). The portal's copy box puts something before an
// app id.
var (
	appForm    = regexp.MustCompile(`(?i)urn:aid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	uuidForm   = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	serialForm = regexp.MustCompile(`(?i)^[a-z0-9]{8,20}$`)
)

func uuidOf(key, value string) (string, error) {
	if !uuidForm.MatchString(value) {
		return "", badSetting(key, strconv.Quote(cut(value))+" is not a UUID, as in 11111111-1111-4111-8111-111111111111.")
	}
	return strings.ToLower(value), nil
}

func deviceOf(value string) (string, error) {
	id, ok := strings.CutPrefix(strings.ToLower(value), "urn:tid:")
	switch {
	case ok && uuidForm.MatchString(id):
		return "urn:tid:" + id, nil
	case uuidForm.MatchString(value):
		return "", badSetting("device-id", "urn:tid: must stand before the UUID; look whether it is the terminal's id and not the store's.")
	case serialForm.MatchString(value):
		return "", badSetting("device-id", strconv.Quote(cut(value))+" looks like a serial number or the acquirer's terminal number. Poynt knows a terminal by urn:tid: and a UUID: take it from the terminal list of the dashboard, or have Paydesk list the terminals of the business.")
	}
	return "", badSetting("device-id", strconv.Quote(cut(value))+" is not urn:tid: and a UUID.")
}

// baseOf takes an address of Poynt: encrypted, unless it is on this computer.
func baseOf(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", badSetting("base-url", strconv.Quote(cut(value))+" is not an address such as https://services.poynt.net.")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return "", badSetting("base-url", "it must begin with https://; plain http is only for a practice cloud on this computer.")
	}
	return strings.TrimRight(value, "/"), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// door reads where results are delivered.
func (s *settings) door(value map[string]string) error {
	s.listen, s.public = value["listen"], strings.TrimRight(value["callback-url"], "/")
	for part := range strings.SplitSeq(value["allow"], ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		network, err := netip.ParsePrefix(part)
		if err != nil {
			one, addrErr := netip.ParseAddr(part)
			if addrErr != nil {
				return badSetting("allow", strconv.Quote(cut(part))+" is neither an address nor a network, as in 192.0.2.0/24.")
			}
			network = netip.PrefixFrom(one, one.BitLen())
		}
		s.allowed = append(s.allowed, network.Masked())
	}
	if s.listen == "" {
		if s.public != "" {
			return badSetting("listen", "it is missing: callback-url is only the public name of what Paydesk listens on.")
		}
		return nil
	}
	host, port, err := net.SplitHostPort(s.listen)
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
		return badSetting("listen", strconv.Quote(cut(s.listen))+" is not host:port, as in 0.0.0.0:8443.")
	}
	if s.public == "" {
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			return badSetting("callback-url", "it is missing: the terminal must be told an address at which it finds this till.")
		}
		return nil
	}
	u, err := url.Parse(s.public)
	if err != nil || u.Host == "" || u.RawQuery != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return badSetting("callback-url", strconv.Quote(cut(s.public))+" is not an address such as https://till.example.")
	}
	return nil
}
