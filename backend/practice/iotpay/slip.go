package iotpay

import "strings"

// words are those of a slip in both languages (iotpay.md 13.2).
type words struct {
	title, test, purchase, amount, tip, cashback, surcharge, total, chequing, savings, flash, approved, failed, pin, noSign, sign, keep, ours string
}

var (
	english = words{"TRANSACTION RECORD", "TEST - NO MONEY MOVES", "PURCHASE", "AMOUNT", "TIP", "CASH BACK", "SURCHARGE", "TOTAL", "CHEQUING", "SAVINGS", "FLASH DEFAULT",
		"APPROVED - THANK YOU", "TRANSACTION NOT COMPLETED", "VERIFIED BY PIN", "NO SIGNATURE REQUIRED", "SIGNATURE", "IMPORTANT - RETAIN THIS COPY", "INVOICE"}
	french = words{"RELEVE DE TRANSACTION", "TEST - AUCUN DEBIT REEL", "ACHAT", "MONTANT", "POURBOIRE", "REMISE D'ESPECES", "FRAIS SUPPLEMENTAIRES", "TOTAL", "CHEQUES", "EPARGNE", "DEFAUT FLASH",
		"APPROUVEE - MERCI", "TRANSACTION NON COMPLETEE", "VERIFIE PAR NIP", "AUCUNE SIGNATURE REQUISE", "SIGNATURE", "IMPORTANT - CONSERVER CETTE COPIE", "FACTURE"}
)

// slip is what the customer's copy should say, in the cardholder's language. The
// till prints it; the page shows it to compare. There is no expiry date on it.
func slip(rec record) []string {
	w := english
	if rec.Detail.French {
		w = french
	}
	b, d := rec.Booking, rec.Detail
	c, read := cardByID(d.CardID)
	lines := []string{w.title, w.test, "", w.purchase}
	if read {
		lines = append(lines, strings.ToUpper(c.brand), "************"+c.last4+" "+d.Method)
		lines = append(lines, account(w, c, d)...)
	}
	lines = append(lines, "", w.amount+" "+decimal(b.AmountMinor-b.TipMinor-b.CashbackMinor-b.SurchargeMinor))
	for _, part := range []struct {
		name  string
		minor int64
	}{{w.tip, b.TipMinor}, {w.cashback, b.CashbackMinor}, {w.surcharge, b.SurchargeMinor}} {
		if part.minor > 0 {
			lines = append(lines, part.name+" "+decimal(part.minor))
		}
	}
	lines = append(lines, w.total+" "+shownAmount(b.AmountMinor), "", "TID "+bankTermNum, w.ours+" "+b.Order, "TS: "+strings.ReplaceAll(hostStamp(d.Ended), "-", "")[:14])
	if b.Outcome != outcomeApproved {
		return append(lines, d.Display, "", w.failed, w.keep)
	}
	lines = append(lines, "AUTH "+d.Approval)
	if d.Method != methodSwipe {
		lines = append(lines, c.label+" "+c.aid, cryptogramOf(rec))
	}
	return append(append(lines, d.Display, "", w.approved), cvmLine(w, rec), w.keep)
}

// account is for Interac alone.
func account(w words, c card, d detail) []string {
	switch {
	case c.letter != letterInterac:
		return nil
	case d.Account == "S":
		return []string{w.savings}
	case d.Account == "C":
		return []string{w.chequing}
	case d.Method == methodTap:
		return []string{w.flash}
	}
	return nil
}

func cvmLine(w words, rec record) string {
	switch {
	case needsSignature(rec):
		return w.sign + " ______________"
	case rec.Detail.CVM == cvmNone:
		return w.noSign
	}
	return w.pin
}
