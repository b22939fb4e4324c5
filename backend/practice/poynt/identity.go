package poynt

// The practice merchant. All ids are invented; they are the same in every
// practice cloud, so that a till keeps its settings.
const (
	AppID      = "urn:aid:5c0e8a1f-9d3b-4e6a-b7c2-1f4a6d8e0b35"
	BusinessID = "b5a1e8d0-6c1f-4b7e-9a53-2f0d7c9e4b1a"
	StoreID    = "d84c3f7b-1e2a-4c5d-8f6e-a9b0c1d2e3f4"
	// DeviceID is the terminal with the pin pad page.
	DeviceID = "urn:tid:e3f1a7c9-5b2d-3e8f-a4c6-7d9b1f0e2c5a"
	// SecondDeviceID is another terminal of the same store. It has no page and is
	// switched off unless the switch "second" says otherwise.
	SecondDeviceID = "urn:tid:f7b2c8da-6e3f-3a9b-b5d7-8eac2f1d3e6b"
	// Currency is the store's.
	Currency = "USD"

	deactivatedDeviceID = "urn:tid:a1c3e5f7-2b4d-3f6a-8c0e-9d1b3f5a7c2e"
	sensorDeviceID      = "urn:tid:c5e7a9b1-4d6f-3b8c-9e2a-1f3d5b7c9e4a"

	organisationID = "0c2e4a6b-8d1f-4b3a-a5c7-e9f1b3d5a7c9"
	serviceIssuer  = "https://services.poynt.net"
	serviceEU      = "https://services-eu.poynt.net"
	businessName   = "Practice Corner Shop"
	storeName      = "Main street"
	storeZone      = "America/New_York"
	merchantID     = "e10test"
	terminalID     = "56uw"
	merchantCode   = "5812"
	employeeID     = 1000001
	bridgePackage  = "co.poynt.services"
	serialNumber   = "P61SWPRACTICE" // and one digit

	// tokenKeyID is above 2^53: it must never pass through a float (poynt.md 3.2).
	tokenKeyID int64 = 9_007_199_254_740_993_117
)
