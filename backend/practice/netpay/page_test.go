package netpay

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// The pin pad page shows the terminal in Spanish and says so.
func TestPage(t *testing.T) {
	c := newTill(t, Options{})
	c.sent(opSale, map[string]any{"amount": 1249.5, "storeId": "700102", "folioNumber": c.folio()})
	c.shows("Esperando medio de pago")
	w := httptest.NewRecorder()
	pinpad.New(c.term.Device()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/0/", nil))
	for _, part := range []string{`<div class="prompt" lang="es"><p>Esperando medio de pago</p><p>TEST TIENDA DOS</p>`, `lang="es">Venta<`, "1249.50 MXN", "logged in for 700101 TEST TIENDA UNO"} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("the page has no %s", part)
		}
	}
}
