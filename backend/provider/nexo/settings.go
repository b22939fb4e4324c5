package nexo

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Defaults of the settings. The port is that of nexo-retailer.md 2.1.
const (
	defaultPort   = "11000"
	defaultSaleID = "PAYDESK1"
	defaultListen = ":11000"
	modeDefault   = "default"
	modeLight     = "light"
	maxPOIID      = 32 // bytes, nexo-retailer.md 4.2
	maxSaleID     = 32
)

var currencies = []string{"SEK", "NOK", "DKK", "EUR"}

// settings are a terminal's settings, checked.
type settings struct {
	host, port    string
	poiID, saleID string
	light         bool
	listen        string
	language      string
}

var settingList = []payment.Setting{
	{Key: "address", Label: "Terminal address", Required: true,
		Help: "Host and port of the terminal as its ECR settings show them, for example 192.0.2.15:11000."},
	{Key: "poiid", Label: "Terminal id (POIID)", Required: true,
		Help: "The id agreed with Swedbank Pay. It must equal the one in the terminal."},
	{Key: "saleid", Label: "Till id (SaleID)", Default: defaultSaleID,
		Help: "Names this till to the terminal. Do not change it later: earlier payments are found by it."},
	{Key: "mode", Label: "Mode", Default: modeDefault, Choices: []string{modeDefault, modeLight},
		Help: "default: the terminal also calls the till, which then shows its display. light: only the till calls; no display, no network access to the till."},
	{Key: "listen", Label: "Listen on", Default: defaultListen,
		Help: "Where the terminal reaches this till in default mode; type this computer's address and this port into the terminal's ECR settings."},
	{Key: "not-found", Label: "When the terminal does not know a payment", Default: "doubt", Choices: []string{"doubt", "not-executed"},
		Help: "doubt: a manager decides. not-executed: two such answers of an idle terminal count as proof that nothing was charged."},
	{Key: "currency", Label: "Currency", Default: "SEK", Choices: currencies,
		Help: "It must be set up in the terminal."},
	{Key: "language", Label: "Language of the slips and of the terminal's texts for the cashier", Default: "en",
		Help: "sv, no, fi, da or en; any other becomes en."},
}

// check reads the settings. The error has CodeSettings and names the setting.
func check(given payment.Settings) (settings, error) {
	value := map[string]string{}
	for _, s := range settingList {
		v := or(strings.TrimSpace(given[s.Key]), s.Default)
		if v == "" && s.Required {
			return settings{}, badSetting(s.Key, "it is missing. "+s.Help)
		}
		if len(s.Choices) > 0 && !slices.Contains(s.Choices, v) {
			return settings{}, badSetting(s.Key, strconv.Quote(short(v))+" is not one of "+strings.Join(s.Choices, ", ")+".")
		}
		value[s.Key] = v
	}
	got := settings{poiID: value["poiid"], saleID: value["saleid"], light: value["mode"] == modeLight,
		listen: value["listen"], language: language(value["language"])}
	var err error
	if got.host, got.port, err = hostPort("address", value["address"], defaultPort); err != nil {
		return settings{}, err
	}
	if got.host == "" {
		return settings{}, badSetting("address", "the host is missing, as in 192.0.2.15:11000.")
	}
	if !plainText(got.poiID, maxPOIID) {
		return settings{}, badSetting("poiid", "at most 32 characters without line breaks.")
	}
	if !plainText(got.saleID, maxSaleID) {
		return settings{}, badSetting("saleid", "at most 32 characters without line breaks.")
	}
	if !got.light {
		host, port, err := hostPort("listen", got.listen, "")
		if err != nil {
			return settings{}, err
		}
		got.listen = net.JoinHostPort(host, port)
	}
	return got, nil
}

// hostPort splits an address; port is what to take when there is none.
func hostPort(key, address, port string) (string, string, error) {
	if strings.ContainsAny(address, "/ ") {
		return "", "", badSetting(key, "host and port only, as in 192.0.2.15:11000, without http:// or a path.")
	}
	host, given, err := net.SplitHostPort(address)
	if err != nil {
		bare := strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
		if port == "" || (strings.Contains(bare, ":") && net.ParseIP(bare) == nil) {
			return "", "", badSetting(key, strconv.Quote(short(address))+" is not host:port.")
		}
		return bare, port, nil
	}
	number, err := strconv.ParseUint(given, 10, 16)
	if err != nil || (number == 0 && port != "") {
		return "", "", badSetting(key, strconv.Quote(short(given))+" is not a port from 1 to 65535.")
	}
	return host, given, nil
}

func plainText(s string, limit int) bool {
	return len(s) <= limit && !strings.ContainsFunc(s, unicode.IsControl)
}
