package report

import (
	"fmt"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func (d Dispute) amount(minor int64) string { return d.text(d.Op.Money(minor)) }

func (d Dispute) text(a money.Amount) string { return a.Text(language.English) }

// present drops the pairs without a text.
func present(all ...pair) []pair {
	var list []pair
	for _, p := range all {
		if p.Text != "" {
			list = append(list, p)
		}
	}
	return list
}

// merchant is the head of the latest slip that names one.
func (d Dispute) merchant() []string {
	for i := len(d.Op.Slips) - 1; i >= 0; i-- {
		if m := d.Op.Slips[i].Merchant; m.Name != "" {
			var list []string
			for _, line := range []string{m.Name, m.Address, joinedBy(" ", m.Postal, m.City), numbered("Organisation number", m.OrgNo), numbered("Telephone", m.Phone)} {
				if line != "" {
					list = append(list, line)
				}
			}
			return list
		}
	}
	return nil
}

func (d Dispute) money() []pair {
	op := d.Op
	list := []pair{{"Asked for", d.text(op.Total())}}
	if op.State == payment.Approved && op.AuthOnly {
		list = append(list, pair{"Authorised, to be captured later", d.amount(op.Authorised)})
	} else if op.State == payment.Approved {
		list = append(list, pair{"Authorised", d.amount(op.Authorised)})
	} else if op.State.Final() {
		list = append(list, pair{"Authorised", "nothing"})
	} else {
		list = append(list, pair{"Authorised", "not known"})
	}
	for _, part := range []struct {
		name  string
		minor int64
	}{{"of it tip", op.Tip}, {"of it cashback", op.Cashback}} {
		if part.minor != 0 {
			list = append(list, pair{part.name, d.amount(part.minor)})
		}
	}
	for _, r := range d.Related {
		name := capital(string(r.Kind))
		list = append(list, pair{fmt.Sprintf("%s %d", name, r.Number), fmt.Sprintf("%s, %s, %s", d.text(r.Shown()), stateWords[r.State], r.CreatedAt.In(d.zone()).Format("2006-01-02 15:04"))})
	}
	return list
}

// entries and methods are the words of card reading and cardholder verification.
var (
	entries = map[payment.Entry]string{payment.EntryChip: "chip", payment.EntryContactless: "contactless", payment.EntrySwipe: "magnetic stripe",
		payment.EntryManual: "typed", payment.EntryMobile: "phone or watch"}
	methods = map[payment.CVM]string{payment.CVMPin: "PIN", payment.CVMSignature: "signature", payment.CVMNone: "none", payment.CVMDevice: "on the customer's device"}
)

func (d Dispute) card() []pair {
	op, chip := d.Op, payment.Slip{}
	for _, s := range op.Slips {
		if s.AID != "" {
			chip = s
		}
	}
	return present(pair{"Card", op.Card.Brand}, pair{"Number", op.Card.Masked}, pair{"Read by", entries[op.Card.Entry]},
		pair{"Cardholder verified by", methods[op.Card.CVM]}, pair{"Application", chip.Label}, pair{"AID", chip.AID}, pair{"TVR", chip.TVR}, pair{"TSI", chip.TSI})
}

func (d Dispute) references() []pair {
	r, head := d.Op.References, payment.Merchant{}
	for _, s := range d.Op.Slips {
		if s.Merchant != (payment.Merchant{}) {
			head = s.Merchant
		}
	}
	return present(pair{"Authorisation code", r.AuthCode}, pair{"RRN", r.RRN}, pair{"Terminal's reference", r.Terminal}, pair{"Terminal's time", r.TerminalTime},
		pair{"Our reference", r.Ours}, pair{"Merchant id (MID)", first(r.MID, head.MID)}, pair{"Terminal id (TID)", first(r.TID, head.TID)}, pair{"Acquirer", head.Bank},
		pair{"Merchant's own reference", d.Op.Reference}, pair{"Operation id", d.Op.ID})
}

func (d Dispute) course() []pair {
	op := d.Op
	ended := "not yet"
	if !op.EndedAt.IsZero() {
		ended = op.EndedAt.In(d.zone()).Format(timeForm)
	}
	terminal := op.Terminal
	if op.Provider != terminal {
		terminal += " (" + op.Provider + ")"
	}
	return present(pair{"Terminal", terminal}, pair{"Account", op.Account}, pair{"Begun", op.CreatedAt.In(d.zone()).Format(timeForm)},
		pair{"Outcome recorded", ended}, pair{"Reason", joined(plain(string(op.Reason)), op.ReasonText)}, pair{"Cashier", op.Operator}, pair{"Reason given", op.Why})
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
