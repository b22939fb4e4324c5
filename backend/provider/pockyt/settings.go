package pockyt

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The hosts of pockyt.md 3. Two of each are in circulation, and which of them answers
// is not known: they are settings.
const (
	production = "https://mapi.yuansfer.com"
	sandbox    = "https://mapi.yuansferdev.com"
)

const (
	maxID    = 64  // bytes of an id that Pockyt gives
	maxToken = 256 // bytes
)

// currencies are those listed whose amounts have two decimals; how the others are
// written is not documented (pockyt.md 7). The in-store pages know only the first.
var currencies = []string{"USD", "CNY", "GBP", "HKD", "MYR", "PHP", "THB"}

// settings are a terminal's settings, checked.
type settings struct {
	base             string
	merchant, store  string
	admin            string
	token            string
	vendor           string
	currency, settle string
	listen, callback string
	allow            []netip.Prefix
}

var settingList = []payment.Setting{
	{Key: "base-url", Label: "Pockyt's address", Default: production,
		Help: "Production: " + production + ". Sandbox: " + sandbox + ". Pockyt has newer and older names for both: take the one it gave you."},
	{Key: "merchant-no", Label: "Merchant number", Required: true},
	{Key: "store-no", Label: "Store number", Required: true},
	{Key: "store-admin-no", Label: "Store administrator number", Help: "Only if Pockyt gave one: a sub-account of the store."},
	{Key: "token", Label: "API token", Required: true, Secret: true, Help: "Signs every request. Pockyt shows it with the merchant's credentials."},
	{Key: "vendor", Label: "Wallet", Default: "alipay", Choices: showVendors(), Help: "Whose code the till shows where the cashier chooses no wallet."},
	{Key: "listen", Label: "Listen on", Help: "Where Pockyt's notifications arrive: host and port, for example :8450. Empty: the till asks instead, which is enough."},
	{Key: "callback-url", Label: "Address of this till for Pockyt",
		Help: "How Pockyt reaches the address above: https://till.example.com, without a path. Paydesk adds a secret path."},
	{Key: "allow", Label: "Who may deliver", Help: "Networks separated by commas, for example 192.0.2.0/24. Empty: everybody; each notification is signed."},
	{Key: "not-found", Label: "When Pockyt does not know a payment", Default: "doubt", Choices: []string{"doubt", "not-executed"},
		Help: "doubt: a manager decides. not-executed: if Pockyt says so twice, the payment failed."},
	{Key: "settle-currency", Label: "Settled in", Choices: []string{"", "USD", "GBP"}, Help: "Empty: GBP for GBP, else USD."},
	{Key: "currency", Label: "Currency", Default: "USD", Choices: currencies},
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
	s := settings{merchant: value["merchant-no"], store: value["store-no"], admin: value["store-admin-no"], token: value["token"],
		vendor: value["vendor"], currency: value["currency"], settle: value["settle-currency"], listen: value["listen"]}
	for _, key := range []string{"merchant-no", "store-no", "store-admin-no"} {
		if value[key] != "" && !plain(value[key]) {
			return settings{}, badSetting(key, "letters and digits only, at most 64.")
		}
	}
	if len(s.token) > maxToken || strings.ContainsFunc(s.token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return settings{}, badSetting("token", "it holds what no token holds. Copy it once more.")
	}
	if s.settle == "" {
		if s.settle = "USD"; s.currency == "GBP" {
			s.settle = "GBP"
		}
	}
	var err error
	if s.base, err = address("base-url", value["base-url"]); err != nil {
		return settings{}, err
	}
	if s.callback, err = address("callback-url", value["callback-url"]); err != nil {
		return settings{}, err
	}
	s.allow, err = networks(value["allow"])
	return s, err
}

// address checks a base URL and takes its last slash off; empty stays empty. Plain
// HTTP is for this computer alone: requests can be replayed, so TLS has to protect
// them (pockyt.md 3, 4.1). The tutorial's angle brackets are caught here (12).
func address(key, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.ContainsAny(text, "<>") {
		return "", badSetting(key, "an address such as https://example.com is needed, without angle brackets, a user, a query or a fragment.")
	}
	if u.Scheme == "http" && !local(text) {
		return "", badSetting(key, "plain http is only taken for this computer itself. Write https.")
	}
	return strings.TrimRight(text, "/"), nil
}

// local tells an address on this computer.
func local(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

func networks(text string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if one, err := netip.ParseAddr(part); err == nil {
			list = append(list, netip.PrefixFrom(one, one.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, badSetting("allow", fmt.Sprintf("%.40q is no network such as 192.0.2.0/24.", part))
		}
		list = append(list, p)
	}
	return list, nil
}

// plain tells an id: letters, digits, hyphens.
func plain(id string) bool {
	return id != "" && len(id) <= maxID && !strings.ContainsFunc(id, func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_')
	})
}

func badSetting(key, wrong string) *payment.Error {
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Text: fmt.Sprintf("Setting %s: %s", key, wrong)}
}
