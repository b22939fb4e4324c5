package poynt

import (
	"net/http"
	"time"
)

// The business as discovery shows it (poynt.md 5).
type (
	business struct {
		ID         string            `json:"id"`
		Legal      string            `json:"legalName"`
		Name       string            `json:"doingBusinessAs"`
		Type       string            `json:"type"`
		Status     string            `json:"status"`
		Zone       string            `json:"timezone"`
		MCC        string            `json:"mcc"`
		MID        string            `json:"externalMerchantId"`
		Mock       bool              `json:"mockProcessor"`
		Address    address           `json:"address"`
		Attributes map[string]string `json:"attributes"`
		Stores     []store           `json:"stores"`
	}
	address struct {
		Line1     string `json:"line1"`
		City      string `json:"city"`
		Territory string `json:"territory"`
		Postcode  string `json:"postalCode"`
		Country   string `json:"countryCode"`
	}
	store struct {
		ID         string            `json:"id"`
		Name       string            `json:"displayName"`
		Currency   string            `json:"currency"`
		Zone       string            `json:"timezone"`
		Status     string            `json:"status"`
		Address    address           `json:"address"`
		Attributes map[string]string `json:"attributes"`
		Devices    []storeDevice     `json:"storeDevices,omitempty"`
		TIDs       []tidRecord       `json:"storeTerminalIds"`
	}
	storeDevice struct {
		ID       string `json:"deviceId"`
		Serial   string `json:"serialNumber"`
		Name     string `json:"name"`
		Type     string `json:"type"`
		Status   string `json:"status"`
		TID      string `json:"externalTerminalId,omitempty"`
		StoreID  string `json:"storeId"`
		LastSeen stamp  `json:"lastSeenAt,omitzero"`
	}
	tidRecord struct {
		TID      string `json:"tid"`
		MID      string `json:"mid"`
		DeviceID string `json:"deviceId"`
		Acquirer string `json:"acquirer"`
	}
)

var street = address{"1 Practice Road", "Palo Alto", "California", "94301", "USA"}

// storeNow is the store with its terminals: two that take payments, one that was
// switched off for good, and a sensor that is none.
func (c *Cloud) storeNow(devices bool) store {
	skip := "0"
	if c.faults.Get("payment.tips") != "off" {
		skip = "1"
	}
	action := map[string]string{"sale": "SALE", "authorize": "AUTHORIZE"}[c.faults.Get("payment.purchase")]
	s := store{ID: StoreID, Name: storeName, Currency: Currency, Zone: storeZone, Status: "ACTIVE", Address: street,
		Attributes: map[string]string{"purchaseAction": action, "enableGratuity": skip},
		TIDs:       []tidRecord{{terminalID, merchantID, DeviceID, "CHASE_PAYMENTECH"}}}
	if !devices {
		return s
	}
	for _, t := range c.terminals {
		d := storeDevice{ID: t.id, Serial: t.serial, Name: t.name, Type: "TERMINAL", Status: "ACTIVATED", TID: terminalID, StoreID: StoreID}
		if !t.offline() {
			d.LastSeen = stamp{time.Now()}
		}
		s.Devices = append(s.Devices, d)
	}
	s.Devices = append(s.Devices,
		storeDevice{ID: deactivatedDeviceID, Serial: serialNumber + "8", Name: "Old counter", Type: "TERMINAL", Status: "DEACTIVATED", StoreID: StoreID},
		storeDevice{ID: sensorDeviceID, Serial: "WIFIPRACTICE9", Name: "Door sensor", Type: "WIFI_SENSOR", Status: "ACTIVATED", StoreID: StoreID})
	return s
}

func (c *Cloud) businessNow(devices bool) business {
	b := business{ID: BusinessID, Legal: businessName + " Inc.", Name: businessName, Type: "TEST_MERCHANT", Status: "ACTIVATED", Zone: storeZone,
		MCC: merchantCode, MID: merchantID, Mock: true, Address: street, Attributes: map[string]string{}}
	if c.faults.Get("discovery.stores") != "none" {
		b.Stores = []store{c.storeNow(devices)}
	}
	return b
}

// business is GET a business. The plain call may leave the devices out (poynt.md 5).
func (c *Cloud) business(x *exchange) answer {
	if x.r.PathValue("business") != BusinessID {
		return refuse("BUSINESS_NOT_FOUND", "There is no such business.")
	}
	return ok(c.businessNow(c.faults.Get("discovery.plain") == "with-devices" || x.r.URL.Query().Get("storeDevices") == "true"))
}

// businessOfDevice is GET /businesses?storeDeviceId=.
func (c *Cloud) businessOfDevice(x *exchange) answer {
	id := x.r.URL.Query().Get("storeDeviceId")
	for _, t := range c.terminals {
		if t.id == id {
			return ok(c.businessNow(true))
		}
	}
	return refuse("STORE_DEVICE_NOT_FOUND", "There is no such terminal.")
}

func (c *Cloud) store(x *exchange) answer {
	if x.r.PathValue("business") != BusinessID || x.r.PathValue("store") != StoreID {
		return refuse("RESOURCE_NOT_FOUND", "There is no such store.")
	}
	return ok(c.storeNow(true))
}

func (c *Cloud) accounts(x *exchange) answer {
	if x.r.PathValue("business") != BusinessID || x.r.PathValue("store") != StoreID {
		return refuse("RESOURCE_NOT_FOUND", "There is no such store.")
	}
	return answer{http.StatusOK, []map[string]string{{"acquirer": "CHASE_PAYMENTECH", "processor": "MOCK", "mid": merchantID, "status": "ACTIVATED"}}}
}

func (c *Cloud) terminalIDs(*exchange) answer {
	return answer{http.StatusOK, map[string]any{"terminalIds": []map[string]any{{"tid": terminalID, "mid": merchantID, "deviceId": DeviceID,
		"store": map[string]string{"id": StoreID}, "businessId": BusinessID}}}}
}
