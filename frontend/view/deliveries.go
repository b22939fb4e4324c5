package view

import "github.com/paydesk-till/paydesk/backend/payment"

// Strays is the page of deliveries that belong to no payment, the newest first.
type Strays struct {
	Base
	List []payment.Delivery
}

// maxStrayBody bounds what is drawn of a delivery's text, in characters; the journal has
// all of it.
const maxStrayBody = 2000

// why says why a delivery belongs to no payment.
func why(d payment.Delivery) string {
	switch {
	case d.Fault != "":
		return capital(d.Fault)
	case d.Reference == "":
		return "It names no payment"
	}
	return "No payment of this terminal has the reference " + d.Reference
}

// delivered names the text of a delivery.
func delivered(d payment.Delivery) string {
	if d.Name == "" {
		return "What it said"
	}
	return "What it said: " + d.Name
}

// strayBody is the text, shortened.
func strayBody(d payment.Delivery) string {
	if text := []rune(d.Body); len(text) > maxStrayBody {
		return string(text[:maxStrayBody]) + "\n(shortened: the journal has all of it)"
	}
	return d.Body
}
