package iotpay

import "fmt"

// The terminal's numbers, in the shapes of the samples (iotpay.md 8). Invented.
const (
	termNum     = "25001"
	bankTermNum = "40880099"
	noSequence  = "000000000000"
)

// extraText is payOrder.extra: JSON as text, or what the switch makes of it.
func (t *Terminal) extraText(rec record, fault string) string {
	switch fault {
	case "extra-garbage":
		return `{"cardType":"V","cardNum":`
	case "extra-empty":
		return ""
	}
	return string(t.extra(rec).text())
}

// extra is the card and EMV data, its members in the order of the sample. What was
// not approved has most of them empty, one blank for the card's type and four for
// the expiry date.
func (t *Terminal) extra(rec record) object {
	d, b := rec.Detail, rec.Booking
	c, _ := cardByID(d.CardID)
	approved := b.Outcome == outcomeApproved
	card := approved || d.CardID != "" && t.faults.Get("declined.card") == "told"
	emv := card && d.Method != methodSwipe
	when := func(is bool, text string) string {
		if is {
			return text
		}
		return ""
	}
	cardType, expires, sequence, batch := " ", "    ", noSequence, "0000"
	if card {
		cardType, expires = c.letter, c.expires
		if t.faults.Get("card.letter") == "unknown" {
			cardType = "Z"
		}
	}
	if d.Answered {
		sequence, batch = fmt.Sprintf("%012d", 1000000+d.Number), "0008"
	}
	language := "E"
	if d.French {
		language = "F"
	}
	local := d.Ended.In(zone(t.faults.Get("terminal.zone")))
	return object{}.with("cardType", cardType).with("cardNum", when(card, t.cardNumber(c))).with("expireDate", expires).
		with("emvLabel", when(emv, c.label)).with("emvAID", when(emv, c.aid)).with("emvTVR", when(emv, "0000008000")).with("emvTSI", when(emv, tsi(d))).
		with("emvTC", when(emv, cryptogramOf(rec))).with("termNum", termNum).with("bankTermNum", bankTermNum).
		with("termInvoiceNum", fmt.Sprintf("%06d", 700000+d.Number)).with("seqNum", sequence).with("authNum", d.Approval).with("batchNum", batch).
		with("trxMethod", when(card, d.Method)).with("accountType", when(card, d.Account)).with("receiptDisp", d.Display).
		with("cashbackAmount", t.extraAmount(b.CashbackMinor)).with("timeStamp", hostStamp(d.Ended)).with("surchargeAmount", t.extraAmount(b.SurchargeMinor)).
		with("langCode", language).with("trxDate", when(card, local.Format("01022006"))).with("trxTime", when(card, local.Format("150405"))).
		with("cvmResults", when(card, d.CVM)).with("trxCode", "00")
}

func tsi(d detail) string {
	if d.Method == methodChip {
		return "E800"
	}
	return "0000"
}

// cryptogramOf is the type, a colon, a blank and 16 digits.
func cryptogramOf(rec record) string {
	kind := "TC"
	switch {
	case rec.Booking.Outcome != outcomeApproved:
		kind = "AAC"
	case rec.Detail.Method == methodTap:
		kind = "ARQC"
	}
	return kind + ": " + cryptogram(rec.Booking.ID)
}

// cardNumber is masked in one of the ways that IOT Pay's pages show.
func (t *Terminal) cardNumber(c card) string {
	if t.faults.Get("card.number") == "first6-last4" {
		return c.first6 + "******" + c.last4
	}
	return c.masked()
}

// extraAmount writes cash back and surcharge: 11 digits by PayFacto; how IOT Pay
// sends them is unknown (iotpay.md 8).
func (t *Terminal) extraAmount(minor int64) string {
	switch form := t.faults.Get("extra.amounts"); {
	case minor == 0:
		return ""
	case form == "cents":
		return fmt.Sprint(minor)
	case form == "decimal":
		return decimal(minor)
	}
	return fmt.Sprintf("%011d", minor)
}
