package nexo

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestWordings: texts of the five languages, and words that only look alike.
func TestWordings(t *testing.T) {
	cases := map[string]payment.PromptCode{
		"Please wait": payment.PromptWait, "V\u00e4nta...": payment.PromptWait, "VENNLIGST VENT": payment.PromptWait, "Odota": payment.PromptWait,
		"Enter PIN": payment.PromptPIN, "Sl\u00e5 PIN-kod": payment.PromptPIN, "Tast PIN": payment.PromptPIN, "Indtast kode": payment.PromptPIN, "N\u00e4pp\u00e4ile tunnusluku": payment.PromptPIN, "Wrong PIN": payment.PromptPIN,
		"Present card": payment.PromptPresent, "S\u00e4tt i eller blippa kortet": payment.PromptPresent, "Sett inn kort": payment.PromptPresent, "Inds\u00e6t kort": payment.PromptPresent, "N\u00e4yt\u00e4 kortti": payment.PromptPresent,
		"Remove card": payment.PromptRemove, "Approved. Remove card": payment.PromptRemove, "Tag kortet": payment.PromptRemove, "Poista kortti": payment.PromptRemove,
		"Do not remove card": payment.PromptReading, "Choose a tip": payment.PromptTip, "Please sign": payment.PromptSign, "Underskrift": payment.PromptSign,
		"Transaction aborted": payment.PromptStopped, "K\u00f6p avbrutet": payment.PromptStopped, "Afbrudt": payment.PromptStopped, "Keskeytetty": payment.PromptStopped,
		"Disapproved": payment.PromptDeclined, "Medges ej": payment.PromptDeclined, "Avvist": payment.PromptDeclined, "Afvist": payment.PromptDeclined,
		"Approved": payment.PromptApproved, "Godk\u00e4nt": payment.PromptApproved, "Godkjent": payment.PromptApproved, "Godkendt": payment.PromptApproved, "Hyv\u00e4ksytty": payment.PromptApproved,
		"Welcome": payment.PromptWelcome, "Velkommen": payment.PromptWelcome, "Tervetuloa": payment.PromptWelcome,
		"Authorizing": payment.PromptAuthorise, "Technical error 12": payment.PromptError, "Scan QR code": payment.PromptScan,
		"Multiple articles": payment.PromptText, "Shopping bag": payment.PromptText, "Design of the day": payment.PromptText, "Presentkort": payment.PromptText, "Event": payment.PromptText, "Felix": payment.PromptText, "": payment.PromptText,
	}
	for text, want := range cases {
		if got := meant("", text, "POIReplication"); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if meant("202", "", "") != payment.PromptApproved || meant("202", "Declined", "") != payment.PromptDeclined {
		t.Error("the id goes before the text")
	}
	if meant("7", "Something", "Error") != payment.PromptError {
		t.Error("an error is not shown as one")
	}
}
