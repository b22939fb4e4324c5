package poynt

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestSeq01_HappySaleB(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			h.post(m, `{"referenceID":"`+testRef+`","status":"RECEIVED"}`)
			time.Sleep(300 * time.Millisecond)
			h.post(m, `{"referenceId":"`+testRef+`","status":"STARTED"}`)
			time.Sleep(2 * time.Second)
			h.books(tx(t))
			if status := h.post(m, result("PROCESSED", tx(t))); status != http.StatusOK {
				t.Errorf("the callback was answered %d", status)
			}
		}
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success || got.Authorised != 1256 || got.Currency != "USD" {
			t.Fatalf("%+v, %v", got, err)
		}
		if n := h.cloud.asked("GET /businesses/" + testBusiness + "/transactions/" + testTx); n != 1 {
			t.Errorf("the callback was confirmed %d times", n)
		}
		if got.Card.Masked != "************0010" || got.Card.Brand != "Visa" || got.Card.Entry != payment.EntryContactless || got.Card.CVM != payment.CVMNone {
			t.Errorf("card %+v", got.Card)
		}
		if got.References.Terminal != testTx || got.References.AuthCode != "105502" || got.References.RRN != "9043221" || got.References.MID != "e10test" {
			t.Errorf("references %+v", got.References)
		}
		for _, code := range []payment.PromptCode{payment.PromptWait, payment.PromptPresent, payment.PromptAsking} {
			if !h.op.prompted(code) {
				t.Errorf("%s was not narrated", code)
			}
		}
		synctest.Wait()
		h.clean()
	})
}

func TestSeq19_CallbackLost(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.deliver = func(sent) { time.Sleep(20 * time.Second); h.books(tx(t)) }
		begun := time.Now()
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success || got.Authorised != 1256 {
			t.Fatalf("%+v, %v", got, err)
		}
		if took := time.Since(begun); took > 27*time.Second {
			t.Errorf("it took %s", took)
		}
		h.clean()
	})
}

func TestDeclineByAskingAlone(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.deliver = func(sent) {
			h.books(tx(t, `status="DECLINED"`, `processorResponse.status="Failure"`, `processorResponse.statusMessage="Do not honor"`))
		}
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Refused || got.Reason != payment.ReasonIssuer || got.ReasonText != "Do not honor (code 1)" || got.Authorised != 0 {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestDeclineThenApprovalByAskingAlone(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.deliver = func(sent) {
			h.books(tx(t, `status="DECLINED"`, `id="`+otherTx+`"`))
			time.Sleep(15 * time.Second)
			h.books(tx(t))
		}
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success || got.References.Terminal != testTx {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestSeq05_CancelOnDevice(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) { h.post(m, `{"referenceId":"`+testRef+`","status":"CANCELED"}`) }
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Stopped || got.Reason != payment.ReasonCustomer {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

// A cancel on the device that nothing tells stays in doubt (design 10.11).
func TestCancelWithoutCallbackStaysInDoubt(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		r := request(payment.Sale)
		got, err := h.Sale(context.Background(), r, h.op)
		if err != nil || got.Outcome != payment.Unknown || got.Reason != payment.ReasonNoAnswer {
			t.Fatalf("%+v, %v", got, err)
		}
		if got, err = h.Lookup(context.Background(), r, h.op); err != nil || got.Outcome != payment.NotFound {
			t.Errorf("look-up: %+v, %v", got, err)
		}
	})
}

func TestLookupFindsWhatCameLate(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		r := request(payment.Sale)
		if got, err := h.Lookup(context.Background(), r, h.op); err != nil || got.Outcome != payment.Pending {
			t.Errorf("while the terminal may be at it: %+v, %v", got, err)
		}
		h.books(tx(t))
		if got, err := h.Lookup(context.Background(), r, h.op); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
