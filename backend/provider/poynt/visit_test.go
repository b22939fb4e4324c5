package poynt

import (
	"context"
	"net/http"
	"strings"
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
		if err != nil || got.Outcome != payment.Refused || got.Reason != payment.ReasonIssuer || got.ReasonText != "Do not honor (code 1)" || got.Authorised != 0 || !got.Reopens {
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

func TestSeq06_07_DeclineThenAnotherCard(t *testing.T) {
	declined := func(t *testing.T) string { return tx(t, `status="DECLINED"`, `id="`+otherTx+`"`) }
	for name, c := range map[string]struct {
		again   bool
		outcome payment.Outcome
	}{"06 declined": {false, payment.Refused}, "07 then approved": {true, payment.Success}} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, h *house) {
				h.deliver = func(m sent) {
					h.post(m, result("STARTED"))
					h.books(declined(t))
					list := []string{declined(t)}
					if c.again {
						time.Sleep(12 * time.Second)
						h.books(tx(t))
						list = append(list, tx(t))
					}
					h.post(m, result("PROCESSED", list...))
				}
				got, err := h.sell()
				if err != nil || got.Outcome != c.outcome || got.Outcome == payment.Success && got.Authorised != 1256 || got.Reopens {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}

// The terminal names a decline and another card's payment, and Poynt shows the decline
// alone, for long or for ever: that is no decline.
func TestSeq07_TheOtherCardDoesNotShowYet(t *testing.T) {
	for shown, want := range map[bool]payment.Outcome{true: payment.Success, false: payment.Unknown} {
		play(t, nil, func(t *testing.T, h *house) {
			h.deliver = func(m sent) {
				declined := tx(t, `status="DECLINED"`, `id="`+otherTx+`"`)
				h.books(declined)
				h.post(m, result("PROCESSED", declined, tx(t)))
				if shown {
					time.Sleep(time.Minute)
					h.books(tx(t))
				}
			}
			r := request(payment.Sale)
			got, err := h.Sale(context.Background(), r, h.op)
			if err != nil || got.Outcome != want || !shown && !strings.Contains(got.ReasonText, "does not show yet") {
				t.Errorf("%+v, %v", got, err)
			}
			if got, err := h.Lookup(context.Background(), r, h.op); err != nil || got.Outcome == payment.Refused {
				t.Errorf("look-up: %+v, %v", got, err)
			}
		})
	}
}

// What the terminal itself calls declined, as it does offline, may never show at Poynt:
// nothing hangs on it. A part that is paid stands, whatever else somebody names.
func TestNamedAndNeverShown(t *testing.T) {
	failed := func(t *testing.T) string { return tx(t, `status="DECLINED"`, `id="`+otherTx+`"`) }
	for name, c := range map[string]struct {
		shown, named func(t *testing.T) string
		want         payment.Result
	}{
		"two declines": {func(t *testing.T) string { return tx(t, `status="DECLINED"`) }, failed, payment.Result{Outcome: payment.Refused}},
		"a part, and a strange id": {func(t *testing.T) string {
			return tx(t, `amounts.transactionAmount=600`, `amounts.orderAmount=600`, `status="CAPTURED"`)
		}, func(t *testing.T) string { return tx(t, `id="`+otherTx+`"`) }, payment.Result{Outcome: payment.Success, Authorised: 600, TipOpen: true}},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, h *house) {
				h.deliver = func(m sent) {
					h.books(c.shown(t))
					h.post(m, result("PROCESSED", c.shown(t), c.named(t)))
				}
				if got, err := h.sell(); err != nil || got.Outcome != c.want.Outcome || got.Authorised != c.want.Authorised || got.TipOpen != c.want.TipOpen || got.Reopens {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}

// The terminal has told that it has begun, and not that it is over: the customer gets the
// time to find another card, and a decline is the end only when that is over, too.
func TestSeq07_TheTerminalIsStillAtIt(t *testing.T) {
	for name, c := range map[string]struct {
		again   bool
		outcome payment.Outcome
		ends    time.Duration
	}{"another card": {true, payment.Success, 55 * time.Second}, "no more, and the result is lost": {false, payment.Refused, 75 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, h *house) {
				h.deliver = func(m sent) {
					h.post(m, result("STARTED"))
					h.books(tx(t, `status="DECLINED"`, `id="`+otherTx+`"`))
					if time.Sleep(45 * time.Second); c.again {
						h.books(tx(t))
						h.post(m, result("PROCESSED", tx(t)))
					}
				}
				begun := time.Now()
				if got, err := h.sell(); err != nil || got.Outcome != c.outcome || time.Since(begun) > c.ends {
					t.Errorf("%+v, %v after %s", got, err, time.Since(begun))
				}
			})
		})
	}
}

// The callback names the last transaction only, which was declined; the list knows
// of an approval in the same session.
func TestApprovalThatTheCallbackDoesNotName(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			declined := tx(t, `status="DECLINED"`, `id="`+otherTx+`"`)
			h.books(tx(t), declined)
			h.post(m, result("PROCESSED", declined))
		}
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// The terminal names no transaction: a decline alone is not the end yet.
func TestEndWithoutTransactions(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			h.books(tx(t, `status="DECLINED"`, `id="`+otherTx+`"`))
			h.post(m, result("PROCESSED"))
			time.Sleep(10 * time.Second)
			h.books(tx(t))
		}
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSeq08_PartialApproval(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		part := tx(t, `partiallyApproved=true`, `amounts.orderAmount=628`, `amounts.transactionAmount=628`, `processorResponse.approvedAmount=628`)
		h.deliver = func(m sent) { h.books(part); h.post(m, result("PROCESSED", part)) }
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success || got.Authorised != 628 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSeq10_TipInTipAmounts(t *testing.T) {
	play(t, payment.Settings{"tip": "terminal"}, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			h.books(tx(t))
			body := result("PROCESSED", tx(t))
			h.post(m, body[:len(body)-1]+`,"tipAmount":188,"tipAmounts":{"`+testTx+`":188}}`)
		}
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success || got.Authorised != 1444 || got.Tip != 188 {
			t.Errorf("%+v, %v", got, err)
		}
		if n := h.cloud.asked("GET /businesses/" + testBusiness + "/transactions/" + testTx); n != 1+reReads {
			t.Errorf("read %d times", n)
		}
		if len(got.Slips) == 0 || got.Slips[0].TipMinor != 188 || got.Slips[0].Total != "14.44" {
			t.Errorf("%+v", got.Slips)
		}
	})
}

func TestSeq12_CashOnTheTerminal(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		cash := tx(t, `fundingSource={"type":"CASH"}`, `processorResponse=`)
		h.deliver = func(m sent) { h.books(cash); h.post(m, result("PROCESSED", cash)) }
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success || got.Card.Brand != "Cash" || got.ReasonText == "" || !h.op.noted("CASH") {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSeq24_OfflineUntilTTL(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.updates.Store(true)
		begun := time.Now()
		got, err := h.sell()
		if err != nil || got.Outcome != payment.NotDone || got.Reason != payment.ReasonExpired || time.Since(begun) != h.Terminal.settings.ttl+grace+withdrawn {
			t.Errorf("%+v, %v after %s", got, err, time.Since(begun))
		}
		if !h.op.prompted(payment.PromptText) {
			t.Error("nobody was told that the terminal is not reached")
		}
	})
}

// Silence proves nothing where the terminal is not known to tell, where the door is
// shut, where Poynt cannot be asked, or cannot be told to take the payment back.
func TestSilenceThatProvesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		more  payment.Settings
		known bool
		deaf  bool
		mute  bool
		loose bool
	}{
		"it never told":    {},
		"updates are off":  {more: payment.Settings{"status-updates": "off"}, known: true},
		"the door is shut": {known: true, deaf: true},
		"Poynt is down":    {known: true, mute: true},
		"not taken back":   {known: true, loose: true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, c.more, func(t *testing.T, h *house) {
				h.updates.Store(c.known)
				if c.deaf {
					h.leave()
				}
				h.answer = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
					fails := c.mute && r.Method == http.MethodGet || c.loose && strings.Contains(string(body), actionStop)
					if fails {
						refuse(w, 503, "RKMS_UNAVAILABLE")
					}
					return fails
				}
				if got, err := h.sell(); err != nil || got.Outcome != payment.Unknown || got.ReasonText == "" {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}

func TestSeq25_OnlineBeforeTTL(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.updates.Store(true)
		h.deliver = func(m sent) {
			time.Sleep(49 * time.Second)
			h.post(m, result("RECEIVED"))
			h.post(m, result("STARTED"))
			time.Sleep(time.Minute)
			h.books(tx(t))
			h.post(m, result("PROCESSED", tx(t)))
		}
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSeq38_AnswerToTheMessageLost(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter){
		"cut off":     func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"hangs":       func(http.ResponseWriter) { time.Sleep(time.Minute) },
		"500":         func(w http.ResponseWriter) { refuse(w, 500, "INTERNAL_ERROR") },
		"504":         func(w http.ResponseWriter) { refuse(w, 504, "SERVICE_UNAVAILABLE") },
		"a duplicate": func(w http.ResponseWriter) { refuse(w, 400, codeDuplicate) },
		"redirected":  func(w http.ResponseWriter) { w.Header().Set("Location", "/elsewhere"); w.WriteHeader(302) },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, polling, func(t *testing.T, h *house) {
				h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if r.URL.Path != "/cloudMessages" {
						return false
					}
					h.books(tx(t)) // it was accepted all the same
					answer(w)
					return true
				}
				got, err := h.sell()
				if err != nil || got.Outcome != payment.Success {
					t.Errorf("%+v, %v", got, err)
				}
				if n := h.cloud.asked("POST /cloudMessages"); n != 1 {
					t.Errorf("sent %d times", n)
				}
			})
		})
	}
}

func TestRefusedMessages(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   payment.Code
	}{
		{400, "INVALID_PARAMETER", payment.CodeRejected}, {403, "STORE_DEVICE_NOT_ACTIVATED", payment.CodeSettings},
		{404, "STORE_DEVICE_NOT_FOUND", payment.CodeSettings}, {404, "BUSINESS_NOT_FOUND", payment.CodeSettings}, {429, "", payment.CodeBusy},
	} {
		play(t, nil, func(t *testing.T, h *house) {
			h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if r.URL.Path == "/cloudMessages" {
					refuse(w, c.status, c.code)
				}
				return r.URL.Path == "/cloudMessages"
			}
			got, err := h.sell()
			if payment.CodeOf(err) != c.want || payment.SentOf(err) != payment.SentNo || payment.TextOf(err) == "" {
				t.Errorf("%s: %+v, %v", c.code, got, err)
			}
		})
	}
}

func TestNoConnection(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.network.Close()
		time.Sleep(time.Second)
		got, err := h.sell()
		if payment.CodeOf(err) != payment.CodeUnreachable || payment.SentOf(err) != payment.SentNo {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSeq49_ListFails(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		statuses := []int{500, 502, 503, 504, 401, 404, 429}
		h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Method != http.MethodGet || len(statuses) == 0 {
				return false
			}
			refuse(w, statuses[0], "SOMETHING")
			statuses = statuses[1:]
			return true
		}
		h.deliver = func(sent) { h.books(tx(t)) }
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestTheTillStops(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if got, err := h.Sale(ctx, request(payment.Sale), h.op); err == nil || payment.SentOf(err) == payment.SentNo {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestWrongRequests(t *testing.T) {
	for name, change := range map[string]func(*payment.Request){
		"no reference":     func(r *payment.Request) { r.Attempt.Reference = "" },
		"nothing":          func(r *payment.Request) { r.Total.Minor = 0 },
		"tip only":         func(r *payment.Request) { r.Tip = r.Total.Minor },
		"cash back":        func(r *payment.Request) { r.Cashback = 100 },
		"another currency": func(r *payment.Request) { r.Total.Currency = "CAD" },
	} {
		play(t, nil, func(t *testing.T, h *house) {
			r := request(payment.Sale)
			change(&r)
			if got, err := h.Sale(context.Background(), r, h.op); payment.SentOf(err) != payment.SentNo || len(h.requests) != 0 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		})
	}
}
