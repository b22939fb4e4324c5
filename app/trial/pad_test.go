package trial

import (
	"bufio"
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// pad is the customer at the pin pad page of the practice terminal.
type pad struct {
	*testing.T
	base string // the terminal's page, with a slash at its end
}

// newPad stands at a terminal. It does not stay busy after a payment, so that the
// next one need not wait.
func newPad(t *testing.T, base string) *pad {
	p := &pad{T: t, base: base}
	p.do("fault", "cooldown=off")
	return p
}

// do acts at the terminal; a refusal fails the test.
func (p *pad) do(name, value string) {
	p.Helper()
	request, err := http.NewRequest(http.MethodPost, p.base+"do", strings.NewReader(url.Values{"name": {name}, "value": {value}}.Encode()))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Paydesk-Fragment", "1")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatalf("%s %s at the terminal: %v", name, value, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.Fatalf("%s %s at the terminal: %s %s %v", name, value, answer.Status, body, err)
	}
}

// shows awaits a text on the terminal's screen.
func (p *pad) shows(text string) {
	p.Helper()
	p.await("the terminal shows "+text, func(page string) bool { return strings.Contains(page, "<p>"+html.EscapeString(text)+"</p>") })
}

// await reads the page's stream until the page is as wanted, and gives the page.
func (p *pad) await(what string, holds func(page string) bool) string {
	p.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"stream", nil)
	if err != nil {
		p.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 4<<20)
	var page strings.Builder
	last := ""
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			page.WriteString(data + "\n")
			continue
		}
		if lines.Text() != "" || page.Len() == 0 {
			continue
		}
		if last = page.String(); holds(last) {
			return last
		}
		page.Reset()
	}
	p.Fatalf("%s: not so (%v); the page is\n%s", what, lines.Err(), strings.Join(strings.Fields(tags.ReplaceAllString(last, " ")), " "))
	return ""
}

var tags = regexp.MustCompile(`<[^>]*>`)

// charged matches the amount of a booking that counts, in the terminal's own ledger.
var charged = regexp.MustCompile(`<tr class="charged">.*?<td class="money">([^<]*)</td>`)

// ledger asserts what the terminal really charged, oldest first, as its customers' accounts
// see it.
func (p *pad) ledger(amounts ...string) {
	p.Helper()
	page := p.await("the ledger", func(string) bool { return true })
	var got []string
	for _, booking := range charged.FindAllStringSubmatch(page, -1) {
		got = append(got, strings.TrimSuffix(booking[1], " SEK"))
	}
	if strings.Join(got, " ") != strings.Join(amounts, " ") {
		p.Errorf("the terminal charged %q, want %q", got, amounts)
	}
}
