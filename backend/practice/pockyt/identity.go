package pockyt

import (
	"slices"
	"strings"
)

// The practice merchant is the one of the published samples, with the published
// sandbox token T1, so that they verify here as they stand (pockyt.md 4.4).
const (
	MerchantNo = "200043"
	StoreNo    = "300014"
	Token      = "5cbfb079f15b150122261c8537086d77a"
	// Currency is the store's (pockyt.md 7: in-store pages know USD only).
	Currency = "USD"
	// Vendor is the wallet that Settings name.
	Vendor = "alipay"

	shopName = "Practice Corner Shop"
)

// Settings are those with which a till in this process reaches a cloud that listens
// on address ("host:port"). callback-url is left out: the till's listener takes a
// free port and knows its own address best.
func Settings(address string) map[string]string {
	return map[string]string{"base-url": "http://" + address, "merchant-no": MerchantNo, "store-no": StoreNo, "token": Token,
		"vendor": Vendor, "listen": "127.0.0.1:0", "currency": Currency}
}

// wallet is an application on the customer's phone (pockyt.md 8).
type wallet struct {
	vendor, name string
	also         string // another spelling of the vendor
	prefixes     []string
	digits       [2]int // length of its codes; 0: it shows none to a till
	qr           bool   // it pays the till's QR
}

// wallets begin with the one that the phone opens. The forms of the codes are the
// guesses of pockyt.md 8; Cash App's is unknown, and it only scans here.
var wallets = []wallet{
	{vendor: "alipay", name: "Alipay", prefixes: []string{"28", "25", "26", "27", "29", "30"}, digits: [2]int{16, 24}, qr: true},
	{vendor: "wechatpay", name: "WeChat Pay", also: "wechat", prefixes: []string{"13", "10", "11", "12", "14", "15"}, digits: [2]int{18, 18}, qr: true},
	{vendor: "unionpay", name: "UnionPay", prefixes: []string{"62"}, digits: [2]int{19, 19}},
	{vendor: "cashapppay", name: "Cash App Pay", qr: true},
}

// walletOf finds a vendor by either spelling.
func walletOf(vendor string) *wallet {
	i := slices.IndexFunc(wallets, func(w wallet) bool { return vendor != "" && (w.vendor == vendor || w.also == vendor) })
	if i < 0 {
		return nil
	}
	return &wallets[i]
}

// walletOfCode finds the wallet that shows such a code.
func walletOfCode(code string) *wallet {
	for i, w := range wallets {
		if len(code) < w.digits[0] || len(code) > w.digits[1] {
			continue
		}
		if slices.ContainsFunc(w.prefixes, func(p string) bool { return strings.HasPrefix(code, p) }) {
			return &wallets[i]
		}
	}
	return nil
}

// currencies are those that pockyt.md 7 lists. CAD is not among them.
var currencies = []string{"USD", "CNY", "PHP", "IDR", "KRW", "HKD", "THB", "MYR", "GBP", "BDT", "PKR", "JPY"}
