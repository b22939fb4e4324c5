package receipt

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// ErrLanguage: there are no words in this language. Nothing falls back silently.
var ErrLanguage = errors.New("there are no receipt words in this language")

//go:embed words/*.json
var wordFiles embed.FS

// words are all texts of a slip in one language (receipts.md 3.3 and 5).
type words struct {
	Title             string `json:"title"`
	CustomerCopy      string `json:"customerCopy"`
	MerchantCopy      string `json:"merchantCopy"`
	Reprint           string `json:"reprint"`
	ReprintNo         string `json:"reprintNo"`
	Test              string `json:"test"`
	Corrected         string `json:"corrected"`
	Replaces          string `json:"replaces"`
	Sale              string `json:"sale"`
	Refund            string `json:"refund"`
	Void              string `json:"void"`
	Preauth           string `json:"preauth"`
	Completion        string `json:"completion"`
	Approved          string `json:"approved"`
	Voided            string `json:"voided"`
	Declined          string `json:"declined"`
	Cancelled         string `json:"cancelled"`
	NotCompleted      string `json:"notCompleted"`
	NothingCharged    string `json:"nothingCharged"`
	NothingRefunded   string `json:"nothingRefunded"`
	OriginalStands    string `json:"originalStands"`
	NoTerminalReceipt string `json:"noTerminalReceipt"`
	SettledByHand     string `json:"settledByHand"`
	PinVerified       string `json:"pinVerified"`
	NoSignature       string `json:"noSignature"`
	DeviceVerified    string `json:"deviceVerified"`
	Signature         string `json:"signature"`
	Identity          string `json:"identity"`
	CashierSignature  string `json:"cashierSignature"`
	Amount            string `json:"amount"`
	Tip               string `json:"tip"`
	Cashback          string `json:"cashback"`
	Total             string `json:"total"`
	AuthCode          string `json:"authCode"`
	Reference         string `json:"reference"`
	OriginalReference string `json:"originalReference"`
	OriginalAuthCode  string `json:"originalAuthCode"`
	RRN               string `json:"rrn"`
	TillReference     string `json:"tillReference"`
	ReceiptNo         string `json:"receiptNo"`
	MerchantNo        string `json:"merchantNo"`
	Terminal          string `json:"terminal"`
	OrgNo             string `json:"orgNo"`
	Phone             string `json:"phone"`
	Bank              string `json:"bank"`
	ResponseCode      string `json:"responseCode"`
	Retain            string `json:"retain"`
	Chip              string `json:"chip"`
	Contactless       string `json:"contactless"`
	Swipe             string `json:"swipe"`
	Manual            string `json:"manual"`
	Mobile            string `json:"mobile"`
}

// load reads all languages once. A broken file is a fault of the build, so it is
// told to every caller rather than passed over.
var load = sync.OnceValues(func() (map[string]words, error) {
	all := make(map[string]words)
	files, err := fs.Glob(wordFiles, "words/*.json")
	if err != nil {
		return nil, fmt.Errorf("receipt words: %w", err)
	}
	for _, file := range files {
		raw, err := wordFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("receipt words: %w", err)
		}
		var w words
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&w); err != nil {
			return nil, fmt.Errorf("receipt words %s: %w", file, err)
		}
		all[strings.TrimSuffix(path.Base(file), ".json")] = w
	}
	return all, nil
})

// wordsOf finds the words of a language: "sv", "sv-SE", "no" (for nb); empty is en.
func wordsOf(lang string) (words, language.Tag, error) {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(lang, "_", "-")), "-")
	switch base {
	case "":
		base = "en"
	case "no", "nn":
		base = "nb"
	}
	all, err := load()
	if err != nil {
		return words{}, language.Und, err
	}
	w, ok := all[base]
	if !ok {
		return words{}, language.Und, fmt.Errorf("%w: %q", ErrLanguage, lang)
	}
	return w, language.Make(base), nil
}

// parted stands between the words of two languages.
const parted = " / "

// beside puts the words of a second language beside these, each only once where they
// are the same.
func (w words) beside(second words) words {
	first, other := reflect.ValueOf(&w).Elem(), reflect.ValueOf(second)
	for i := range first.NumField() {
		if mine, theirs := first.Field(i), other.Field(i).String(); !strings.EqualFold(mine.String(), theirs) {
			mine.SetString(mine.String() + parted + theirs)
		}
	}
	return w
}
