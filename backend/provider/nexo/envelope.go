package nexo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Limits of one message in either direction. The largest honest one, a payment
// answer with two receipts, stays below 16 KiB.
const (
	maxBody     = 1 << 20
	maxElements = 5000
	maxDepth    = 32
)

const (
	protocolVersion = "3.1"
	rootRequest     = "SaleToPOIRequest"
	rootResponse    = "SaleToPOIResponse"
)

var (
	errDoctype = errors.New("a document type is not allowed")
	errTooDeep = fmt.Errorf("more than %d elements or %d levels", maxElements, maxDepth)
)

// message is the envelope of nexo-retailer.md 4.1: a root, a header and exactly
// one body element. Unknown elements and attributes are skipped on reading.
type message struct {
	XMLName xml.Name
	Header  *header `xml:"MessageHeader"`

	LoginRequest   *loginRequest   `xml:"LoginRequest"`
	LoginResponse  *loginResponse  `xml:"LoginResponse"`
	LogoutRequest  *logoutRequest  `xml:"LogoutRequest"`
	LogoutResponse *plainResponse  `xml:"LogoutResponse"`
	PaymentRequest *paymentRequest `xml:"PaymentRequest"`
	AbortRequest   *abortRequest   `xml:"AbortRequest"`
	StatusRequest  *statusRequest  `xml:"TransactionStatusRequest"`
	StatusResponse *statusResponse `xml:"TransactionStatusResponse"`

	PaymentResponse  *paymentResponse  `xml:"PaymentResponse"`
	ReversalRequest  *reversalRequest  `xml:"ReversalRequest"`
	ReversalResponse *reversalResponse `xml:"ReversalResponse"`

	DisplayRequest  *displayRequest    `xml:"DisplayRequest"`
	DisplayResponse *displayResponse   `xml:"DisplayResponse"`
	PrintRequest    *printRequest      `xml:"PrintRequest"`
	PrintResponse   *printResponse     `xml:"PrintResponse"`
	InputRequest    *inputRequest      `xml:"InputRequest"`
	InputResponse   *inputResponse     `xml:"InputResponse"`
	Event           *eventNotification `xml:"EventNotification"`
	TransmitRequest *transmitRequest   `xml:"TransmitRequest"`
}

// header is MessageHeader (nexo-retailer.md 4.2).
type header struct {
	ProtocolVersion string `xml:"ProtocolVersion,attr,omitempty"`
	Class           string `xml:"MessageClass,attr"`
	Category        string `xml:"MessageCategory,attr"`
	Type            string `xml:"MessageType,attr"`
	ServiceID       string `xml:"ServiceID,attr,omitempty"`
	DeviceID        string `xml:"DeviceID,attr,omitempty"`
	SaleID          string `xml:"SaleID,attr"`
	POIID           string `xml:"POIID,attr"`
}

// response is Response: the result of anything (nexo-retailer.md 17).
type response struct {
	Result     string `xml:"Result,attr"`
	Condition  string `xml:"ErrorCondition,attr,omitempty"`
	Additional string `xml:"AdditionalResponse,omitempty"`
}

const (
	resultSuccess = "Success"
	resultFailure = "Failure"
)

// plainResponse is a body that holds nothing but a Response.
type plainResponse struct {
	Response response `xml:"Response"`
}

// messageReference names another message (nexo-retailer.md 11.1).
type messageReference struct {
	Category  string `xml:"MessageCategory,attr,omitempty"`
	ServiceID string `xml:"ServiceID,attr,omitempty"`
	SaleID    string `xml:"SaleID,attr,omitempty"`
	POIID     string `xml:"POIID,attr,omitempty"`
}

// transactionID is SaleTransactionID or POITransactionID. TimeStamp is kept
// character by character: a reversal must repeat it (nexo-retailer.md 4.4).
type transactionID struct {
	TransactionID string `xml:"TransactionID,attr"`
	TimeStamp     string `xml:"TimeStamp,attr"`
}

// flag is a boolean attribute, read leniently: anything but the four forms of the
// schema counts as absent.
type flag string

// is gives the value, or the schema's default when there is none.
func (f flag) is(absent bool) bool {
	switch strings.TrimSpace(string(f)) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return absent
}

// name is the name of the body element: category and type, with the one exception
// of nexo-retailer.md 4.1.
func (m *message) name() string {
	if m.Header.Category == "Event" {
		return "EventNotification"
	}
	return m.Header.Category + m.Header.Type
}

// encode writes the message as it goes over the wire.
func (m *message) encode() ([]byte, error) {
	raw, err := xml.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", m.name(), err)
	}
	return raw, nil
}

// decode reads one message. It refuses what is not one well-formed document with
// the root of a message and a header, any document type, and absurd sizes.
func decode(body []byte) (*message, error) {
	if len(body) > maxBody {
		return nil, fmt.Errorf("message of more than %d bytes", maxBody)
	}
	plain, err := toUTF8(body)
	if err != nil {
		return nil, err
	}
	inner := xml.NewDecoder(bytes.NewReader(plain))
	inner.CharsetReader = charset
	d := xml.NewTokenDecoder(&guard{raw: inner})
	m := &message{}
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("reading XML: %w", err)
	}
	if err := rest(d); err != nil {
		return nil, err
	}
	if m.XMLName.Local != rootRequest && m.XMLName.Local != rootResponse {
		return nil, fmt.Errorf("root element is %s", strconv.Quote(short(m.XMLName.Local)))
	}
	if m.Header == nil || m.Header.Category == "" || m.Header.Type == "" {
		return nil, errors.New("the message header is missing or incomplete")
	}
	return m, nil
}

// rest makes sure that nothing but blanks and comments follows the root.
func rest(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading XML after the root: %w", err)
		}
		switch t := token.(type) {
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return errors.New("text after the root element")
			}
		case xml.StartElement:
			return errors.New("a second root element")
		}
	}
}

// guard hands on tokens and refuses document types (and with them every entity
// expansion) and documents beyond the limits.
type guard struct {
	raw             *xml.Decoder
	depth, elements int
}

// Token implements xml.TokenReader. Nesting is checked by the decoder above.
func (g *guard) Token() (xml.Token, error) {
	token, err := g.raw.RawToken()
	switch token.(type) {
	case xml.Directive:
		return nil, errDoctype
	case xml.StartElement:
		g.depth++
		g.elements++
		if g.depth > maxDepth || g.elements > maxElements {
			return nil, errTooDeep
		}
	case xml.EndElement:
		g.depth--
	}
	return token, err
}

// toUTF8 takes off a byte order mark and converts UTF-16.
func toUTF8(body []byte) ([]byte, error) {
	order := unicode.BigEndian
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return body[3:], nil
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")):
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")):
		order = unicode.LittleEndian
	default:
		return body, nil
	}
	plain, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(body)
	if err != nil {
		return nil, fmt.Errorf("reading UTF-16: %w", err)
	}
	return plain, nil
}

// charset serves the encoding of an XML declaration. UTF-16 was converted before.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be":
		return in, nil
	case "iso-8859-1", "latin1":
		return charmap.ISO8859_1.NewDecoder().Reader(in), nil
	case "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(in), nil
	}
	return nil, fmt.Errorf("unknown encoding %s", strconv.Quote(short(label)))
}

// How much of a foreign text goes into an error, a reason, a note, in bytes.
const (
	maxQuoted = 60
	maxReason = 200
	maxNote   = 600
)

func short(s string) string { return shorten(s, maxQuoted) }

// shorten cuts a foreign text.
func shorten(s string, limit int) string {
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "..."
	}
	return s
}
