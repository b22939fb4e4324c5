package app_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/practice"
)

// put stores a NetPay terminal with more settings.
func put(t *testing.T, folder app.Folder, change map[string]string) {
	t.Helper()
	set := map[string]string{}
	for k, v := range shopform(change) {
		if key, ok := strings.CutPrefix(k, "set-"); ok {
			set[key] = v[0]
		}
	}
	err := app.Write(t.Context(), folder, "tests", func(j *journal.Journal) error {
		return app.StoreTerminal(t.Context(), j, folder.Secrets(), journal.Terminal{Name: "caja", Provider: "netpay", Settings: set})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// told puts what the doctor says of the terminal into one text.
func told(t *testing.T, folder app.Folder) string {
	var said []string
	for _, f := range app.Examine(t.Context(), folder, app.Build{}, false) {
		if strings.Contains(f.Text, "terminal caja") {
			said = append(said, f.Verdict+" "+f.Text)
		}
	}
	return strings.Join(said, "\n")
}

// freeAddress is one that nobody listens on just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	return socket.Addr().String()
}

func TestDoctorOnTheWayIn(t *testing.T) {
	t.Setenv("PAYDESK_KEYCHAIN", "off")
	address := freeAddress(t)
	for name, c := range map[string]struct {
		change map[string]string
		says   []string
	}{
		"none":                       {nil, []string{"warn No way in: nothing from outside can reach terminal caja", "The till never hears how a payment ended", "warn terminal caja: nothing from outside has ever arrived"}},
		"open":                       {map[string]string{"set-listen": "127.0.0.1:0"}, []string{"ok terminal caja: the till listens on 127.0.0.1:", "delivered to http://127.0.0.1:", "ok terminal caja: a test delivery to that address arrived here"}},
		"everywhere, without a name": {map[string]string{"set-listen": ":0"}, []string{"warn No way in yet", "callback-url"}},
		"a name that leads nowhere":  {map[string]string{"set-listen": "127.0.0.1:0", "set-callback-url": "http://" + address}, []string{"warn terminal caja: Nothing delivered to http://" + address}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := app.Folder(t.TempDir())
			put(t, folder, c.change)
			got := told(t, folder)
			for _, text := range c.says {
				if !strings.Contains(got, text) {
					t.Errorf("%q is missing in:\n%s", text, got)
				}
			}
		})
	}
}

// While the till runs, the doctor tells what arrived and tests nothing.
func TestDoctorBesideARunningTill(t *testing.T) {
	t.Setenv("PAYDESK_KEYCHAIN", "off")
	folder := app.Folder(t.TempDir())
	put(t, folder, map[string]string{"set-listen": freeAddress(t)})
	d := openDesk(t, folder, false)
	if got := told(t, folder); !strings.Contains(got, "nothing from outside has ever arrived") || !strings.Contains(got, "tested on its settings page") || strings.Contains(got, "bad ") {
		t.Errorf("%s", got)
	}
	s, _ := d.terminal("caja")
	answer, err := http.Post(s.Door.URL, "application/json", strings.NewReader(`{"orderId":"unheard of"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // only its arrival counts
	if got := told(t, folder); !strings.Contains(got, "something last arrived from outside at ") {
		t.Errorf("%s", got)
	}
}

// The settings page asks Poynt's practice cloud for its terminals, before a terminal
// is stored.
func TestFindPoyntTerminals(t *testing.T) {
	t.Setenv("PAYDESK_KEYCHAIN", "off")
	d := openDesk(t, app.Folder(t.TempDir()), false)
	kind, err := practice.Find("poynt")
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := kind.New(practice.Options{Name: "poynt", Ledger: t.TempDir() + "/ledger"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	address, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := url.Values{"provider": {"poynt"}}
	set := kind.Settings(address)
	for _, key := range []string{"base-url", "app-id", "private-key", "business-id"} {
		f.Set("set-"+key, set[key])
	}
	if code, body := d.post("/settings/discover", f); code != http.StatusOK || !strings.Contains(body, set["device-id"]) || !strings.Contains(body, set["store-id"]) {
		t.Errorf("%d %s", code, body)
	}
	f.Del("set-business-id")
	if _, body := d.post("/settings/discover", f); !strings.Contains(body, "business-id") {
		t.Errorf("without the business: %s", body)
	}
	if _, body := d.post("/settings/discover", url.Values{"provider": {"netpay"}}); !strings.Contains(body, "cannot be asked which terminals there are") {
		t.Errorf("NetPay: %s", body)
	}
	page := d.get("/settings/terminal?provider=poynt")
	if !strings.Contains(page, "Find my terminals") {
		t.Error("the form offers no search")
	}
	if !strings.Contains(page, `<textarea id="field-private-key"`) { // one line would lose the key's line ends
		t.Error("the private key has no room for its lines")
	}
}
