package pinpad

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fragmentHeader is set by the page's script: it wants the notice alone, the
// rest comes by the stream.
const fragmentHeader = "Paydesk-Fragment"

// known holds every action that a form may name.
var known = []ActionName{
	ActionInsert, ActionTap, ActionSwipe, ActionPull, ActionKey, ActionPIN, ActionTip, ActionSign,
	ActionWalkAway, ActionCustomer, ActionFault, ActionReboot, ActionTearPaper,
	ActionWallet, ActionScan, ActionNoMoney,
}

// do carries out the action of a posted form.
func (p *pad) do(i int, d Device) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		action, status, err := read(r)
		if err != nil {
			p.told(w, r, status, i, d, err)
			return
		}
		p.told(w, r, http.StatusUnprocessableEntity, i, d, d.Do(action))
	}
}

// calm ends all trouble: every switch goes to its first choice.
func (p *pad) calm(i int, d Device) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var failed error
		for _, s := range d.View().Switches {
			if len(s.Choices) == 0 || s.Value == s.Choices[0] {
				continue
			}
			failed = errors.Join(failed, d.Do(Action{ActionFault, s.Name + "=" + s.Choices[0]}))
		}
		p.told(w, r, http.StatusUnprocessableEntity, i, d, failed)
	}
}

// read takes the action out of a posted form. The status belongs to the error.
func read(r *http.Request) (Action, int, error) {
	if err := r.ParseForm(); err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return Action{}, http.StatusRequestEntityTooLarge, fmt.Errorf("the form is larger than %d bytes", tooLarge.Limit)
		}
		return Action{}, http.StatusBadRequest, errors.New("the form could not be read")
	}
	a := Action{ActionName(r.PostForm.Get("name")), r.PostForm.Get("value")}
	if !slices.Contains(known, a.Name) {
		return Action{}, http.StatusBadRequest, errors.New("the terminal has no such action")
	}
	if presents(a.Name) && a.Value == "" {
		return Action{}, http.StatusUnprocessableEntity, errors.New("choose a card first")
	}
	return a, http.StatusOK, nil
}

func presents(n ActionName) bool {
	return n == ActionInsert || n == ActionTap || n == ActionSwipe
}

// told answers for an action: the script gets the notice, a browser without
// script goes back to the page or sees it with the refusal on it.
func (p *pad) told(w http.ResponseWriter, r *http.Request, status, i int, d Device, refusal error) {
	notice := ""
	if refusal != nil {
		notice = sentence(refusal.Error())
	}
	switch {
	case r.Header.Get(fragmentHeader) != "":
		if refusal == nil {
			status = http.StatusOK
		}
		html, err := render("notice", page{Notice: notice, live: live{Path: fmt.Sprintf("/%d/", i)}})
		if err != nil {
			fault(w, err)
			return
		}
		send(w, status, html)
	case refusal == nil:
		http.Redirect(w, r, fmt.Sprintf("/%d/", i), http.StatusSeeOther)
	default:
		p.answer(w, status, i, d, notice)
	}
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	s = string(unicode.ToUpper(first)) + s[size:]
	if last, _ := utf8.DecodeLastRuneInString(s); unicode.IsLetter(last) || unicode.IsDigit(last) {
		s += "."
	}
	return s
}
