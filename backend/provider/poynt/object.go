package poynt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// transaction is what Poynt tells of one (poynt.md 10.1), of which the till reads
// this much. Fields that decide nothing take any JSON.
type transaction struct {
	ID       text    `json:"id"`
	ParentID text    `json:"parentId"`
	Action   text    `json:"action"`
	Status   text    `json:"status"`
	AuthOnly flag    `json:"authOnly"`
	Partial  flag    `json:"partiallyApproved"`
	Voided   flag    `json:"voided"`
	Settled  flag    `json:"settled"`
	Amounts  amounts `json:"amounts"`
	Context  struct {
		Business  text `json:"businessId"`
		Store     text `json:"storeId"`
		Device    text `json:"storeDeviceId"`
		Kind      text `json:"businessType"`
		MID       text `json:"mid"`
		TID       text `json:"tid"`
		City      text `json:"storeAddressCity"`
		Territory text `json:"storeAddressTerritory"`
		Zone      text `json:"storeTimezone"`
	} `json:"context"`
	Funding   funding `json:"fundingSource"`
	Processor struct {
		Status       text  `json:"status"`
		Code         text  `json:"statusCode"`
		Message      text  `json:"statusMessage"`
		Approval     text  `json:"approvalCode"`
		Approved     minor `json:"approvedAmount"`
		Acquirer     text  `json:"acquirer"`
		RetrievalRef text  `json:"retrievalRefNum"`
	} `json:"processorResponse"`
	Approval          text        `json:"approvalCode"`
	SignatureRequired flag        `json:"signatureRequired"`
	SignatureCaptured flag        `json:"signatureCaptured"`
	PINCaptured       flag        `json:"pinCaptured"`
	References        []reference `json:"references"`
	Links             []link      `json:"links"`
	CreatedAt         text        `json:"createdAt"`
	UpdatedAt         text        `json:"updatedAt"`
}

type amounts struct {
	Total    minor `json:"transactionAmount"`
	Order    minor `json:"orderAmount"`
	Tip      minor `json:"tipAmount"`
	Cashback minor `json:"cashbackAmount"`
	Currency text  `json:"currency"`
	NoTip    flag  `json:"customerOptedNoTip"`
}

type funding struct {
	Type text `json:"type"`
	Card struct {
		Type  text `json:"type"`
		Last4 text `json:"numberLast4"`
	} `json:"card"`
	EMV struct {
		Tags map[string]text `json:"emvTags"`
	} `json:"emvData"`
	Entry struct {
		Mode text `json:"entryMode"`
	} `json:"entryDetails"`
}

type reference struct {
	Type       text `json:"type"`
	CustomType text `json:"customType"`
	ID         text `json:"id"`
}

type link struct {
	Href text `json:"href"`
	Rel  text `json:"rel"`
}

// named tells whether the transaction carries a reference, under whatever custom type
// (poynt.md 12) but those for other things.
func (t transaction) named(wanted string) bool {
	return wanted != "" && slices.ContainsFunc(t.References, func(r reference) bool {
		return string(r.ID) == wanted && r.Type != "POYNT_ORDER" && r.CustomType != typedReference && r.CustomType != operationReference
	})
}

// ours tells whether the transaction is of an attempt. Two tills may have drawn the
// same reference in the same second; the operation tells them apart.
func (t transaction) ours(r payment.Request) bool {
	told := false
	for _, one := range t.References {
		if one.CustomType == operationReference {
			if told = true; string(one.ID) == r.Operation {
				return t.named(r.Attempt.Reference)
			}
		}
	}
	return !told && t.named(r.Attempt.Reference)
}

// another tells whether it carries a till's reference that is neither this attempt's
// nor taken over from its original.
func (t transaction) another(r payment.Request, original transaction) bool {
	return !t.ours(r) && slices.ContainsFunc(t.References, func(one reference) bool {
		return one.CustomType == ourReference && !original.named(string(one.ID))
	})
}

// created is when Poynt booked it; zero if that cannot be read.
func (t transaction) created() time.Time {
	at, err := time.Parse(time.RFC3339, string(t.CreatedAt))
	if err != nil {
		return time.Time{}
	}
	return at
}

// The custom types of references (poynt.md 7.4, 9.4).
const (
	ourReference   = "referenceId"
	typedReference = "posReferenceId"
	// operationReference is the till's own: the id of its operation.
	operationReference = "paydeskOperation"
)

// readTransaction takes one transaction apart.
func readTransaction(body []byte) (transaction, error) {
	var t transaction
	if err := json.Unmarshal(body, &t); err != nil {
		return t, fmt.Errorf("transaction: %w", err)
	}
	if t.ID == "" || t.Action == "" || t.Status == "" {
		return t, fmt.Errorf("transaction without id, action or status")
	}
	return t, nil
}

// page is one page of a list. Each transaction is read by itself, so that one that
// nobody can read does not hide the others.
type page struct {
	Transactions []json.RawMessage `json:"transactions"`
	Links        []link            `json:"links"`
}

// posted is what the terminal delivers (poynt.md 9.4).
type posted struct {
	Reference    text            `json:"referenceId"` // also spelt referenceID: names are read in any case
	Status       text            `json:"status"`
	Tips         map[string]text `json:"tipAmounts"`
	Transactions []struct {
		ID        text `json:"id"`
		Status    text `json:"status"`
		UpdatedAt text `json:"updatedAt"`
	} `json:"transactions"`
}

// readPosted takes a delivery apart. It must be one JSON object.
func readPosted(body []byte) (posted, error) {
	var p posted
	if err := json.Unmarshal(body, &p); err != nil {
		return p, fmt.Errorf("callback: %w", err)
	}
	if p.Status == "" && len(p.Transactions) == 0 {
		return p, fmt.Errorf("callback without status and transactions")
	}
	return p, nil
}

// text takes any scalar; an object or array counts as absent.
type text string

// UnmarshalJSON reads leniently: what is no text decides nothing.
func (t *text) UnmarshalJSON(raw []byte) error {
	switch {
	case bytes.Equal(raw, []byte("null")):
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = text(s)
	case raw[0] == '{' || raw[0] == '[':
	default:
		*t = text(raw)
	}
	return nil
}

// flag takes true, 1 and their texts; everything else is false.
type flag bool

// UnmarshalJSON reads leniently.
func (f *flag) UnmarshalJSON(raw []byte) error {
	s := strings.ToLower(strings.Trim(string(raw), `"`))
	*f = s == "true" || s == "1"
	return nil
}

// minor is an amount in minor units (poynt.md 2). told: it was there.
type minor struct {
	value int64
	told  bool
}

// UnmarshalJSON takes whole numbers only: an amount is never guessed.
func (m *minor) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	v, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || v < 0 || v > money.Limit {
		return fmt.Errorf("%q is not an amount in minor units", cut(string(raw)))
	}
	*m = minor{v, true}
	return nil
}
