package poynt

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

// Whatever a payload holds: no panic, and what is taken is whole.
func FuzzDecodeOrder(f *testing.F) {
	for _, seed := range []string{
		`{"action":"sale","purchaseAmount":1256,"tipAmount":0,"currency":"USD","referenceId":"r","callbackUrl":"https%3A%2F%2Ftill.example%2Fcb"}`,
		`{"callbackUrl":"https://till.example/cb","custom-http-header":"A: b","payment":"{\"amount\":1256,\"currency\":\"USD\",\"referenceId\":\"r\",\"multiTender\":true}"}`,
		`{"action":"refund","transactionId":"x","references":[{"type":"CUSTOM"},7,null]}`, `{"payment":{"amount":1e3}}`, `{"payment":null}`, "\xff", `{"action":7}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		o, err := decodeOrder(data)
		if err != nil {
			return
		}
		if o.kind == "" || o.amount < 0 || o.tip < 0 || o.amount > maxAmount {
			t.Errorf("taken: %+v", o)
		}
		if o.pays() && (o.amount == 0 || len(o.currency) != 3) {
			t.Errorf("a payment of nothing: %+v", o)
		}
		if _, err := encodeBody(map[string]any{"payment": o.options, "references": o.references()}); err != nil {
			t.Errorf("it cannot be echoed: %v", err)
		}
	})
}

// No text is an assertion unless our key signed it.
func FuzzAssertion(f *testing.F) {
	key, err := appKey()
	if err != nil {
		f.Fatal(err)
	}
	keys := jwt.VerificationKeySet{Keys: []jwt.VerificationKey{&key.PublicKey}}
	now := time.Unix(1768472430, 0)
	for _, alg := range []string{`{"alg":"none"}`, `{"alg":"RS256"}`, `{"alg":7}`, `{}`} {
		unsigned := jwt.New(jwt.SigningMethodNone)
		text, err := unsigned.SignedString(jwt.UnsafeAllowNoneSignatureType)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text + alg)
	}
	f.Add("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjFlMzAwfQ.AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := verifyAssertion(text, keys, []string{serviceIssuer}, now); err == nil {
			t.Errorf("taken: %+v", a)
		}
	})
}

// Whatever a ledger's line holds: no panic, and what is read can be written again.
func FuzzDecodeLine(f *testing.F) {
	f.Add([]byte(`[{"serial":1,"booking":{"id":"x","at":"2026-01-15T10:20:30Z"},"transaction":{"id":"x","createdAt":"2026-01-15T10:20:30Z"}}]`))
	f.Add([]byte(`[{"booking":{"id":"x"},"transaction":{"createdAt":7}}]`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, line []byte) {
		records, err := lineRules.Read(line)
		if err != nil {
			return
		}
		if _, err := json.Marshal(records); err != nil {
			t.Errorf("it cannot be written again: %v", err)
		}
	})
}

// Whatever is posted anywhere: an answer, no panic, and nothing is charged by it.
func FuzzRequests(f *testing.F) {
	nowhere := &http.Client{Transport: benchtest.Wire{Handler: http.NotFoundHandler()}} // callbacks leave nothing here
	cloud, err := New(Options{Client: nowhere})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			f.Error(err)
		}
	})
	handler := cloud.Handler()
	issued, isGrant := cloud.issue().body.(grant)
	if !isGrant {
		f.Fatal("no token")
	}
	for _, seed := range [][3]string{
		{"POST", "/token", "grantType=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c"},
		{"POST", "/cloudMessages", `{"ttl":45,"businessId":"` + BusinessID + `","storeId":"` + StoreID + `","deviceId":"x","data":"{}"}`},
		{"GET", transactionsPath + "?startAt=2026-01-15T10:20:30Z&limit=100&startOffset=3", ""},
		{"POST", transactionsPath, `{"action":"REFUND","parentId":"x","amounts":{"transactionAmount":5,"currency":"USD"}}`},
		{"POST", transactionsPath + "/x/void", "{}"}, {"POST", transactionsPath + "/x/capture", `{"amounts":null}`}, {"PATCH", transactionsPath + "/x", `{"amounts":{}}`},
		{"POST", transactionsPath + "/cancel?transaction-id=x", `{"cancelRequest":{}}`}, {"GET", "/businesses?storeDeviceId=x", ""}, {"DELETE", "/", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://cloud.test", strings.NewReader(body))
		if err != nil {
			return // no client could send it
		}
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		r.Header.Set("Authorization", "Bearer "+issued.AccessToken)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		for _, b := range cloud.Bookings() {
			if b.Charged { // nobody presented a card
				t.Errorf("booked %+v", b)
			}
		}
	})
}
