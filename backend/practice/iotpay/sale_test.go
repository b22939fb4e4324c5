package iotpay

import (
	"testing"
	"time"
)

// Every customer ends as their description says (design 5; iotpay.md sequences 1 to 11).
func TestCustomers(t *testing.T) {
	const paid, not = 2, 9
	for name, want := range map[string]struct {
		status  int
		cvm     string
		method  string
		letter  string
		display string
	}{
		"chip-pin":         {paid, "440302", "C", "V", "000 Approved 00 Thank You"},
		"contactless":      {paid, "1F0302", "T", "M", "000 Approved 00 Thank You"},
		"phone":            {paid, "1F0302", "T", "V", "000 Approved 00 Thank You"},
		"interac":          {paid, "420300", "C", "D", "000 Approved 00 Thank You"},
		"interac-savings":  {paid, "420300", "C", "D", "000 Approved 00 Thank You"},
		"interac-flash":    {paid, "1F0302", "T", "D", "000 Approved 00 Thank You"},
		"signature":        {paid, "1E0300", "C", "M", "000 Approved 00 Thank You"},
		"stripe":           {paid, "1E0300", "S", "A", "000 Approved 00 Thank You"},
		"french":           {paid, "440302", "C", "V", "000 Approuvee 00 Merci"},
		"tips":             {paid, "440302", "C", "V", "000 Approved 00 Thank You"},
		"wrong-then-right": {paid, "440302", "C", "V", "000 Approved 00 Thank You"},
		"declined":         {not, "", "", " ", "Transaction Not Approved 05"},
		"insufficient":     {not, "", "", " ", "Insufficient Funds 51"},
		"wrong-pin":        {not, "", "", " ", "PIN Tries Exceeded 75"},
		"cancels":          {not, "", "", " ", "Transaction Cancelled 266"},
		"walks-away":       {not, "", "", " ", "Transaction Timed Out 350"},
		"pulls-card":       {not, "", "", " ", "Transaction Not Completed 05"},
		"unreachable":      {not, "", "", " ", "Host Timeout 350"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{Customer: name, Pace: 1}, func(t *testing.T, c *till) {
				number, r := c.pay("2865", nil)
				c.has(r.body, map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS", "mchOrderNo": number})
				c.has(r.order(), map[string]any{"status": want.status, "amount": 2865, "currency": "CAD", "mchId": MerchantID, "mchOrderNo": number, "deviceId": "TILL-01",
					"body": "Café & crêpe 50% + taxes", "channelId": "CC_PAX"})
				c.has(r.card(), map[string]any{"cvmResults": want.cvm, "trxMethod": want.method, "cardType": want.letter, "receiptDisp": want.display, "trxCode": "00"})
				c.charged(number, map[int]int64{paid: 2865}[want.status])
				c.kept()
			})
		})
	}
}

// The data of a tap, in their formats (iotpay.md 8).
func TestExtra(t *testing.T) {
	inBubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		time.Sleep(time.Until(time.Date(2026, 7, 1, 19, 40, 15, 0, time.UTC)))
		_, r := c.pay("2865", nil)
		c.has(r.card(), map[string]any{"cardNum": "XXXXXXXXXXXX0010", "emvLabel": "MASTERCARD", "emvAID": "A0000000041010", "bankTermNum": "40880099", "batchNum": "0008",
			"seqNum": "000001000001", "langCode": "E", "accountType": "", "cashbackAmount": "", "surchargeAmount": "", "timeStamp": "20260701-15401850",
			"trxDate": "07012026", "trxTime": "124018", "expireDate": "0530"})
		c.has(r.order(), map[string]any{"payOrderId": "CP20260701194015685200000001", "paySuccTime": "2026-07-01 12:40:18"})
	})
}
