package payment_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestScannedHidesItself(t *testing.T) {
	r := payment.Request{Code: "286498530672949108"}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "code", r.Code, "request", r)
	for _, text := range []string{string(raw), fmt.Sprintf("%v %+v %#v %s %q", r, r, r, r.Code, r.Code), log.String()} {
		if strings.Contains(text, "286498530672949108") {
			t.Errorf("it shows: %s", text)
		}
	}
}
