package nexo

import (
	"strings"
	"unicode"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// wording says that a text with one of the phrases means a prompt. A phrase begins
// where a word begins; one that ends in a blank also ends where a word ends.
type wording struct {
	code    payment.PromptCode
	phrases []string
}

// wordings are tried in this order: a refusal goes before an approval, since "ej
// godkänd" holds "godkänd", and removing a card before presenting one. English,
// Swedish, Norwegian, Danish, Finnish; lower case, and blanks for all signs. The
// terminal's own list of texts is not public (nexo-retailer.md 10.2).
var wordings = []wording{
	{payment.PromptDeclined, []string{
		"disapproved", "declined", "not approved", "refused", "rejected",
		"medges ej", "ej godkän", "inte godkän", "nekad ", "nekat ",
		"ikke godkje", "avvist", "ikke godken", "afvist", "hylät", "ei hyväksyt"}},
	{payment.PromptStopped, []string{
		"aborted", "cancelled", "canceled", "avbrut", "afbrudt", "annulleret", "annullert", "keskeyt", "peruut"}},
	{payment.PromptReading, []string{
		"do not remove", "ta inte", "ikke fjern", "ikke ta ut", "tag ikke", "älä poista", "reading", "läser", "leser", "læser", "luetaan"}},
	{payment.PromptRemove, []string{
		"remove card", "remove your card", "remove the card", "take card", "take your card", "take the card",
		"ta ut kort", "ta kort", "tag ut kort", "tag kort", "fjern kort", "poista kort", "ota kort"}},
	{payment.PromptWait, []string{"pin ok ", "pin accepted", "pin godkänd"}},
	{payment.PromptPIN, []string{
		"pin ", "pinkod", "personlig kod", "ange kod", "ange din kod", "slå kod", "tast kode", "indtast kode", "tunnusluku", "tunnuslukusi"}},
	{payment.PromptSign, []string{
		"signature", "sign ", "signatur", "underskrift", "skriv under", "namnteckning", "allekirjoit"}},
	{payment.PromptTip, []string{
		"tip ", "tips ", "gratuity", "dricks", "extra ", "drikkepenge", "juomaraha"}},
	{payment.PromptAuthorise, []string{
		"authoris", "authoriz", "connecting", "contacting", "auktoriser", "autoriser", "kontaktar", "kontakter", "kontrollerar", "ringer", "varmenne", "yhdiste"}},
	{payment.PromptApproved, []string{
		"approved", "reversal approved", "godkänt", "godkänd", "godkjent", "godkendt", "hyväksytty"}},
	{payment.PromptScan, []string{"scan ", "qr ", "skann"}},
	{payment.PromptPresent, []string{
		"present card", "present your card", "present the card", "insert", "tap card", "tap your card", "tap or ", "swipe card", "use card", "show card",
		"sätt i ", "stoppa i ", "blippa", "visa kort", "använd kort", "dra kort",
		"stikk", "sett inn", "bruk kort", "vis kort", "indsæt", "brug kort", "aseta kort", "näytä kort", "syötä kort", "käytä kort"}},
	{payment.PromptBusy, []string{"busy", "upptagen", "opptatt", "optaget", "varattu"}},
	{payment.PromptWait, []string{
		"please wait", "wait ", "processing", "awaiting amount", "vänta", "vänligen vänta", "vent ", "vennligst vent", "odota", "updating", "uppdaterar"}},
	{payment.PromptWelcome, []string{"welcome", "välkommen", "velkommen", "tervetuloa"}},
	{payment.PromptError, []string{"error", "fault", "fel ", "tekniskt fel", "feil ", "fejl ", "virhe"}},
}

// textIDs are the few ids whose meaning is known from a public integration
// (nexo-retailer.md 10.2). A text that says something itself goes first.
var textIDs = map[string]payment.PromptCode{"202": payment.PromptApproved, "9202": payment.PromptApproved}

// waiting says whom a prompt waits for.
var waiting = map[payment.PromptCode]payment.Party{
	payment.PromptPresent: payment.Customer, payment.PromptPIN: payment.Customer, payment.PromptPINDigits: payment.Customer,
	payment.PromptTip: payment.Customer, payment.PromptRemove: payment.Customer, payment.PromptScan: payment.Customer,
	payment.PromptAuthorise: payment.Bank, payment.PromptSign: payment.Cashier,
	payment.PromptWait: payment.Device, payment.PromptReading: payment.Device, payment.PromptBusy: payment.Device,
	payment.PromptCardIn: payment.Device, payment.PromptCardOut: payment.Device,
	payment.PromptError: payment.Device, payment.PromptText: payment.Device,
}

// meant finds what a display text means.
func meant(id, plain, info string) payment.PromptCode {
	words := wordsOf(plain)
	for _, w := range wordings {
		for _, phrase := range w.phrases {
			if strings.Contains(words, " "+phrase) {
				return w.code
			}
		}
	}
	if code, ok := textIDs[id]; ok {
		return code
	}
	if info == "Error" {
		return payment.PromptError
	}
	return payment.PromptText
}

// wordsOf gives the words of a text in lower case, each with a blank on both sides.
func wordsOf(text string) string {
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(fields, " ") + " "
}
