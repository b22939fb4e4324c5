package nexo

import (
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// loginRequest is LoginRequest (nexo-retailer.md 5.1).
type loginRequest struct {
	Language string       `xml:"OperatorLanguage,attr"`
	DateTime string       `xml:"DateTime"`
	Software saleSoftware `xml:"SaleSoftware"`
	Terminal saleTerminal `xml:"SaleTerminalData"`
}

type saleSoftware struct {
	Provider string `xml:"ProviderIdentification,attr"`
	Name     string `xml:"ApplicationName,attr"`
	Version  string `xml:"SoftwareVersion,attr"`
}

type saleTerminal struct {
	Environment  string      `xml:"TerminalEnvironment,attr"`
	Capabilities string      `xml:"SaleCapabilities"`
	Profile      saleProfile `xml:"SaleProfile"`
}

type saleProfile struct {
	Generic  string `xml:"GenericProfile,attr"`
	Services string `xml:"ServiceProfiles"`
}

// The capabilities decide the mode: exactly PrinterReceipt is light mode, and
// CashierInput switches the signature question on (nexo-retailer.md 5.2, 1.2).
const (
	capabilitiesDefault = "CashierStatus CashierError CashierDisplay POIReplication CustomerAssistance CashierInput PrinterReceipt"
	capabilitiesLight   = "PrinterReceipt"
)

// loginResponse is LoginResponse (nexo-retailer.md 5.3).
type loginResponse struct {
	Response response   `xml:"Response"`
	System   *poiSystem `xml:"POISystemData"`
}

type poiSystem struct {
	DateTime string       `xml:"DateTime"`
	Software saleSoftware `xml:"POISoftware"`
	Terminal poiTerminal  `xml:"POITerminalData"`
	Status   poiStatus    `xml:"POIStatus"`
}

type poiTerminal struct {
	Serial       string `xml:"POISerialNumber,attr"`
	Capabilities string `xml:"POICapabilities"`
}

type poiStatus struct {
	Global string `xml:"GlobalStatus,attr"`
}

// logoutRequest is LogoutRequest (nexo-retailer.md 5.5).
type logoutRequest struct {
	MaintenanceAllowed bool `xml:"MaintenanceAllowed,attr"`
}

// login makes the LoginRequest of a mode. Empty names of the till's software are
// filled in, since the schema wants all three.
func login(light bool, language string, software payment.Software, at time.Time) *loginRequest {
	capabilities := capabilitiesDefault
	if light {
		capabilities = capabilitiesLight
	}
	return &loginRequest{
		Language: language,
		DateTime: stamp(at),
		Software: saleSoftware{
			Provider: or(software.Maker, "Paydesk"),
			Name:     or(software.Name, "Paydesk"),
			Version:  or(software.Version, "0"),
		},
		Terminal: saleTerminal{
			Environment:  "Attended",
			Capabilities: capabilities,
			Profile:      saleProfile{Generic: "Extended", Services: "Loyalty PIN CardReader"},
		},
	}
}

// stamp writes a time as the till's messages do: local, to the second, with offset
// (nexo-retailer.md 4.4).
func stamp(at time.Time) string { return at.Format("2006-01-02T15:04:05-07:00") }

func or(text, otherwise string) string {
	if strings.TrimSpace(text) == "" {
		return otherwise
	}
	return text
}

// languages are those the terminal has for the cashier's texts (nexo-retailer.md
// 4.4); the written forms of Norwegian count as Norwegian.
var languages = map[string]string{"sv": "sv", "no": "no", "nb": "no", "nn": "no", "fi": "fi", "da": "da", "en": "en"}

// language finds what to ask for: anything unsupported becomes English.
func language(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-")), "-")
	return or(languages[base], "en")
}
