package app_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// limit bounds a test that would otherwise wait for ever.
const limit = 30 * time.Second

func practiceOptions(t *testing.T, customer string) app.Options {
	t.Helper()
	folder, err := app.FolderAt(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	return app.Options{Folder: folder, Build: app.Build{Version: "test"}, Practice: true, Customer: customer, Doing: "is tested"}
}

func TestOpenTakesAPaymentAndCloses(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	o := practiceOptions(t, "contactless")
	till, err := app.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if who, locked := o.Folder.Locked(); !locked || !strings.Contains(who, "is tested") {
		t.Errorf("the folder is held by %q, %v", who, locked)
	}
	if _, err := app.Open(ctx, o); payment.CodeOf(err) != payment.CodeConflict {
		t.Errorf("a second till: %v", err)
	}
	if len(till.PinPads) == 0 || len(till.Absent) != 0 || len(till.Left) != 0 {
		t.Fatalf("%+v", till)
	}
	page, err := http.Get(till.PinPads[0].URL)
	if err != nil || page.StatusCode != http.StatusOK {
		t.Fatalf("the pin pad's page: %v %v", page, err)
	}
	_ = page.Body.Close()
	op, err := till.Engine.Start(ctx, engine.Start{FormKey: "key", Amount: 1250, Operator: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := till.Engine.Idle(ctx); err != nil {
		t.Fatal(err)
	}
	reader, err := app.Read(ctx, o.Folder)
	if err != nil {
		t.Fatal(err)
	}
	if op, err = reader.Operation(ctx, op.ID); err != nil || op.State != payment.Approved || op.Authorised != 1250 {
		t.Errorf("%+v %v", op, err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	if err := till.Close(); err != nil {
		t.Error(err)
	}
	if who, locked := o.Folder.Locked(); locked {
		t.Errorf("after the end the folder is held by %s", who)
	}
	if again, err := http.Get(till.PinPads[0].URL); err == nil {
		_ = again.Body.Close()
		t.Error("after the end the pin pad's page is still there")
	}
	log, err := os.ReadFile(o.Folder.Log())
	if err != nil || !strings.Contains(string(log), `"msg":"opening"`) {
		t.Errorf("the log: %v %s", err, log)
	}
}

func TestAnUnknownCustomerStartsNothing(t *testing.T) {
	o := practiceOptions(t, "nobody")
	_, err := app.Open(t.Context(), o)
	if payment.CodeOf(err) != payment.CodeInput || !strings.Contains(payment.TextOf(err), "chip-pin") {
		t.Errorf("%v", err)
	}
	if _, locked := o.Folder.Locked(); locked {
		t.Error("the folder is still held")
	}
}

// TestATakenPortKeepsOneTerminalOut: the others work, and it is said what to do.
func TestATakenPortKeepsOneTerminalOut(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	o := practiceOptions(t, "")
	o.Practice = false
	settings := func(mode string) map[string]string {
		return map[string]string{"address": "127.0.0.1:9", "poiid": "POI-" + mode, "mode": mode, "listen": socket.Addr().String()}
	}
	err = app.Write(t.Context(), o.Folder, "is set up", func(j *journal.Journal) error {
		for _, mode := range []string{"default", "light"} {
			if err := j.PutTerminal(t.Context(), journal.Terminal{Name: mode, Provider: "nexo", Settings: settings(mode)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	till, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := till.Close(); err != nil {
			t.Error(err)
		}
	}()
	if list := till.Engine.Terminals(); len(list) != 1 || list[0].Name != "light" {
		t.Errorf("terminals %+v", list)
	}
	if err := till.Absent["default"]; payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), "use") {
		t.Errorf("absent: %v", till.Absent)
	}
	bad := ""
	for _, f := range app.Examine(t.Context(), o.Folder, o.Build, false) {
		if f.Verdict == app.Bad {
			bad += f.Text + "\n"
		}
	}
	if !strings.Contains(bad, "terminal light does not answer at 127.0.0.1:9") {
		t.Errorf("the doctor says %s", bad)
	}
}
