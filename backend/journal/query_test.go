package journal_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// history makes a journal with one of each.
func history(t *testing.T) *journal.Journal {
	t.Helper()
	j, _ := till(t)
	sale := operation("op-1")
	sale.Reference = "Table 12"
	sell(t, j, sale) // 1: approved, 12.50
	declined := operation("op-2")
	declined.Requested, declined.Terminal, declined.Reference = 1200, "till-2", "table 7"
	create(t, j, declined) // 2: declined, 12.00
	add(t, j, "op-2", attempt(t, "op-2", "880002"),
		event(t, "op-2", payment.EventResult, payment.Result{Outcome: payment.Refused, Reason: payment.ReasonIssuer}))
	refund := operation("op-3")
	refund.Kind, refund.Original, refund.Requested = payment.Refund, "op-1", 300
	sell(t, j, refund) // 3: approved, 3.00
	open := operation("op-4")
	open.Kind, open.Original, open.Requested = payment.Refund, "op-1", 200
	create(t, j, open) // 4: created
	doubt := operation("op-5")
	doubt.Currency, doubt.Requested = "JPY", 1250
	create(t, j, doubt) // 5: in doubt, 1250 yen
	add(t, j, "op-5", attempt(t, "op-5", "880005"), event(t, "op-5", payment.EventDoubt, payment.Note{Text: "silence"}))
	failed := operation("op-6")
	failed.Kind, failed.Original = payment.Void, "op-1"
	create(t, j, failed) // 6: not executed
	add(t, j, "op-6", attempt(t, "op-6", "880006"), event(t, "op-6", payment.EventResult, payment.Result{Outcome: payment.NotDone}))
	return j
}

func numbers(list []payment.Operation) []int64 {
	found := []int64{}
	for _, op := range list {
		found = append(found, op.Number)
	}
	return found
}

func TestSearch(t *testing.T) {
	j := history(t)
	for _, c := range []struct {
		name  string
		query payment.Query
		want  []int64
	}{
		{"everything", payment.Query{}, []int64{6, 5, 4, 3, 2, 1}},
		{"a page", payment.Query{Limit: 2}, []int64{6, 5}},
		{"the next page", payment.Query{Limit: 2, Before: 5}, []int64{4, 3}},
		{"a receipt number", payment.Query{Text: " 5 "}, []int64{5}},
		{"a number that is an amount too", payment.Query{Text: "2"}, []int64{4, 2}},
		{"an amount", payment.Query{Text: "12.50"}, []int64{6, 1}},
		{"an amount with a comma", payment.Query{Text: "12,5"}, []int64{6, 1}},
		{"an amount without decimals", payment.Query{Text: "12"}, []int64{2}},
		{"an amount in a currency without decimals", payment.Query{Text: "1250"}, []int64{5}},
		{"the last four digits", payment.Query{Text: "0119"}, []int64{3, 1}},
		{"an authorisation code", payment.Query{Text: "a1b2c3"}, []int64{3, 1}},
		{"our reference", payment.Query{Text: "880002"}, []int64{2}},
		{"the terminal's reference", payment.Query{Text: "T-op-3"}, []int64{3}},
		{"an id", payment.Query{Text: "op-4"}, []int64{4}},
		{"how a reference begins", payment.Query{Text: "TABLE"}, []int64{2, 1}},
		{"a whole reference", payment.Query{Text: "table 12"}, []int64{1}},
		{"the middle of a reference", payment.Query{Text: "ble"}, []int64{}},
		{"text and state", payment.Query{Text: "table", State: payment.Declined}, []int64{2}},
		{"text, page", payment.Query{Text: "table", Before: 2}, []int64{1}},
		{"text, limit", payment.Query{Text: "12.50", Limit: 1}, []int64{6}},
		{"a state", payment.Query{State: payment.Approved}, []int64{3, 1}},
		{"a kind", payment.Query{Kind: payment.Refund}, []int64{4, 3}},
		{"a terminal", payment.Query{Terminal: "till-2"}, []int64{2}},
		{"all three", payment.Query{State: payment.Approved, Kind: payment.Refund, Terminal: "till-1"}, []int64{3}},
		{"quotes and wildcards", payment.Query{Text: `%' OR 1=1 --`}, []int64{}},
		{"bytes that are no text", payment.Query{Text: "\xff\x00"}, []int64{}},
		{"a number beyond all", payment.Query{Text: "99999999999999999999999"}, []int64{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := j.Operations(t.Context(), c.query)
			if err != nil {
				t.Fatal(err)
			}
			if got := numbers(list); !slices.Equal(got, c.want) {
				t.Errorf("found %v; want %v", got, c.want)
			}
		})
	}
}

// TestCommonReference: a prefix that very many share gives the newest of them.
func TestCommonReference(t *testing.T) {
	j, _ := till(t)
	release := j.Hold()
	const many = journal.MaxPrefixed + 20
	done := make(chan error, many)
	for i := range many {
		go func() {
			op := operation(fmt.Sprintf("op-%d", i))
			op.Reference = fmt.Sprintf("Order %d", i)
			_, _, err := j.Create(t.Context(), op)
			done <- err
		}()
	}
	release()
	for range many {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	list, err := j.Operations(t.Context(), payment.Query{Text: "order", Limit: 3})
	if got := numbers(list); err != nil || !slices.Equal(got, []int64{many, many - 1, many - 2}) {
		t.Errorf("found %v, %v", got, err)
	}
}

// TestOldReference: a prefix that many old operations share, and none of the newest.
func TestOldReference(t *testing.T) {
	j, path := till(t)
	op := operation("op-1")
	op.Reference = "Regatta 1"
	create(t, j, op)
	const shared = journal.MaxPrefixed + 100
	raw(t, path, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO operation SELECT 'op-' || i, i, NULL, kind, state, provider, terminal, original, currency, requested, authorised,
			amount, CASE WHEN i <= %d THEN 'Regatta ' || i ELSE 'Table ' || i END, NULL, NULL, NULL, NULL, created_at, updated_at,
			replace(data, '"number":1', '"number":' || i), NULL, 0
		FROM operation, n WHERE id = 'op-1'`, shared+journal.PrefixWindow+1, shared))
	list, err := j.Operations(t.Context(), payment.Query{Text: "regatta", Limit: 2})
	if got := numbers(list); err != nil || !slices.Equal(got, []int64{shared, shared - 1}) {
		t.Errorf("found %v, %v", got, err)
	}
}

// FuzzSearch: no text is an error.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{"", "12.50", "1,", ".", "0", "-5", "1e9", "'", "%", "\x00", "\xff", "Å", "１２"} {
		f.Add(text, int64(0), 0)
	}
	f.Add("7", int64(-1), -1)
	j, _ := till(f)
	sell(f, j, operation("op-1"))
	f.Fuzz(func(t *testing.T, text string, before int64, limit int) {
		if _, err := j.Operations(t.Context(), payment.Query{Text: text, Before: before, Limit: limit}); err != nil {
			t.Error(err)
		}
		if _, err := j.Find(t.Context(), text); err != nil {
			wantCode(t, err, payment.CodeNotFound)
		}
	})
}

func TestReads(t *testing.T) {
	j := history(t)
	ctx := t.Context()
	list, err := j.Open(ctx)
	if got := numbers(list); err != nil || !slices.Equal(got, []int64{4, 5}) {
		t.Errorf("open: %v, %v", got, err)
	}
	list, err = j.Related(ctx, "op-1")
	if got := numbers(list); err != nil || !slices.Equal(got, []int64{3, 4, 6}) {
		t.Errorf("related: %v, %v", got, err)
	}
	if approved, open, err := j.Refunded(ctx, "op-1"); err != nil || approved != 300 || open != 200 {
		t.Errorf("given back %d, asked for %d, %v", approved, open, err)
	}
	if approved, open, err := j.Refunded(ctx, "op-2"); err != nil || approved != 0 || open != 0 {
		t.Errorf("of a sale without refund: %d, %d, %v", approved, open, err)
	}
	if op, ok, err := j.Last(ctx, "till-1"); err != nil || !ok || op.Number != 3 {
		t.Errorf("last: %d, %v, %v", op.Number, ok, err)
	}
	if op, ok, err := j.Last(ctx, "till-2"); err != nil || ok {
		t.Errorf("last of a terminal without approval: %d, %v, %v", op.Number, ok, err)
	}
	for text, want := range map[string]int64{"op-5": 5, " 4 ": 4, "880002": 2} {
		if op, err := j.Find(ctx, text); err != nil || op.Number != want {
			t.Errorf("find %q: %d, %v", text, op.Number, err)
		}
	}
	for _, text := range []string{"", "nobody", "77", "-1", "'"} {
		_, err := j.Find(ctx, text)
		wantCode(t, err, payment.CodeNotFound)
	}
	_, err = j.Operation(ctx, "nobody")
	wantCode(t, err, payment.CodeNotFound)
}

func TestTerminals(t *testing.T) {
	j, path := till(t)
	ctx := t.Context()
	first := journal.Terminal{Name: "counter", Provider: "nexo", Settings: map[string]string{"address": "192.0.2.1:9990"}, Default: true}
	second := journal.Terminal{Name: "bar", Provider: "nexo", Settings: map[string]string{}}
	for _, one := range []journal.Terminal{first, second} {
		if err := j.PutTerminal(ctx, one); err != nil {
			t.Fatal(err)
		}
	}
	second.Default, second.Settings = true, map[string]string{"mode": "light"}
	if err := j.PutTerminal(ctx, second); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	list, err := j.Terminals(ctx)
	first.Default = false
	if err != nil || fmt.Sprint(list) != fmt.Sprint([]journal.Terminal{second, first}) {
		t.Errorf("terminals %v, %v", list, err)
	}
	if err := j.RemoveTerminal(ctx, "bar"); err != nil {
		t.Error(err)
	}
	wantCode(t, j.RemoveTerminal(ctx, "bar"), payment.CodeNotFound)
	wantCode(t, j.PutTerminal(ctx, journal.Terminal{Name: "x"}), payment.CodeInput)
	for i := range journal.MaxTerminals - 1 {
		if err := j.PutTerminal(ctx, journal.Terminal{Name: fmt.Sprint("t", i), Provider: "nexo"}); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, j.PutTerminal(ctx, journal.Terminal{Name: "one more", Provider: "nexo"}), payment.CodeInput)
	if list, err := j.Terminals(ctx); err != nil || len(list) != journal.MaxTerminals {
		t.Errorf("%d terminals, %v", len(list), err)
	}
}
