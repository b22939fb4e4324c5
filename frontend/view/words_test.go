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
	for _, code := range []string{payment.AlarmAmount, payment.AlarmLateMoney, payment.AlarmDispute, payment.AlarmSignature} {
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
			for _, kind := range []payment.Kind{payment.Sale, payment.Refund, payment.Void} {
				op := payment.Operation{ID: "x", Kind: kind, State: state, Reason: payment.Reason(code), Requested: 12500, Currency: "SEK"}
				w := Outcome(b, op, false)
				if w.Title == "" || w.Money == "" || w.Next == "" {
					t.Errorf("%s %s %q: %+v lacks words", kind, state, code, w)
				}
				told := moneyTold(w.Money)
				if want := moneyDue(state); told != want {
					t.Errorf("%s %s %q says %q: %s, want %s", kind, state, code, w.Money, told, want)
				}
			}
		}
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
	for _, c := range []struct {
		name     string
		till     Till
		possible bool
		says     string
	}{
		{"nothing sent", Till{Terminal: can, Op: payment.Operation{State: payment.Created}}, true, "Nothing was sent yet"},
		{"card awaited", Till{Terminal: can, Op: payment.Operation{State: payment.InProgress}}, true, "Ask the terminal to stop"},
		{"bank answers", Till{Terminal: can, Op: payment.Operation{State: payment.InProgress, Prompt: payment.Prompt{Code: payment.PromptAuthorise}}}, false, "Too late"},
		{"signature", Till{Terminal: can, Op: payment.Operation{State: payment.AwaitingAnswer}}, false, "Not during the signature question"},
		{"asked already", Till{Terminal: can, Op: payment.Operation{State: payment.Aborting}}, false, "may still be approved"},
		{"no such ability", Till{Op: payment.Operation{State: payment.InProgress}}, false, "takes no request to stop"},
		{"provider's words", Till{Terminal: engine.TerminalStatus{CanAbort: true, Limits: payment.Limits{AbortEffect: "Takes up to a minute."}}, Op: payment.Operation{State: payment.InProgress}}, true, "up to a minute"},
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
	used := []string{"desk", "printer", "back", "alert"}
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
