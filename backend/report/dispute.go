package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

//go:embed dispute.tmpl
var disputePage string

//go:embed dispute.css
var disputeStyle string

//go:embed recompute.py
var recompute string

var disputeTemplate = template.Must(template.New("dispute").Parse(disputePage))

// Dispute is all that goes into the file for a dispute about one operation.
type Dispute struct {
	Op      payment.Operation
	Related []payment.Operation // its voids and refunds, or the original that it is one of
	Events  []payment.Event     // all of its own, as the journal holds them
	Seal    Seal
	Made    time.Time      // when the file is made
	Zone    *time.Location // the merchant's clock; nil: time.Local
	Version string         // of Paydesk
	Test    bool           // practice: no real money
	// Back and Save are addresses for a page that shows the file, as a way out of it;
	// empty in the file itself.
	Back, Save string
}

// Name is a file name for it.
func (d Dispute) Name() string {
	return fmt.Sprintf("paydesk-%s-%d-%s.html", d.Op.Kind, d.Op.Number, d.Op.CreatedAt.In(d.zone()).Format("2006-01-02"))
}

func (d Dispute) zone() *time.Location {
	if d.Zone == nil {
		return time.Local
	}
	return d.Zone
}

// WriteHTML writes one page that asks for nothing from outside and runs no script: to
// print on A4, to send, and to check. It holds no more of a card than the slips may
// show, and every event as the journal has it, so that its hashes can be recomputed.
func (d Dispute) WriteHTML(w io.Writer) error {
	page, err := d.page()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := disputeTemplate.Execute(&out, page); err != nil {
		return fmt.Errorf("write the evidence of operation %s: %w", d.Op.ID, err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// WriteLines writes the events alone, one line of JSON each, with the data byte by
// byte as it was hashed.
func (d Dispute) WriteLines(w io.Writer) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false) // it would change the data's bytes
	for _, e := range d.Events {
		if err := lines.Encode(e); err != nil {
			return fmt.Errorf("write event %d: %w", e.Seq, err)
		}
	}
	return nil
}

// page is the dispute as the template takes it.
type page struct {
	Dispute
	Style              template.CSS
	Title, Amount      string
	Outcome            string
	Tone               string
	Merchant           []string
	Summary            [][][]pair // two columns of lists
	Course             []row
	Slips              []slip
	Bars               []disputeBar
	Method             []string
	Rows               []row
	Verdict            []Line
	Sound              bool
	Bodies             []row
	Lines, Recompute   string
	Total, Made, Clock string
}

type pair struct{ Name, Text string }

// row is a step with its texts made ready.
type row struct {
	Step
	Time, Way, After string
}

type slip struct {
	Title string
	HTML  template.HTML
}

type disputeBar struct {
	Class, Name, Took, Part string
	X, W                    string
}

func (d Dispute) page() (page, error) {
	var lines bytes.Buffer
	if err := d.WriteLines(&lines); err != nil {
		return page{}, err
	}
	p := page{Dispute: d, Style: template.CSS(receipt.CSS() + disputeStyle), Verdict: d.Seal.Verdict(d.zone()), Sound: d.Seal.Sound(),
		Method: Method, Lines: lines.String(), Recompute: recompute,
		Made: d.Made.In(d.zone()).Format(timeForm), Clock: d.Made.In(d.zone()).Format("MST, UTC-07:00")}
	p.Title = fmt.Sprintf("%s %d", capital(string(d.Op.Kind)), d.Op.Number)
	if d.Op.Unlinked() {
		p.Title += ", without a sale"
	}
	p.Amount = d.text(d.Op.Shown())
	p.Outcome, p.Tone = stateWords[d.Op.State], stateTones[d.Op.State]
	p.Merchant = d.merchant()
	p.Summary = [][][]pair{{d.money(), d.references()}, {d.course(), d.card()}}
	for _, s := range Timeline(d.Events) {
		r := row{Step: s, Time: s.At.In(d.zone()).Format("15:04:05.000"), Way: way(s), After: stateWords[s.State]}
		p.Rows = append(p.Rows, r)
		if s.Changed {
			p.Course = append(p.Course, r)
		}
		if s.Body != "" {
			p.Bodies = append(p.Bodies, r)
		}
	}
	spent := TimeSpent(d.Op, d.Events, d.Made)
	p.Total, p.Bars = Took(spent.Total), barsOf(spent)
	var err error
	p.Slips, err = d.slips()
	return p, err
}

// slips lays out what was handed out, as the printed slips are.
func (d Dispute) slips() ([]slip, error) {
	var list []slip
	for _, c := range []payment.Copy{payment.MerchantCopy, payment.CustomerCopy} {
		doc, err := receipt.Render(d.Op, c, receipt.Options{PrintedAt: d.Made, Test: d.Test, Location: d.zone()})
		if errors.Is(err, receipt.ErrNoSlip) || errors.Is(err, receipt.ErrUnknown) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lay out the %s copy: %w", c, err)
		}
		var text bytes.Buffer
		if err := doc.HTML(&text); err != nil {
			return nil, err
		}
		title := capital(string(c)) + " copy"
		if doc.Synthetic {
			title += " (made by the till: the terminal delivered none)"
		}
		list = append(list, slip{title, template.HTML(text.String())}) // receipt escapes it
	}
	return list, nil
}

func way(s Step) string {
	if s.To == "" {
		return capital(string(s.From))
	}
	return capital(string(s.From)) + " → " + string(s.To)
}

// stateWords and stateTones are how a state stands in a file for others.
var (
	stateWords = map[payment.State]string{
		payment.Created: "created", payment.Sending: "sending", payment.InProgress: "in progress", payment.AwaitingAnswer: "signature asked",
		payment.Aborting: "stopping", payment.Approved: "approved", payment.Declined: "declined", payment.Cancelled: "cancelled",
		payment.Failed: "not carried out", payment.InDoubt: "in doubt",
	}
	stateTones = map[payment.State]string{payment.Approved: "good", payment.Declined: "bad", payment.InDoubt: "unknown"}
)

// StateWord is a state in words; an unknown one is written as it is.
func StateWord(s payment.State) string {
	if w, ok := stateWords[s]; ok {
		return w
	}
	return plain(string(s))
}

// barsOf sets the shares beside each other in a bar of 1000 units.
func barsOf(spent Spent) []disputeBar {
	list := make([]disputeBar, 0, len(spent.Shares))
	x := 0.0
	for _, s := range spent.Shares {
		part := float64(s.Took) / float64(spent.Total)
		list = append(list, disputeBar{Class: "of-" + string(s.Owner), Name: capital(s.Owner.Name()), Took: Took(s.Took), Part: fmt.Sprintf("%.1f %%", part*100),
			X: fmt.Sprintf("%.1f", x*1000), W: fmt.Sprintf("%.1f", part*1000)})
		x += part
	}
	return list
}
