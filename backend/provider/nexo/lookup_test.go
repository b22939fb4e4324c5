package nexo

import (
	"net/http"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// looks answers status requests in turn.
func looks(t *testing.T, bodies ...string) *fake {
	t.Helper()
	n := 0
	return newFake(t, func(m *message) (int, string) {
		body := bodies[min(n, len(bodies)-1)]
		n++
		if body == "cut" {
			return -1, ""
		}
		return http.StatusOK, answerTo(m, body)
	})
}

// TestLookup walks the answers of nexo-retailer.md 12.2 and 12.4.
func TestLookup(t *testing.T) {
	approved := paid(`Result="Success"`, amounts(`Currency="SEK" AuthorizedAmount="300"`))
	old := strings.ReplaceAll(approved, "20260412000123001", "20260411000099001")
	voided := `<ReversalResponse><Response Result="Success"/><POIData><POITransactionID TransactionID="9000010042" TimeStamp="2026-04-12T08:15:31.204Z"/></POIData></ReversalResponse>`
	failure := func(condition string) string {
		return statusOf("Payment", "1776000010", paid(`Result="Failure" ErrorCondition="`+condition+`"`, ""))
	}
	cases := []struct {
		name    string
		request payment.Request
		bodies  []string
		want    payment.Outcome
		reason  payment.Reason
		code    payment.Code
		looks   int
	}{
		{"Seq38LostPaymentResponseApproved", sale(30000), []string{statusOf("Payment", "1776000010", approved)}, payment.Success, "", "", 1},
		{"Seq39LostPaymentResponseDeclined", sale(30000), []string{failure("Refusal")}, payment.Refused, payment.ReasonIssuer, "", 1},
		{"Seq17UnknownConditionRepeated", sale(30000), []string{failure("xy:Strange")}, payment.Refused, payment.ReasonUnknownCode, "", 1},
		{"Seq40LostPaymentRequest", sale(30000), []string{statusFailure("NotFound"), statusOf("Payment", "1775999000", old)}, payment.NotFound, payment.ReasonNotFound, "", 2},
		{"Seq40OnlyTheOldOne", sale(30000), []string{statusOf("Payment", "1776000010", old)}, payment.Unknown, payment.ReasonForeign, "", 2},
		{"Seq41Busy", sale(30000), []string{statusFailure("Busy")}, payment.Pending, payment.ReasonBusy, "", 1},
		{"Seq42InProgress", sale(30000), []string{statusFailure("InProgress")}, payment.Pending, payment.ReasonBusy, "", 1},
		{"Seq42InProgressRepeated", sale(30000), []string{failure("InProgress")}, payment.Pending, payment.ReasonBusy, "", 1},
		{"Seq43NotFound", sale(30000), []string{statusFailure("NotFound")}, payment.NotFound, payment.ReasonNotFound, "", 2},
		{"Seq43NotFoundThenBusy", sale(30000), []string{statusFailure("NotFound"), statusFailure("Busy")}, payment.Pending, payment.ReasonBusy, "", 2},
		{"Seq43NotFoundThenOurs", sale(30000), []string{statusFailure("NotFound"), statusOf("Payment", "1776000010", approved)}, payment.Success, "", "", 2},
		{"Seq43NotFoundThenCut", sale(30000), []string{statusFailure("NotFound"), "cut"}, "", "", payment.CodeNoAnswer, 2},
		{"Seq44NothingRepeated", sale(30000), []string{`<TransactionStatusResponse><Response Result="Success"/></TransactionStatusResponse>`}, payment.Unknown, payment.ReasonForeign, "", 2},
		{"Seq44OtherKind", sale(30000), []string{statusOf("CardAcquisition", "1", "<CardAcquisitionResponse/>")}, payment.Unknown, payment.ReasonForeign, "", 2},
		{"Seq49Reboot", sale(30000), []string{statusFailure("NotAllowed")}, "", "", payment.CodeNotSignedIn, 1},
		{"Seq49LoggedOut", sale(30000), []string{statusFailure("LoggedOut")}, "", "", payment.CodeNotSignedIn, 1},
		{"other failure", sale(30000), []string{statusFailure("xy:Strange")}, "", "", payment.CodeRejected, 1},
		{"unknown result", sale(30000), []string{`<TransactionStatusResponse><Response Result="Maybe"/></TransactionStatusResponse>`}, "", "", payment.CodeUnreadable, 1},
		{"refused start repeated", sale(30000), []string{failure("Busy")}, payment.NotDone, payment.ReasonBusy, "", 1},
		{"no session repeated", sale(30000), []string{failure("NotAllowed")}, payment.NotDone, payment.ReasonNotSignedIn, "", 1},
		{"partial repeated", sale(30000), []string{statusOf("Payment", "1776000010", paid(`Result="Partial"`, ""))}, payment.Unknown, payment.ReasonUnknownCode, "", 1},
		{"Seq56VoidResponseLost", void(), []string{statusOf("Reversal", "1776000020", voided)}, payment.Success, "", "", 1},
		{"Seq56VoidBySecondLook", void(), []string{statusFailure("NotFound"), statusOf("Reversal", "1776000001", voided)}, payment.Success, "", "", 2},
		{"Seq56AnotherVoid", void(), []string{statusOf("Reversal", "1776000020", strings.Replace(voided, "9000010042", "9000010041", 1))}, payment.Unknown, payment.ReasonForeign, "", 2},
		{"Seq56SaleInsteadOfVoid", void(), []string{statusOf("Payment", "1776000020", approved)}, payment.Unknown, payment.ReasonForeign, "", 2},
		{"Seq56EarlierRefusal", void(), []string{statusFailure("NotFound"), statusOf("Reversal", "1776000001", strings.Replace(voided, `"Success"`, `"Failure" ErrorCondition="NotFound"`, 1))}, payment.NotFound, payment.ReasonNotFound, "", 2},
		{"Seq54VoidRefused", void(), []string{statusOf("Reversal", "1776000020", `<ReversalResponse><Response Result="Failure" ErrorCondition="NotFound"/></ReversalResponse>`)}, payment.Refused, payment.ReasonNotLast, "", 1},
	}
	for _, c := range cases {
		f := looks(t, c.bodies...)
		h := open(t, f.address(), light)
		got, err := h.Lookup(t.Context(), c.request, h.op)
		if c.code != "" {
			if payment.CodeOf(err) != c.code {
				t.Errorf("%s: %+v, %v", c.name, got, err)
			}
		} else if err != nil || got.Outcome != c.want || got.Reason != c.reason || got.Confirm {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		sent := f.all("TransactionStatus")
		if len(sent) != c.looks || len(f.raw) != c.looks {
			t.Errorf("%s: %d looks, %d messages", c.name, len(sent), len(f.raw))
			continue
		}
		if c.looks == 2 && (sent[1].StatusRequest.Reference != nil || sent[0].Header.ServiceID == sent[1].Header.ServiceID) {
			t.Errorf("%s: second look %q", c.name, f.raw[1])
		}
		if got.Reason == payment.ReasonForeign && got.ReasonText == "" {
			t.Errorf("%s: no evidence", c.name)
		}
	}
}

// TestLookupReference: a void is asked for by its own category.
func TestLookupReference(t *testing.T) {
	f := looks(t, statusFailure("Busy"))
	h := open(t, f.address(), light)
	if _, err := h.Lookup(t.Context(), void(), h.op); err != nil {
		t.Fatal(err)
	}
	want := messageReference{Category: "Reversal", ServiceID: "1776000020", SaleID: "TILL1", POIID: "KASSA-01"}
	if got := f.got[0].StatusRequest.Reference; *got != want {
		t.Errorf("reference %+v", got)
	}
}

// TestLookupExample reads the example of nexo-retailer.md 12.2.
func TestLookupExample(t *testing.T) {
	f := newFake(t, func(*message) (int, string) { return http.StatusOK, golden(t, "in-status") })
	h := open(t, f.address(), light)
	h.serial.Store(1776000017)
	if got, err := h.Lookup(t.Context(), sale(30000), h.op); err != nil || got.Outcome != payment.Success || got.Authorised != 30000 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSeq73StatusDuringPayment: a status request while the payment's own post is
// open disturbs nothing, and the payment's answer still comes.
func TestSeq73StatusDuringPayment(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	f := newFake(t, func(m *message) (int, string) {
		if m.Header.Category == "TransactionStatus" {
			return http.StatusOK, answerTo(m, statusFailure("Busy"))
		}
		close(asked)
		<-release
		return http.StatusOK, answerTo(m, paid(`Result="Success"`, amounts(`AuthorizedAmount="1"`)))
	})
	h := open(t, f.address(), light)
	type end struct {
		result payment.Result
		err    error
	}
	done := make(chan end, 1)
	go func() {
		r, err := h.Sale(t.Context(), sale(100), h.op)
		done <- end{r, err}
	}()
	<-asked
	if got, err := h.Lookup(t.Context(), sale(100), h.op); err != nil || got.Outcome != payment.Pending {
		t.Errorf("%+v, %v", got, err)
	}
	close(release)
	if got := <-done; got.err != nil || got.result.Outcome != payment.Success {
		t.Errorf("%+v", got)
	}
}
