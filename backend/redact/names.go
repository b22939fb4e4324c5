package redact

import (
	"bytes"
	"strings"
)

// treatment says what is done with the value of a named field.
type treatment int

const (
	ordinary treatment = iota // numbers, tracks and secrets by their shape
	secret                    // removed whole, with everything below it
	number                    // a card number by declaration: masked, whatever Luhn says
	exempt                    // a declared id (design 10.14): only track shapes are removed
)

// names lists the fields whose name alone decides, in the form that plain gives.
// Names of nexo are from nexo-retailer.md 6.5, 7.1, 8.2 and appendix A, those of
// other providers from receipts.md R-10.
var names = table(map[treatment][]string{
	secret: {
		// Sensitive authentication data and what stands beside it.
		"SensitiveCardData", "ProtectedCardData", "SensitiveMobileData", "TrackData", "Track1", "Track2", "Track3",
		"Track1Data", "Track2Data", "Track3Data", "Track2EquivalentData", "EncryptedData",
		"ExpiryDate", "Expiry", "ExpirationDate", "ExpirationMonth", "ExpirationYear", "EncryptedExpirationDate",
		"ExpireDate", "CardExpDate", "ExpDate", "EffectiveDate", "ServiceCode",
		"PIN", "PINBlock", "EncrPINBlock", "CardholderPIN", "PINSessionKey", "KeySerialNumber",
		"CVV", "CVV2", "CVC", "CVC2", "CID", "CVData", "CardSecurityCode", "SecurityCode", "CCV",
		// Personal data that a till does not need (receipts.md ).
		"CardHolderName", "CustomerName", "TokenValue", "PaymentAccountRef", "CardToken", "NumberHashed",
		// Secrets of the house and of its providers.
		"client_secret", "access_token", "refresh_token", "id_token", "token", "password", "passwd", "passphrase",
		"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "secret", "private_key", "api_key",
		"X-Api-Key", "auth_string", "assertion", "client_assertion", "job_key", "InteracMac",
	},
	number: {
		"PAN", "MaskedPAN", "PrimaryAccountNumber", "CardNumber", "CardNum", "CardNo",
	},
	exempt: {
		"TransactionID", "SaleTransactionID", "POITransactionID", "ServiceID", "DeviceID", "SaleID", "POIID",
		"MerchantID", "AcquirerPOIID", "AcquirerTransactionID", "ReceiptNumber", "Reference", "SaleReferenceID",
		"TerminalID", "CardAcceptorNumber", "POISerialNumber", "SerialNumber", "OrganisationNumber", "TimeStamp",
		"AID", "TVR", "TSI", "ApplicationIdentifier", "TerminalVerificationResult", "TransactionStatusInformation",
		"POIReconciliationID", "SaleTerminalID", "MessageReference", "ours", "terminal_time",
		// NetPay (netpay.md 3, 5.1); "paydesk" is our own reference in its traceability, the other one our mark on it.
		"FolioNumber", "FolioID", "OrderID", "RRNNumber", "HostRefNum", "StoreID", "Affiliation", "ARQC", "TransactionCertificate", "paydesk", "paydesk_mark",
		// IOT Pay and Pockyt (iotpay.md, pockyt.md): orders, merchants and their transactions.
		"MchOrderNo", "PayOrderID", "MchID", "MchRefundNo", "RefundOrderID", "MerchantNo", "StoreNo", "StoreAdminNo", "TransactionNo",
		"OriginalTransactionNo", "RefundTransactionNo", "RefundTransactionID", "VendorID", "SeqNum", "TermInvoiceNum", "BatchNum",
		// Poynt (poynt.md 9, 10).
		"ReferenceID", "RetrievalRefNum", "ParentID", "BusinessID", "StoreDeviceID", "ApprovalCode",
	},
})

// digital are the secrets that are made of digits: letters behind their names are prose.
var digital = map[string]bool{
	"pin": true, "cardholderpin": true, "cvv": true, "cvv2": true, "cvc": true, "cvc2": true, "cid": true, "ccv": true,
	"cardsecuritycode": true, "securitycode": true, "servicecode": true,
	"expiry": true, "expirydate": true, "expirationdate": true, "expdate": true,
}

// table turns the lists round.
func table(lists map[treatment][]string) map[string]treatment {
	of := make(map[string]treatment)
	for t, list := range lists {
		for _, name := range list {
			of[plain(name)] = t
		}
	}
	return of
}

// treat finds the treatment of a field. A prefix of a name space does not count.
func treat(name string) treatment {
	if at := strings.LastIndexByte(name, ':'); at >= 0 {
		name = name[at+1:]
	}
	var short [64]byte // most names need no memory of their own
	bare := appendPlain(short[:0], name)
	if bytes.HasSuffix(bare, []byte("password")) || bytes.HasSuffix(bare, []byte("secret")) {
		return secret
	}
	return names[string(bare)]
}

// plain makes names comparable: client_secret, Client-Secret and clientSecret are one.
func plain(name string) string { return string(appendPlain(nil, name)) }

func appendPlain(to []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-' || c == ' ' || c == '.':
		case 'A' <= c && c <= 'Z':
			to = append(to, c+'a'-'A')
		default:
			to = append(to, c)
		}
	}
	return to
}
