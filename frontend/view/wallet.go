package view

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// qrSize is the edge of a drawn code, in pixels: it is shown smaller or larger.
const qrSize = 480

// qrImage draws the code that the customer's wallet scans; empty if it cannot be drawn.
func qrImage(text string) string {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return ""
	}
	scaled, err := barcode.Scale(code, qrSize, qrSize)
	if err != nil {
		return ""
	}
	var b bytes.Buffer
	if err := png.Encode(&b, scaled); err != nil {
		return ""
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// showsCode tells whether the customer's wallet is to scan the screen now.
func showsCode(p payment.Prompt, now time.Time) bool {
	return p.QR != "" && (p.Until.IsZero() || now.Before(p.Until))
}

// vendorWays says how a wallet can pay here.
func vendorWays(v payment.Vendor) string {
	switch {
	case v.Scan && v.Show:
		return v.Title
	case v.Scan:
		return v.Title + " (scan the customer's code)"
	}
	return v.Title + " (the customer scans ours)"
}
