package poynt

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// transaction is the cloud's object (poynt.md 10.1), as far as this cloud fills it.
type transaction struct {
	ID                string      `json:"id"`
	ParentID          string      `json:"parentId,omitempty"`
	Action            string      `json:"action"`
	Status            string      `json:"status"`
	AuthOnly          bool        `json:"authOnly"`
	PartiallyApproved bool        `json:"partiallyApproved"`
	Voided            bool        `json:"voided,omitempty"`
	Settled           bool        `json:"settled,omitempty"`
	Adjusted          bool        `json:"adjusted,omitempty"`
	CreatedAt         stamp       `json:"createdAt"`
	UpdatedAt         stamp       `json:"updatedAt"`
	CustomerLanguage  string      `json:"customerLanguage,omitempty"`
	SignatureRequired bool        `json:"signatureRequired"`
	SignatureCaptured bool        `json:"signatureCaptured,omitempty"`
	PINCaptured       bool        `json:"pinCaptured"`
	Amounts           amounts     `json:"amounts"`
	Context           place       `json:"context"`
	FundingSource     funding     `json:"fundingSource"`
	Processor         *processor  `json:"processorResponse,omitempty"`
	References        []reference `json:"references,omitempty"`
	Links             []link      `json:"links,omitempty"`
}

// stamp is a time as the cloud writes it: UTC, whole seconds (poynt.md 2).
type stamp struct{ time.Time }

const stampForm = "2006-01-02T15:04:05Z"

// MarshalJSON writes the cloud's form.
func (s stamp) MarshalJSON() ([]byte, error) {
	return []byte(`"` + s.UTC().Format(stampForm) + `"`), nil
}

// UnmarshalJSON reads it back.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	t, err := time.Parse(stampForm, strings.Trim(string(raw), `"`))
	if err != nil {
		return fmt.Errorf("reading a time: %w", err)
	}
	s.Time = t
	return nil
}

// amounts are in minor units (poynt.md 10.2).
type amounts struct {
	Transaction int64  `json:"transactionAmount"`
	Order       int64  `json:"orderAmount"`
	Tip         int64  `json:"tipAmount"`
	Cashback    int64  `json:"cashbackAmount"`
	Currency    string `json:"currency"`
}

// place is the transaction's context (poynt.md 10.3).
type place struct {
	BusinessID   string `json:"businessId"`
	StoreID      string `json:"storeId"`
	DeviceID     string `json:"storeDeviceId,omitempty"`
	BusinessType string `json:"businessType"`
	EmployeeID   int64  `json:"employeeUserId,omitempty"`
	MCC          string `json:"mcc"`
	MID          string `json:"mid,omitempty"`
	TID          string `json:"tid,omitempty"`
	Source       string `json:"source"`
	SourceApp    string `json:"sourceApp,omitempty"`
	Zone         string `json:"storeTimezone"`
	Local        stamp  `json:"transmissionAtLocal"`
}

// funding is the fundingSource (poynt.md 10.4).
type funding struct {
	Type  string        `json:"type"`
	Debit bool          `json:"debit"`
	Card  *shownCard    `json:"card,omitempty"`
	EMV   *emvData      `json:"emvData,omitempty"`
	Entry *entryDetails `json:"entryDetails,omitempty"`
}

type entryDetails struct {
	Presence string `json:"customerPresenceStatus"`
	Mode     string `json:"entryMode"`
}

type emvData struct {
	Tags map[string]string `json:"emvTags"`
}

// shownCard is what the cloud tells about a card.
type shownCard struct {
	Type   string `json:"type"`
	First6 string `json:"numberFirst6"`
	Last4  string `json:"numberLast4"`
	Masked string `json:"numberMasked"`
	// The rest is told only with the switch "callback.card-data", so that a till can be
	// seen to drop it. All of it is invented.
	ExpiryMonth int    `json:"expirationMonth,omitempty"`
	ExpiryYear  int    `json:"expirationYear,omitempty"`
	Holder      string `json:"cardHolderFullName,omitempty"`
	ServiceCode string `json:"serviceCode,omitempty"`
	Track1      string `json:"track1data,omitempty"`
	Track2      string `json:"track2data,omitempty"`
	Hash        string `json:"numberHashed,omitempty"`
}

// processor is the processorResponse (poynt.md 10.6).
type processor struct {
	Status    string `json:"status"`
	Code      string `json:"statusCode"`
	Message   string `json:"statusMessage"`
	Approval  string `json:"approvalCode,omitempty"`
	Approved  int64  `json:"approvedAmount"`
	Acquirer  string `json:"acquirer"`
	Processor string `json:"processor"`
	Batch     string `json:"batchId,omitempty"`
	RRN       string `json:"retrievalRefNum,omitempty"`
	ID        string `json:"transactionId,omitempty"`
}

type reference struct {
	Type       string `json:"type"`
	CustomType string `json:"customType,omitempty"`
	ID         string `json:"id"`
}

type link struct {
	Href   string `json:"href"`
	Rel    string `json:"rel"`
	Method string `json:"method"`
}

// Words of the transactions (poynt.md 10.1).
const (
	actionSale      = "SALE"
	actionAuthorise = "AUTHORIZE"
	actionCapture   = "CAPTURE"
	actionRefund    = "REFUND"

	statusAuthorised        = "AUTHORIZED"
	statusPartlyCaptured    = "PARTIALLY_CAPTURED"
	statusCaptured          = "CAPTURED"
	statusDeclined          = "DECLINED"
	statusPartiallyRefunded = "PARTIALLY_REFUNDED"
	statusRefunded          = "REFUNDED"
	statusVoided            = "VOIDED"

	entryChip  = "INTEGRATED_CIRCUIT_CARD"
	entryTap   = "CONTACTLESS_INTEGRATED_CIRCUIT_CARD"
	entrySwipe = "TRACK_DATA_FROM_MAGSTRIPE"
)

// cvm is how the card holder was verified, as tag 9F34 (poynt.md 17).
type cvm string

const (
	cvmNone      cvm = "1F0302"
	cvmPIN       cvm = "020300" // online
	cvmSignature cvm = "1E0300"
)

// placeOf is the context of what a terminal does; a request by REST has none.
func placeOf(deviceID string, at time.Time) place {
	return place{BusinessID: BusinessID, StoreID: StoreID, DeviceID: deviceID, BusinessType: "TEST_MERCHANT", EmployeeID: employeeID, MCC: merchantCode,
		MID: merchantID, TID: terminalID, Source: "INSTORE", SourceApp: bridgePackage, Zone: storeZone, Local: stamp{at}}
}

// fundingOf is the card of the session as the cloud shows it.
func (s *session) fundingOf(number int64, total int64) funding {
	if s.card.fate == fateCash {
		return funding{Type: "CASH"}
	}
	f := funding{Type: "CREDIT_DEBIT", Card: &shownCard{Type: s.card.brand, First6: s.card.first6, Last4: s.card.last4, Masked: s.card.masked()},
		Entry: &entryDetails{Presence: "PRESENT", Mode: s.entry}}
	if s.card.aid != "" {
		f.EMV = &emvData{Tags: map[string]string{"0x9F06": s.card.aid, "0x50": strings.ToUpper(hex.EncodeToString([]byte(s.card.scheme))),
			"0x95": "0000008000", "0x9B": "E800", "0x9F26": fmt.Sprintf("%016X", uint64(number)*0x9E3779B97F4A7C15), "0x9F27": "80", "0x9F36": fmt.Sprintf("%04X", number%0x10000),
			"0x9F34": string(s.cvm), "0x5F34": "01", "0x9F02": fmt.Sprintf("%012d", total), "0x8A": "3030"}}
	}
	return f
}

// withCardData adds what a till must drop before it keeps anything.
func (tx transaction) withCardData() transaction {
	if tx.FundingSource.Card == nil {
		return tx
	}
	c := *tx.FundingSource.Card
	c.ExpiryMonth, c.ExpiryYear, c.Holder, c.ServiceCode = 12, 2030, "PRACTICE/CARD", "201"
	c.Track1, c.Track2, c.Hash = "656e63727970746564", "696e76656e746564", "9a0364b9e99bb480dd25e1f0284c8555"
	tx.FundingSource.Card = &c
	if tx.FundingSource.EMV != nil {
		tags := map[string]string{"0x56": "656E63", "0x57": "696E76", "0x5A": "696E76656E746564"}
		for k, v := range tx.FundingSource.EMV.Tags {
			tags[k] = v
		}
		tx.FundingSource.EMV = &emvData{Tags: tags}
	}
	return tx
}

// referencesTo are how a transaction names the till's reference (poynt.md 9.4).
func (o order) references() []reference {
	list := []reference{}
	if o.reference != "" {
		list = append(list, reference{Type: "CUSTOM", CustomType: "referenceId", ID: o.reference})
	}
	if id := text(o.options["orderId"]); id != "" {
		list = append(list, reference{Type: "POYNT_ORDER", ID: id})
	}
	given, _ := o.options["references"].([]any)
	for _, one := range given[:min(len(given), maxReferences)] {
		if fields, isObject := one.(map[string]any); isObject {
			list = append(list, reference{Type: text(fields["type"]), CustomType: text(fields["customType"]), ID: text(fields["id"])})
		}
	}
	return list
}

// maxReferences bounds how many references of the till are kept.
const maxReferences = 10

// approvalCode is the bank's, invented.
func approvalCode(number int64) string { return fmt.Sprintf("%06d", (number*7919+105502)%1_000_000) }
