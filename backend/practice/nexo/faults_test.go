package nexo

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAnswerFaultsOfAPayment(t *testing.T) {
	for _, c := range []struct {
		fault   string
		lost    bool // the till cannot take this answer as its own
		result  string
		amount  int64
		charged bool
	}{
		{fault: "lose", lost: true, amount: 1000, charged: true},
		{fault: "truncate", lost: true, amount: 1000, charged: true},
		{fault: "garbage", lost: true, amount: 1000, charged: true},
		{fault: "duplicate", lost: true, amount: 1000, charged: true},
		{fault: "empty-200", lost: true, amount: 1000, charged: true},
		{fault: "status-204", lost: true, amount: 1000, charged: true},
		{fault: "status-500", lost: true, amount: 1000, charged: true},
		{fault: "wrong-id", lost: true, amount: 1000, charged: true},
		{fault: "delay", result: "Success", amount: 1000, charged: true},
		{fault: "slow", result: "Success", amount: 1000, charged: true},
		{fault: "unknown-result", result: "xy:Postponed", amount: 1000, charged: true},
		{fault: "wrong-reference", result: "Success", amount: 1000, charged: true},
		{fault: "redirect", lost: true, amount: 1000, charged: true},
		{fault: "partial", result: "Partial", amount: 1000, charged: true},
		{fault: "no-condition", result: "Success", amount: 1000, charged: true},
		{fault: "other-currency", result: "Success", amount: 1000, charged: true},
		{fault: "other-amount", result: "Success", amount: 900, charged: true},
		{fault: "unknown-condition", result: "Failure", amount: 1000},
	} {
		t.Run(c.fault, func(t *testing.T) {
			till := newTill(t, Options{Customer: "contactless"})
			till.login(lightCapability)
			if err := till.term.SetFault("payment.answer", c.fault); err != nil {
				t.Fatal(err)
			}
			id := till.id()
			_, answer, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal"))
			if (err != nil) != c.lost {
				t.Fatalf("%v %v", answer, err)
			}
			if !c.lost && answer.child("Response").get("Result") != c.result {
				t.Errorf("answer %v", answer)
			}
			if c.fault == "wrong-reference" && answer.at("SaleData/SaleTransactionID").get("TransactionID") == "1" {
				t.Error("the reference is the right one")
			}
			b := till.term.Bookings()
			if len(b) != 1 || b[0].AmountMinor != c.amount || b[0].Charged != c.charged {
				t.Fatalf("bookings %+v", b)
			}
			stored := till.repeated(id)
			if got := stored.child("Response").get("Result") == "Success"; got != c.charged || stored.at("SaleData/SaleTransactionID").get("TransactionID") != "1" {
				t.Errorf("the stored answer is falsified too: %v", stored)
			}
			want(t, till.pay("2", "10"), "Success", "")
		})
	}
}

func TestRequestFaults(t *testing.T) {
	for _, fault := range []string{"lose", "refuse"} {
		for _, message := range []string{"Payment", "Login", "TransactionStatus", "Abort"} {
			t.Run(fault+" "+message, func(t *testing.T) {
				till := newTill(t, Options{Customer: "contactless"})
				till.login(lightCapability)
				if err := till.term.SetFault(faultNames[message]+".request", fault); err != nil {
					t.Fatal(err)
				}
				body := map[string]string{"Payment": paymentBody("1", "10", "", "Normal"), "Login": loginBody(lightCapability),
					"TransactionStatus": statusBody(""), "Abort": abortBody("1")}[message]
				if status, _, err := till.post(request(till.id(), message, body)); err == nil {
					t.Fatalf("answered with %d", status)
				}
				if b := till.term.Bookings(); len(b) != 0 {
					t.Errorf("bookings %+v", b)
				}
				want(t, till.pay("2", "10"), "Success", "")
			})
		}
	}
}

func TestAlwaysSticks(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	till.login(lightCapability)
	if err := till.term.SetFault("status.answer", "always:busy"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		answer, err := till.ask("TransactionStatus", statusBody(""))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Failure", "Busy")
	}
	for _, bad := range [][2]string{{"status.answer", "nonsense"}, {"nonsense", "ok"}, {"network", "always:unplugged"}} {
		if till.term.SetFault(bad[0], bad[1]) == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

func TestEveryFaultCanBeSet(t *testing.T) {
	till := newTill(t, Options{})
	for _, f := range Faults() {
		if f.Label == "" || f.Help == "" || len(f.Choices) < 2 {
			t.Errorf("fault %+v", f)
		}
		for _, choice := range append(slices.Clone(f.Choices), f.Choices[0]) {
			if err := till.term.SetFault(f.Name, choice); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestDisplayFaults(t *testing.T) {
	for _, fault := range []string{"lose", "delay", "duplicate", "reorder", "wrong-id", "wrong-poiid", "truncate", "close", "flag-true", "flag-absent"} {
		t.Run(fault, func(t *testing.T) {
			till := newTill(t, Options{Customer: "contactless"})
			till.login(fullCapabilities)
			till.until("Welcome")
			if err := till.term.SetFault("display", fault); err != nil {
				t.Fatal(err)
			}
			want(t, till.pay("1", "10"), "Success", "")
			till.until("Approved")
			texts := strings.Join(till.texts()[2:], "|")
			present := `101,"Present card"`
			switch count := strings.Count(texts, present); fault {
			case "lose", "truncate", "close":
				if count != 0 {
					t.Errorf("texts %s", texts)
				}
			case "duplicate":
				if count != 2 {
					t.Errorf("texts %s", texts)
				}
			case "reorder":
				if !strings.HasPrefix(texts, `120,"Authorizing"|`+present) {
					t.Errorf("texts %s", texts)
				}
			default:
				if count != 1 {
					t.Errorf("texts %s", texts)
				}
			}
			till.noViolations()
		})
	}
}

func TestViolationsOfTheTillsAnswers(t *testing.T) {
	for _, wrong := range []string{"status", "id"} {
		t.Run(wrong, func(t *testing.T) {
			till := newTill(t, Options{Customer: "signature"})
			till.login(fullCapabilities)
			till.until("Welcome")
			till.mu.Lock()
			till.wrong = wrong
			till.mu.Unlock()
			want(t, till.pay("1", "10"), "Failure", "Refusal")
			if len(till.term.Violations()) == 0 {
				t.Error("nothing was noticed")
			}
		})
	}
}

func TestMalformedRequests(t *testing.T) {
	ordered := paymentBody("1", "10", "", "Normal")
	swapped := strings.Replace(ordered, "<PaymentData PaymentType=\"Normal\"/>", "", 1)
	swapped = strings.Replace(swapped, "<PaymentRequest>", "<PaymentRequest><PaymentData PaymentType=\"Normal\"/>", 1)
	for name, c := range map[string]struct{ category, body string }{
		"order":               {"Payment", swapped},
		"unknown element":     {"Payment", strings.Replace(ordered, "</PaymentRequest>", "<Extra/></PaymentRequest>", 1)},
		"unknown attribute":   {"Payment", strings.Replace(ordered, "PaymentType=", `Colour="red" PaymentType=`, 1)},
		"enumeration":         {"Payment", strings.Replace(ordered, `"Normal"`, `"Sometimes"`, 1)},
		"missing attribute":   {"Payment", strings.Replace(ordered, ` RequestedAmount="10"`, "", 1)},
		"amount with a comma": {"Payment", strings.Replace(ordered, `"10"`, `"10,00"`, 1)},
		"body of another":     {"Payment", loginBody(lightCapability)},
		"login without data":  {"Login", strings.Replace(loginBody(lightCapability), lightCapability, "", 1)},
		"abort without cause": {"Abort", `<AbortRequest><MessageReference ServiceID="1"/></AbortRequest>`},
	} {
		t.Run(name, func(t *testing.T) {
			till := newTill(t, Options{Customer: "contactless"})
			till.login(fullCapabilities)
			till.until("Welcome")
			for reaction, status := range map[string]int{"reject": 204, "format": 200, "400": 400} {
				if err := till.term.SetFault("violation", reaction); err != nil {
					t.Fatal(err)
				}
				got, raw, err := till.post(request(till.id(), c.category, c.body))
				if err != nil || got != status {
					t.Fatalf("%s: %d %s %v", reaction, got, raw, err)
				}
				switch reaction {
				case "reject":
					if n := till.until("Reject"); n.at("EventNotification/RejectedMessage").value() == "" {
						t.Errorf("event %v", n)
					}
				case "format":
					if !strings.Contains(string(raw), "MessageFormat") {
						t.Errorf("answer %s", raw)
					}
				}
			}
			if n := len(till.term.Violations()); n != 3 {
				t.Errorf("violations %q", till.term.Violations())
			}
			if b := till.term.Bookings(); len(b) != 0 {
				t.Errorf("bookings %+v", b)
			}
		})
	}
}

func TestBrokenMessages(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	till.login(lightCapability)
	if err := till.term.SetFault("violation", "400"); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"empty": "", "not XML": "hello", "cut": "<SaleToPOIRequest><MessageHeader", "doctype": `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`,
		"wrong root": "<SaleToPOIResponse/>", "two roots": "<a/><b/>", "bad UTF-8": "<a>\xff</a>", "huge": strings.Repeat(" ", maxBody+1),
		"deep": strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), "no header": "<SaleToPOIRequest><LoginRequest/></SaleToPOIRequest>",
	} {
		if status, _, err := till.post(body); err != nil || status != http.StatusBadRequest {
			t.Errorf("%s: %d %v", name, status, err)
		}
	}
	for _, path := range []string{"/", "/EPASSaleToPOI/3.0"} {
		response, err := till.client.Post("http://"+till.addr+path, "application/xml", strings.NewReader("<a/>"))
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %v", path, response.StatusCode, err)
		}
	}
	want(t, till.pay("1", "10"), "Success", "")
}
