package view

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// What was charged is told with its tip, and that it has changed since the approval, as
// long as the slip that was handed out shows the old amount.
func TestWhatWasCharged(t *testing.T) {
	op := payment.Operation{State: payment.Approved, Currency: "USD", Requested: 1000, Authorised: 1150, Tip: 150}
	b := Base{Lang: language.English}
	for _, c := range []struct {
		adjusted *payment.Adjustment
		prints   int
		want     string
	}{
		{nil, 1, "with tip 1.50 USD"},
		{&payment.Adjustment{From: 1000}, 0, "with tip 1.50 USD; 10.00 USD when it was approved"},
		{&payment.Adjustment{From: 1000, Prints: 1}, 1, "with tip 1.50 USD; 10.00 USD when it was approved: hand out the corrected slip"},
		{&payment.Adjustment{From: 1000, Prints: 1}, 2, "with tip 1.50 USD; 10.00 USD when it was approved"},
	} {
		op.Adjusted, op.Prints = c.adjusted, c.prints
		if got := strings.ReplaceAll(got(b, op), "\u00a0", " "); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// constants reads the values of all constants of a type from a package's source,
// so that a new word cannot be forgotten here.
func constants(t *testing.T, folder, name string) []string {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, entry := range files {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), folder+"/"+entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind, typed := spec.Type.(*ast.Ident)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if typed && literal && kind.Name == name {
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, text)
			}
			return true
		})
	}
	if len(list) < 2 {
		t.Fatalf("found no constants of %s in %s", name, folder)
	}
	return list
}

const words = "../../backend/payment"

func TestEveryWordOfThePaymentHasWordsForThePerson(t *testing.T) {
	for _, code := range constants(t, words, "PromptCode") {
		w, ok := prompts[payment.PromptCode(code)]
		if !ok || w.Icon == "" || (w.Text == "" && payment.PromptCode(code) != payment.PromptText) {
			t.Errorf("prompt %q has no words or no icon", code)
		}
	}
	for _, party := range constants(t, words, "Party") {
		if parties[payment.Party(party)] == "" {
			t.Errorf("party %q has no words", party)
		}
	}
	for _, state := range constants(t, words, "State") {
		if tone := tones[payment.State(state)]; tone.Word == "" || tone.Icon == "" || tone.Class == "" {
			t.Errorf("state %q has no words, icon or tone", state)
		}
	}
	for _, kind := range constants(t, words, "Kind") {
		if kinds[payment.Kind(kind)] == "" {
			t.Errorf("kind %q has no words", kind)
		}
	}
	for _, state := range constants(t, "../../backend/engine", "TerminalState") {
		if terminals[engine.TerminalState(state)].Word == "" {
			t.Errorf("terminal state %q has no words", state)
		}
	}
	for _, code := range []string{payment.AlarmAmount, payment.AlarmLateMoney, payment.AlarmDispute, payment.AlarmSignature, payment.AlarmAccount, payment.AlarmProof, payment.AlarmSurcharge} {
		if alarmTitles[code] == "" {
			t.Errorf("alarm %q has no title", code)
		}
	}
}

// TestEveryReasonInEveryState is F-33: never a bare error. What it means for the
// money must agree with the state, whatever the reason.
func TestEveryReasonInEveryState(t *testing.T) {
	b := Base{Lang: language.English}
	reasonCodes := append(constants(t, words, "Reason"), "a-reason-of-next-year")
	for _, code := range reasonCodes {
		if r, ok := reasons[payment.Reason(code)]; code != "" && code != "a-reason-of-next-year" && (!ok || r.What == "" || r.Next == "") {
			t.Errorf("reason %q lacks words", code)
		}
		for _, state := range payment.States {
			for _, kind := range []payment.Kind{payment.Sale, payment.Refund, payment.Void, payment.Capture} {
				op := payment.Operation{ID: "x", Kind: kind, State: state, Reason: payment.Reason(code), Requested: 12500, Currency: "SEK"}
				w := Outcome(b, op, false)
				if w.Title == "" || w.Money == "" || w.Next == "" {
					t.Errorf("%s %s %q: %+v lacks words", kind, state, code, w)
				}
				told := moneyTold(w.Money)
				if advice := strings.TrimPrefix(w.Next, "Do not take the payment again. "); kind == payment.Sale && moneyDue(state) != "not moved" && strings.Contains(advice, " again") {
					t.Errorf("%s %q advises %q", state, code, w.Next)
				}
				if want := moneyDue(state); told != want {
					t.Errorf("%s %s %q says %q: %s, want %s", kind, state, code, w.Money, told, want)
				}
			}
		}
	}
}

// TestOutcomesNameWhatTheyAreOf: an approved refund must not pass for a payment.
func TestOutcomesNameWhatTheyAreOf(t *testing.T) {
	for _, c := range []struct {
		kind  payment.Kind
		state payment.State
		title string
	}{
		{payment.Sale, payment.Approved, "Approved"},
		{payment.Refund, payment.Approved, "Refund approved"},
		{payment.Void, payment.Approved, "Void approved"},
		{payment.Refund, payment.Declined, "Refund declined"},
		{payment.Void, payment.Failed, "Void not carried out"},
		{payment.Refund, payment.InDoubt, "Refund in doubt"},
		{payment.Void, "unheard_of", "Unknown state"},
	} {
		if w := Outcome(Base{}, payment.Operation{Kind: c.kind, State: c.state, Currency: "SEK"}, false); w.Title != c.title {
			t.Errorf("%s %s is %q, want %q", c.kind, c.state, w.Title, c.title)
		}
	}
}

func TestCashBackIsHandedOutFirst(t *testing.T) {
	b := Base{Lang: language.English}
	op := payment.Operation{Kind: payment.Sale, State: payment.Approved, Currency: "SEK", Authorised: 22500, Requested: 12500, CashbackAsked: 10000, Cashback: 10000}
	if w := Outcome(b, op, false); w.First != "Give the customer 100.00\u00a0kr in cash." || w.Next != "Hand over the receipt." {
		t.Errorf("approved: %+v", w)
	}
	if text := Shout(Till{Base: b, Screen: ScreenResult, Op: op}); text != "Approved. 225.00\u00a0kr was charged. Give the customer 100.00\u00a0kr in cash." {
		t.Errorf("said aloud: %q", text)
	}
	if w := Outcome(b, op, true); !strings.Contains(w.Next, "give the money back now. If it stands: Give the customer 100.00\u00a0kr") {
		t.Errorf("approved although it was stopped: %q", w.Next)
	}
	op.State, op.Cashback = payment.Declined, 0
	if w := Outcome(b, op, false); w.First != "" || strings.Contains(w.Next, "cash") {
		t.Errorf("declined: %+v", w)
	}
}

// TestFasterThanTheStop: a payment that came although the cashier had asked to stop it
// has its way back beside it: a void, or a refund where the terminal knows no void.
func TestFasterThanTheStop(t *testing.T) {
	for name, c := range map[string]struct {
		aborted bool
		can     Abilities
		id      string
	}{
		"a card":     {true, Abilities{Void: true, Refund: true}, "void-now"},
		"a wallet":   {true, Abilities{Refund: true}, "refund-now"},
		"neither":    {true, Abilities{}, ""},
		"as planned": {false, Abilities{Void: true, Refund: true}, ""},
	} {
		v := Till{Base: Base{Lang: language.English}, Screen: ScreenResult, Aborted: c.aborted, Can: c.can,
			Op: payment.Operation{ID: "x", Kind: payment.Sale, State: payment.Approved, Currency: "USD", Requested: 1000, Authorised: 1000}}
		var out strings.Builder
		if err := resultScreen(v).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"void-now", "refund-now"} {
			if strings.Contains(out.String(), `id="`+id+`"`) != (id == c.id) {
				t.Errorf("%s: %s is there or missing", name, id)
			}
		}
		if advice := strings.Contains(out.String(), "give the money back now"); advice != c.aborted {
			t.Errorf("%s: told to give it back: %t", name, advice)
		}
	}
}

// TestLater: the advice of the till's screen is not repeated about old operations;
// what still has to be done is.
func TestLater(t *testing.T) {
	for _, c := range []struct {
		name   string
		op     payment.Operation
		silent bool
	}{
		{"approved", payment.Operation{Kind: payment.Sale, State: payment.Approved}, true},
		{"with cash back", payment.Operation{Kind: payment.Sale, State: payment.Approved, Cashback: 100}, true},
		{"declined", payment.Operation{Kind: payment.Sale, State: payment.Declined, Reason: payment.ReasonIssuer}, true},
		{"settled", payment.Operation{Kind: payment.Sale, State: payment.Approved, Reason: payment.ReasonSettled}, false},
		{"alarmed", payment.Operation{Kind: payment.Sale, State: payment.Approved, Alarms: []payment.Alarm{{Code: payment.AlarmLateMoney}}}, false},
		{"in doubt", payment.Operation{Kind: payment.Sale, State: payment.InDoubt}, false},
		{"running", payment.Operation{Kind: payment.Sale, State: payment.InProgress}, false},
	} {
		c.op.Currency = "SEK"
		if w := Later(Base{}, c.op, false); (w.Next == "") != c.silent || w.First != "" {
			t.Errorf("%s: %+v", c.name, w)
		}
	}
}

func TestGivenBack(t *testing.T) {
	b := Base{Lang: language.English}
	sale := payment.Operation{ID: "s", Kind: payment.Sale, State: payment.Approved, Currency: "SEK", Authorised: 1000}
	one := func(kind payment.Kind, state payment.State, minor int64) payment.Operation {
		return payment.Operation{Kind: kind, State: state, Original: "s", Currency: "SEK", Authorised: minor}
	}
	for _, c := range []struct {
		related []payment.Operation
		text    string
	}{
		{nil, ""},
		{[]payment.Operation{one(payment.Void, payment.Declined, 0)}, ""},
		{[]payment.Operation{one(payment.Void, payment.Declined, 0), one(payment.Void, payment.Approved, 1000)}, "voided"},
		{[]payment.Operation{one(payment.Void, payment.InDoubt, 0)}, "void in doubt"},
		{[]payment.Operation{one(payment.Refund, payment.Approved, 100), one(payment.Refund, payment.Approved, 200)}, "3.00\u00a0kr refunded"},
		{[]payment.Operation{one(payment.Refund, payment.Approved, 1000)}, "all refunded"},
		{[]payment.Operation{one(payment.Refund, payment.Approved, 100), one(payment.Refund, payment.InProgress, 0)}, "refund under way"},
		{[]payment.Operation{{ID: "s", Kind: payment.Sale, State: payment.Approved, Authorised: 1000}}, ""},
	} {
		if got, _ := givenBack(b, sale, c.related); got != c.text {
			t.Errorf("%+v: %q, want %q", c.related, got, c.text)
		}
	}
	sale.State = payment.Declined
	if got, _ := givenBack(b, sale, []payment.Operation{one(payment.Void, payment.Approved, 1)}); got != "" {
		t.Errorf("a declined sale was given back: %q", got)
	}
}

func moneyDue(s payment.State) string {
	switch s {
	case payment.Approved:
		return "moved"
	case payment.Declined, payment.Cancelled, payment.Failed:
		return "not moved"
	}
	return "open"
}

func moneyTold(text string) string {
	switch {
	case strings.HasPrefix(text, "Nothing was charged"), strings.HasPrefix(text, "No money was given back"):
		return "not moved"
	case strings.Contains(text, "may have"), strings.Contains(text, "Nothing is decided"):
		return "open"
	case strings.Contains(text, "was charged"), strings.Contains(text, "goes back"):
		return "moved"
	}
	return "nothing"
}

// TestAlarmsAreWorded: an approval with an alarm never ends in "hand over the
// receipt".
func TestAlarmsAreWorded(t *testing.T) {
	plain := Outcome(Base{}, payment.Operation{Kind: payment.Sale, State: payment.Approved, Currency: "SEK"}, false)
	for code := range alarmTitles {
		op := payment.Operation{Kind: payment.Sale, State: payment.Approved, Currency: "SEK", Alarms: []payment.Alarm{{Code: code}}}
		if w := Outcome(Base{}, op, false); w.What == "" || w.Next == "" || w.Next == plain.Next {
			t.Errorf("%s: %+v", code, w)
		}
	}
}

func TestUnknownStateIsDoubt(t *testing.T) {
	if got := State("unheard_of"); got.Class != "doubt" {
		t.Errorf("an unknown state looks like %q", got.Class)
	}
}

// TestAbortSaysItsTrueEffect is F-35.
func TestAbortSaysItsTrueEffect(t *testing.T) {
	can := engine.TerminalStatus{CanAbort: true}
	worded := engine.TerminalStatus{CanAbort: true, Limits: payment.Limits{AbortEffect: "Takes up to a minute."}}
	for _, c := range []struct {
		name     string
		till     Till
		possible bool
		says     string
	}{
		{"nothing sent", Till{Terminal: can, Op: payment.Operation{Kind: payment.Sale, State: payment.Created}}, true, "Nothing was sent yet"},
		{"card awaited", Till{Terminal: can, Op: payment.Operation{Kind: payment.Sale, State: payment.InProgress}}, true, "the payment stands"},
		{"bank answers", Till{Terminal: can, Op: payment.Operation{Kind: payment.Sale, State: payment.InProgress, Prompt: payment.Prompt{Code: payment.PromptAuthorise}}}, false, "Too late"},
		{"signature", Till{Terminal: can, Op: payment.Operation{Kind: payment.Sale, State: payment.AwaitingAnswer}}, false, "Not during the signature question"},
		{"asked already", Till{Terminal: can, Op: payment.Operation{Kind: payment.Sale, State: payment.Aborting}}, false, "may still be approved"},
		{"no such ability", Till{Op: payment.Operation{Kind: payment.Sale, State: payment.InProgress}}, false, "takes no request to stop"},
		{"provider's words", Till{Terminal: worded, Op: payment.Operation{Kind: payment.Sale, State: payment.InProgress}}, true, "up to a minute"},
		{"sale's words on a refund", Till{Terminal: worded, Op: payment.Operation{Kind: payment.Refund, State: payment.InProgress}}, true, "the refund stands"},
		{"sale's words on a void", Till{Terminal: worded, Op: payment.Operation{Kind: payment.Void, State: payment.InProgress}}, true, "the void stands"},
		{"a refund asked already", Till{Terminal: can, Op: payment.Operation{Kind: payment.Refund, State: payment.Aborting}}, false, "The refund's own answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, possible := AbortWords(c.till)
			if possible != c.possible || !strings.Contains(text, c.says) {
				t.Errorf("got %v %q, want %v %q", possible, text, c.possible, c.says)
			}
		})
	}
}

func TestIconsExist(t *testing.T) {
	sprite, err := os.ReadFile("icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	used := []string{"desk", "printer", "back", "alert", "return", "unlink"}
	for _, w := range prompts {
		used = append(used, w.Icon)
	}
	for _, tone := range tones {
		used = append(used, tone.Icon)
	}
	for _, name := range used {
		if !strings.Contains(string(sprite), `id="`+name+`"`) {
			t.Errorf("there is no icon %q", name)
		}
	}
}
