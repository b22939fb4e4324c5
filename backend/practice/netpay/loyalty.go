package netpay

import "strings"

// Loyalty points (Spin Premia, netpay.md 5.1, 10): what they pay is missing in
// amount, and the bill is the sum.

// pointsFor is what the next sale pays with points, in minor units.
func (t *Terminal) pointsFor(s *sale) int64 {
	if s.request.MSI > 0 {
		return 0 // never together with months without interest
	}
	switch t.faults.Take("sale.loyalty") {
	case "part":
		return s.amount / 2
	case "whole":
		return s.amount
	}
	return 0
}

// loyal adds the loyalty objects to the result of an approved sale. A sale that was
// paid with points alone has no bank data and another order id (netpay.md 5.3).
func loyal(r result, rec record) {
	points, all := rec.Detail.Points, rec.Booking.AmountMinor
	if points == 0 {
		return
	}
	r["amount"], r["authAmount"] = javaAmount(all-points), javaAmount(all-points)
	r["tipLessAmount"] = javaAmount(max(0, all-points-rec.Booking.TipMinor))
	r["spinPremia"] = map[string]any{"mediumCode": "000000000000", "stockpileBalance": "100.0", "stockpilePoints": "1000", "stockpileTicketId": rec.Booking.ID,
		"redeemAmount": javaAmount(points), "redeemPoints": "10"}
	r["summary"] = map[string]any{"amount": javaAmount(all - points), "spinPremia": javaAmount(points), "sum": javaAmount(all)}
	if points < all {
		return
	}
	for _, name := range []string{"aid", "applicationLabel", "arqc", "authCode", "bankName", "bin", "cardExpDate", "cardNumber", "cardTypeName", "customerName",
		"hexSign", "hostRefNum", "reprintModule", "rrnNumber", "spanRoute", "transDate", "transactionCertificate"} {
		r[name] = ""
	}
	r["cardType"], r["affiliation"], r["hasPin"] = "C", rec.Booking.Store, false
}

// pointsOrder is the order id of a sale that was paid with points alone.
func pointsOrder(b Booking) string {
	return b.Store + "-" + strings.ToLower(b.TransactionID) + "-R"
}
