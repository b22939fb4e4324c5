package pockyt

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Preparing an order whose answer was lost.
const (
	seekApart = 5 * time.Second // between two questions whether it exists (pockyt.md 9)
	seekTries = 4
)

// Sale charges the customer's code, or shows one; without a code it shows one.
func (t *Terminal) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	code, err := t.saleable(r)
	if err != nil {
		return payment.Result{}, err
	}
	v := t.begin(r, to)
	defer v.end()
	if code == "" {
		return v.show(ctx)
	}
	return v.scan(ctx, code)
}

// saleable refuses what Pockyt never takes, and gives the digits of the code.
func (t *Terminal) saleable(r payment.Request) (string, error) {
	switch {
	case r.Attempt.Reference == "":
		return "", wrongRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Total.Minor <= 0 || r.Total.Currency != t.settings.currency:
		return "", wrongRequest(payment.CodeInput, "the amount must be above zero, in "+t.settings.currency)
	case r.Tip != 0 || r.Cashback != 0 || r.AuthOnly:
		return "", wrongRequest(payment.CodeUnsupported, "Pockyt takes neither a tip nor cash back nor a reservation from the till")
	case r.Code != "" && r.ShowQR:
		return "", wrongRequest(payment.CodeInput, "either the customer's code is scanned, or the till's is shown")
	case r.Code != "":
		return checkCode(r.Code, r.Vendor)
	case r.Vendor != "":
		if w, known := findWallet(r.Vendor); !known || !w.Show {
			return "", wrongRequest(payment.CodeInput, "no code can be shown for the wallet "+safe(r.Vendor)+": scan the customer's")
		}
	}
	return "", nil
}

// order are the parameters of a new order. Nobody pays it later than orderTimeout.
func (v *visit) order() fields {
	t := v.t
	return fields{"amount": v.r.Total.Decimal(), "currency": v.r.Total.Currency, "settleCurrency": t.settings.settle,
		"reference": v.r.Attempt.Reference, "timeout": strconv.Itoa(orderTimeout), "ipnUrl": t.notify()}
}

// scan makes the order and charges the customer's code (pockyt.md 5.1, 5.2).
func (v *visit) scan(ctx context.Context, code string) (payment.Result, error) {
	if _, err := v.prepare(ctx, addPath, "AddRequest", v.order()); err != nil {
		return payment.Result{}, err
	}
	v.limit(scanFor)
	if v.stopped() { // before the code was used: nothing but an empty order is there
		return v.follow(ctx)
	}
	f := one(v.number, v.r.Attempt.Reference)
	f["paymentBarcode"] = code
	v.t.mind(code)
	if w, known := findWallet(v.r.Vendor); known { // else Pockyt tells the wallet by the code
		f["vendor"] = w.ID
	}
	wallet := guessed(code)
	if f["vendor"] != "" {
		wallet = title(f["vendor"])
	}
	if v.confirms = "the customer confirms in the wallet"; wallet != "" {
		v.confirms += " (" + wallet + ")"
	}
	v.narrate(payment.PromptWait, payment.Customer, v.confirms)
	// It is sent once, and never again with another code: asking goes on beside it.
	ctx, cancel := context.WithCancel(ctx)
	out := make(chan prepaid, 1)
	v.prepaid = out
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		got, err := v.t.call(ctx, prepayPath, "PrepayRequest", v.r.Attempt.Reference, f, v.to)
		out <- prepaid{got, err}
	}()
	defer func() { cancel(); <-gone }()
	return v.follow(ctx)
}

// show makes the order with a code for the customer to scan (pockyt.md 5.3). The till
// draws it from deepLink: a picture from elsewhere has no place in a cashier's window.
func (v *visit) show(ctx context.Context) (payment.Result, error) {
	f := v.order()
	w, known := findWallet(v.r.Vendor)
	if !known {
		w, _ = findWallet(v.t.settings.vendor)
	}
	f["vendor"], f["needQrcode"] = w.ID, "false"
	got, err := v.prepare(ctx, showPath, "CreateTransQrcodeRequest", f)
	if err != nil {
		return payment.Result{}, err
	}
	v.limit(showFor)
	if v.stopped() {
		return v.follow(ctx)
	}
	if v.qr = got.DeepLink.trimmed(); v.qr == "" || len(v.qr) > maxLink {
		v.qr = ""
		v.drop(ctx)
		return payment.Result{}, harmless(&payment.Error{Code: payment.CodeUnreadable, Err: errors.New("the code to show did not arrive")})
	}
	v.narrate(payment.PromptScan, payment.Customer, w.Title)
	return v.follow(ctx)
}

// maxLink bounds what is drawn as a QR code, in bytes: the capacity of the largest one
// at medium correction.
const maxLink = 2331

// prepare makes the order and gives Pockyt's answer. Until it returns, nobody can pay:
// no code was charged, and none was shown. So every error says that nothing was
// carried out.
func (v *visit) prepare(ctx context.Context, path, name string, f fields) (order, error) {
	reference := v.r.Attempt.Reference
	for again := range 2 {
		if v.stopped() {
			return order{}, givenUp()
		}
		got, err := v.t.call(ctx, path, name, reference, f, v.to)
		if err == nil && got.code == codeDone {
			if why := v.fits(got); why != "" {
				v.drop(ctx)
				return order{}, harmless(&payment.Error{Code: payment.CodeForeign, Err: errors.New(why)})
			}
			v.number = got.Number.trimmed()
			return got, nil
		}
		if err != nil && payment.SentOf(err) == payment.SentNo {
			return order{}, harmless(err)
		}
		if text, refused := refusals[got.code]; err == nil && refused && again == 0 {
			return order{}, &payment.Error{Code: payment.CodeRejected, Sent: payment.SentNo, Text: text + " " + noCharge, Err: errCode(got)}
		}
		if err == nil {
			err = errCode(got)
		}
		// The answer is lost or says nothing: does the order exist?
		found, known, seekErr := v.seek(ctx)
		switch {
		case seekErr != nil:
			return order{}, harmless(errors.Join(err, seekErr))
		case known && path == showPath: // the code to show is lost with the answer
			v.drop(ctx)
			return order{}, harmless(err)
		case known:
			v.number = found.Number.trimmed()
			return found, nil
		}
		if again == 1 {
			return order{}, harmless(err)
		}
		v.to.Note(payment.Note{Terminal: v.t.name, Text: "Pockyt did not get the order. It is made once more, with the same reference."})
	}
	return order{}, harmless(errors.New("the order could not be made"))
}

// seek finds out whether the order exists. Only two answers in a row that it does not,
// some seconds apart, say so.
func (v *visit) seek(ctx context.Context) (found order, known bool, err error) {
	missing := 0
	for try := range seekTries {
		if try > 0 {
			select {
			case <-time.After(seekApart):
			case <-v.stop:
				return order{}, false, errors.New("it was given up")
			case <-ctx.Done():
				return order{}, false, context.Cause(ctx)
			}
		}
		got, asked := v.t.query(ctx, "", v.r.Attempt.Reference, v.to)
		switch {
		case asked != nil:
			missing, err = 0, asked
		case got.code == codeDone && v.fits(got) == "":
			return got, true, nil
		case got.code == codeNotFound:
			if missing++; missing == 2 {
				return order{}, false, nil
			}
		default:
			missing, err = 0, errCode(got)
		}
	}
	if err == nil {
		err = errors.New("it cannot be learnt whether the order exists")
	}
	return order{}, false, err
}

// fits says what is wrong with the answer that made or found the order; empty:
// nothing.
func (v *visit) fits(got order) string {
	if why := v.t.foreign(v.r.Attempt.Reference, v.number, got); why != "" {
		return why
	}
	if c := got.Currency.trimmed(); c != "" && c != v.r.Total.Currency {
		return "the order is in another currency"
	}
	if n, err := got.Amount.minor(v.r.Total.Currency); got.Amount.trimmed() != "" && (err != nil || n != v.r.Total.Minor) {
		return "the order is for another amount"
	}
	return ""
}

// drop closes an order that nobody can pay. If that fails, Pockyt closes it by itself
// after its time.
func (v *visit) drop(ctx context.Context) {
	got, err := v.t.cancel(ctx, "", v.r.Attempt.Reference, v.to)
	if err != nil || got.code != codeDone {
		v.to.Note(payment.Note{Terminal: v.t.name, Text: "The empty order could not be closed. Pockyt closes it by itself."})
	}
}

func givenUp() *payment.Error {
	return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: "It was given up before anybody could pay. " + noCharge}
}

// errCode is what Pockyt said, for the log.
func errCode(got order) error { return fmt.Errorf("code %s", got.words()) }
