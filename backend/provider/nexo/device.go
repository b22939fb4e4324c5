package nexo

import (
	"html"
	"regexp"
	"strings"
)

// displayRequest is DisplayRequest from the terminal (nexo-retailer.md 10.2).
type displayRequest struct {
	Outputs []displayOutput `xml:"DisplayOutput"`
}

type displayOutput struct {
	Required flag          `xml:"ResponseRequiredFlag,attr"`
	Device   string        `xml:"Device,attr"`
	Info     string        `xml:"InfoQualify,attr"`
	Content  outputContent `xml:"OutputContent"`
}

type outputContent struct {
	Format     string      `xml:"OutputFormat,attr"`
	Predefined *predefined `xml:"PredefinedContent"`
	Texts      []string    `xml:"OutputText"`
}

type predefined struct {
	Reference string `xml:"ReferenceID,attr"`
}

// displayResponse answers a DisplayRequest whose flag asks for it.
type displayResponse struct {
	Results []outputResult `xml:"OutputResult"`
}

type outputResult struct {
	Device   string   `xml:"Device,attr"`
	Info     string   `xml:"InfoQualify,attr"`
	Response response `xml:"Response"`
}

// printRequest is PrintRequest from the terminal (nexo-retailer.md 10.3).
type printRequest struct {
	Output printOutput `xml:"PrintOutput"`
}

type printOutput struct {
	Qualifier string        `xml:"DocumentQualifier,attr"`
	Mode      string        `xml:"ResponseMode,attr"`
	Signature flag          `xml:"RequiredSignatureFlag,attr"`
	Content   outputContent `xml:"OutputContent"`
}

type printResponse struct {
	Qualifier string   `xml:"DocumentQualifier,attr"`
	Response  response `xml:"Response"`
}

// inputRequest is InputRequest from the terminal (nexo-retailer.md 10.4).
type inputRequest struct {
	Output *displayOutput `xml:"DisplayOutput"`
	Data   inputData      `xml:"InputData"`
}

type inputData struct {
	Device    string `xml:"Device,attr"`
	Info      string `xml:"InfoQualify,attr"`
	Command   string `xml:"InputCommand,attr"`
	MaxTime   string `xml:"MaxInputTime,attr"`
	Immediate flag   `xml:"ImmediateResponseFlag,attr"`
}

type inputResponse struct {
	Output *outputResult `xml:"OutputResult"`
	Result inputResult   `xml:"InputResult"`
}

type inputResult struct {
	Device   string   `xml:"Device,attr"`
	Info     string   `xml:"InfoQualify,attr"`
	Response response `xml:"Response"`
	Input    *input   `xml:"Input"`
}

type input struct {
	Command   string `xml:"InputCommand,attr"`
	Confirmed bool   `xml:"ConfirmedFlag"`
}

// eventNotification is EventNotification (nexo-retailer.md 10.5).
type eventNotification struct {
	Event       string         `xml:"EventToNotify,attr"`
	Maintenance flag           `xml:"MaintenanceRequiredFlag,attr"`
	Details     string         `xml:"EventDetails"`
	Rejected    string         `xml:"RejectedMessage"`
	Output      *displayOutput `xml:"DisplayOutput"`
}

// transmitRequest is TransmitRequest: the terminal tells its address
// (nexo-retailer.md 18).
type transmitRequest struct {
	Destination string `xml:"DestinationAddress,attr"`
	Message     string `xml:"Message"`
}

// text gives the content as plain text: all its OutputTexts, or the id of a
// predefined content. XHTML and bar codes are never shown.
func (c outputContent) text() string {
	if c.Predefined != nil && len(c.Texts) == 0 {
		return c.Predefined.Reference
	}
	lines := make([]string, 0, len(c.Texts))
	for _, t := range c.Texts {
		lines = append(lines, strings.TrimSpace(t))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

var textID = regexp.MustCompile(`(?s)^\s*"?(\d{1,5})"?\s*,\s*(.*)$`)

// splitID takes the text id off a display text: `202,"Approved"` is 202 and
// Approved (nexo-retailer.md 10.2). Plain text has no id.
func splitID(text string) (id, plain string) {
	if parts := textID.FindStringSubmatch(text); parts != nil {
		id, text = parts[1], strings.TrimSpace(parts[2])
		if len(text) >= 2 && strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) {
			text = text[1 : len(text)-1]
		}
	}
	if strings.Contains(text, "&") {
		text = html.UnescapeString(text)
	}
	return id, text
}
