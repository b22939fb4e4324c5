package nexo

import (
	"slices"
	"strings"
	"testing"
)

func TestRequestsWithoutALogin(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	want(t, till.pay("1", "10"), "Failure", "NotAllowed")
	till.login(lightCapability)
	want(t, till.pay("1", "10"), "Success", "")
	answer, err := till.ask("Logout", `<LogoutRequest MaintenanceAllowed="true"/>`)
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Success", "")
	want(t, till.pay("2", "10"), "Failure", "NotAllowed")
}

func TestLoginResponse(t *testing.T) {
	till := newTill(t, Options{Serial: "2290000042"})
	_, raw, err := till.post(request(till.id(), "Login", loginBody(fullCapabilities)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`ProtocolVersion="3.1"`, `POISerialNumber="2290000042"`, `GlobalStatus="OK"`, "ICC EMVContactless"} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("no %s in %s", part, raw)
		}
	}
}

func TestForeignPOIIDAndSaleID(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	foreign := strings.Replace(request("1", "Login", loginBody(lightCapability)), "KASSA-01", "KASSA-77", 1)
	if status, raw, err := till.post(foreign); err != nil || status != 200 || !strings.Contains(string(raw), "Refusal") {
		t.Errorf("%d %s %v", status, raw, err)
	}
	till.login(lightCapability)
	other := strings.Replace(request("2", "Payment", paymentBody("1", "10", "", "Normal")), "TILL1", "TILL2", 1)
	if status, raw, err := till.post(other); err != nil || status != 200 || !strings.Contains(string(raw), "NotAllowed") {
		t.Errorf("%d %s %v", status, raw, err)
	}
}

func TestRepeatedServiceIDIsNoticed(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	till.login(lightCapability)
	for range 2 {
		if _, _, err := till.askWith("77", "TransactionStatus", statusBody("")); err != nil {
			t.Fatal(err)
		}
	}
	if v := till.term.Violations(); len(v) != 1 || !strings.Contains(v[0], "77") {
		t.Errorf("violations %q", v)
	}
}

func TestMaintenance(t *testing.T) {
	till := newTill(t, Options{})
	if err := till.term.SetFault("maintenance", "waiting"); err != nil {
		t.Fatal(err)
	}
	till.login(fullCapabilities)
	if n := till.until("SaleAdmin"); n.child("EventNotification").get("MaintenanceRequiredFlag") != "true" {
		t.Errorf("event %v", n)
	}
	if _, err := till.ask("Logout", `<LogoutRequest MaintenanceAllowed="true"/>`); err != nil {
		t.Fatal(err)
	}
	till.until("EndMaintenance")
	if texts := till.texts(); !slices.Contains(texts, "event BeginMaintenance") {
		t.Errorf("texts %q", texts)
	}
	till.login(fullCapabilities)
}

func TestOtherServices(t *testing.T) {
	till := newTill(t, Options{})
	till.login(fullCapabilities)
	answer, err := till.ask("Admin", `<AdminRequest><ServiceIdentification>OM02</ServiceIdentification></AdminRequest>`)
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Failure", "UnavailableService")
	for body, want := range map[string]string{
		`Display:<DisplayRequest><DisplayOutput Device="CustomerDisplay" InfoQualify="Display"><OutputContent OutputFormat="Text"><OutputText>Hej</OutputText></OutputContent></DisplayOutput></DisplayRequest>`:                      `Result="Success"`,
		`Input:<InputRequest><InputData Device="CustomerInput" InfoQualify="Input" InputCommand="DigitString"/></InputRequest>`:                                                                                                       "<DigitInput>",
		`Print:<PrintRequest><PrintOutput DocumentQualifier="SaleReceipt" ResponseMode="PrintEnd"><OutputContent OutputFormat="Text"><OutputText Alignment="Centred">Kaffe</OutputText></OutputContent></PrintOutput></PrintRequest>`: "UnavailableDevice",
	} {
		category, body, _ := strings.Cut(body, ":")
		id := till.id()
		text := strings.Replace(request(id, category, body), `MessageClass="Service"`, `MessageClass="Device" DeviceID="`+id+`"`, 1)
		status, raw, err := till.post(text)
		if err != nil || status != 200 || !strings.Contains(string(raw), want) {
			t.Errorf("%s: %d %s %v", category, status, raw, err)
		}
	}
	if lines := till.term.Device().View().Screen.Lines; !slices.Equal(lines, []string{"Hej"}) {
		t.Errorf("screen %q", lines)
	}
	till.noViolations()
}
