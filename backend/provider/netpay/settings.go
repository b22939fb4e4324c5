package netpay

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The bases of netpay.md 1.
const (
	sandbox    = "https://api-154.api-netpay.com"
	production = "https://suite.netpay.com.mx/gateway"
	// olderSandbox has no other way than plain http.
	olderSandbox = "nubeqa.netpay.com.mx"
)

// How the flag of Smart Accounts travels (netpay.md 6).
const (
	flagOff    = "off"
	flagString = "string"
	flagBool   = "bool"
)

// How a token is renewed (netpay.md 2.4).
const (
	renewPassword = "password"
	renewRefresh  = "refresh"
)

// What an approval needs before it is believed.
const (
	confirmEcho    = "echo"
	confirmReprint = "reprint"
)

const (
	maxStores = 100
	maxID     = 64 // bytes of an id that NetPay gives
)

// settings are a terminal's settings, checked.
type settings struct {
	base             string
	auth             string
	user, password   string
	store            string // the default one
	stores           []payment.Account
	serial           string
	flag             string
	confirm          string
	renew            string
	listen, callback string
	allow            []netip.Prefix
	printing         bool // the terminal prints its own tickets
}

var settingList = []payment.Setting{
	{Key: "base-url", Label: "NetPay's address", Default: sandbox,
		Help: "Sandbox: " + sandbox + ". Production: " + production + "."},
	{Key: "auth-string", Label: "Auth_string", Required: true, Secret: true,
		Help: "Names the API client, as NetPay gave it: the Base64 text that follows \"Basic\"."},
	{Key: "username", Label: "API user", Required: true, Help: "Not the login of the terminal's app."},
	{Key: "password", Label: "API password", Required: true, Secret: true},
	{Key: "serial-number", Label: "Serial number of the terminal", Required: true,
		Help: "It stands on its back. Leading zeros count: 0000012345."},
	{Key: "store-id", Label: "Store", Required: true, Help: "The store that is charged for where none is chosen."},
	{Key: "stores", Label: "Stores of the Smart Accounts group", Lines: true,
		Help: "One in each line, or parted by semicolons: id, name, affiliation, separated by commas. Only with Smart Accounts. The cashier chooses one for each sale; the affiliation is compared with the answer."},
	{Key: "smart-accounts", Label: "Smart Accounts", Default: flagOff, Choices: []string{flagOff, flagString, flagBool},
		Help: "off: one terminal, one store. string: the flag travels as the text \"true\", as NetPay's samples show it. bool: as true, as its prose says."},
	{Key: "listen", Label: "Listen on", Help: "Where the terminal delivers results to this till: host and port, for example :8440. Without it no outcome can arrive, and every sale must be settled by hand."},
	{Key: "callback-url", Label: "Address of this till for the terminal",
		Help: "How the terminal reaches the address above, without a path: http://192.0.2.10:8440, or a public name. Paydesk shows the whole address to type into the terminal (\"Set up service response\")."},
	{Key: "allow", Label: "Who may deliver", Help: "Networks separated by commas, for example 192.0.2.0/24. Empty: everybody who knows the secret address."},
	{Key: "token-renewal", Label: "How a token is renewed", Default: renewPassword, Choices: []string{renewPassword, renewRefresh},
		Help: "password is NetPay's newest advice."},
	{Key: "confirm", Label: "An approval is believed", Default: confirmEcho, Choices: []string{confirmEcho, confirmReprint},
		Help: "echo: when it brings back the mark that only NetPay and the terminal have been told, and everything in it is right; whatever differs is asked about. reprint: only once the terminal has said so again (without paper); each sale takes some seconds longer, and the terminal's app must be 2.0 or later."},
	{Key: "terminal-prints", Label: "The terminal prints its tickets", Default: "yes", Choices: []string{"yes", "no"},
		Help: "no: only once NetPay has certified the tickets of this till."},
	{Key: "currency", Label: "Currency", Default: currency, Choices: []string{currency}, Help: "NetPay charges in pesos only."},
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
	s := settings{auth: value["auth-string"], user: value["username"], password: value["password"], store: value["store-id"], serial: value["serial-number"],
		flag: value["smart-accounts"], confirm: value["confirm"], renew: value["token-renewal"], listen: value["listen"], printing: value["terminal-prints"] == "yes"}
	s.auth = strings.TrimSpace(strings.TrimPrefix(s.auth, "Basic "))
	var err error
	if s.base, err = address("base-url", value["base-url"]); err != nil {
		return settings{}, err
	}
	if strings.HasPrefix(s.base, "http://") && !inTheOpen(s.base) {
		return settings{}, badSetting("base-url", "it must begin with https://, since the API user's password travels to it. Plain http is only for a practice cloud in this network, and for NetPay's older sandbox.")
	}
	if s.callback, err = address("callback-url", value["callback-url"]); err != nil {
		return settings{}, err
	}
	for _, id := range []string{"serial-number", "store-id"} {
		if !plain(value[id]) {
			return settings{}, badSetting(id, "letters and digits only, at most 64.")
		}
	}
	if s.stores, err = stores(value["stores"], s.store); err != nil {
		return settings{}, err
	}
	if len(s.stores) > 0 && s.flag == flagOff {
		return settings{}, badSetting("smart-accounts", "several stores need Smart Accounts: choose string or bool.")
	}
	s.allow, err = networks(value["allow"])
	return s, err
}

// address checks a base URL and takes its last slash off; empty stays empty.
func address(key, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", badSetting(key, "an address such as https://example.com is needed, without a user, a query or a fragment.")
	}
	return strings.TrimRight(text, "/"), nil
}

// inTheOpen tells an address that may be talked to in the open: there is no secret worth
// anything on the way to it (netpay.md 1).
func inTheOpen(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && (ip.IsLoopback() || ip.IsPrivate()) || u.Hostname() == "localhost" || strings.EqualFold(u.Hostname(), olderSandbox)
}

// stores reads one account in each line. The default store comes first; it need not
// be listed.
func stores(text, first string) ([]payment.Account, error) {
	var list []payment.Account
	for line := range strings.SplitSeq(strings.ReplaceAll(text, ";", "\n"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		parts := strings.Split(line, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		if len(parts) > 3 || !plain(parts[0]) {
			return nil, badSetting("stores", fmt.Sprintf("the line %.60q is not: id, name, affiliation.", line))
		}
		a := payment.Account{ID: parts[0]}
		if len(parts) > 1 {
			a.Name = parts[1]
		}
		if len(parts) > 2 {
			a.Affiliation = parts[2]
		}
		if slices.ContainsFunc(list, func(b payment.Account) bool { return a.ID == b.ID }) {
			return nil, badSetting("stores", fmt.Sprintf("the store %.60q stands there twice.", a.ID))
		}
		list = append(list, a)
	}
	if len(list) > maxStores {
		return nil, badSetting("stores", fmt.Sprintf("more than %d stores.", maxStores))
	}
	if len(list) == 0 {
		return nil, nil
	}
	at := slices.IndexFunc(list, func(a payment.Account) bool { return a.ID == first })
	if at < 0 {
		return append([]payment.Account{{ID: first}}, list...), nil
	}
	return append([]payment.Account{list[at]}, slices.Delete(slices.Clone(list), at, at+1)...), nil
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

// affiliation is what is known of a store's merchant number; empty: nothing.
func (s settings) affiliation(store string) string {
	for _, a := range s.stores {
		if a.ID == store {
			return a.Affiliation
		}
	}
	return ""
}

func badSetting(key, wrong string) *payment.Error {
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Text: fmt.Sprintf("Setting %s: %s", key, wrong)}
}
