package iotpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// maxMembers bounds one request; the documented ones have at most 16.
const maxMembers = 64

// Why a body could not be read.
var (
	errWrapper = errors.New("the body has no form field params")
	errNested  = errors.New("a value is null, a list or an object")
)

// unwrap takes the JSON out of the form field params. The JSON may also stand raw
// behind "params=", as in IOT Pay's PHP samples (iotpay.md 4.1).
func unwrap(body []byte) ([]byte, error) {
	if raw, ok := bytes.CutPrefix(body, []byte("params=")); ok && bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return raw, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("reading the form: %w", err)
	}
	values := form["params"]
	if len(values) != 1 || values[0] == "" {
		return nil, errWrapper
	}
	return []byte(values[0]), nil
}

// parse reads one flat JSON object. Every value becomes its plain text; a number
// stands as it was written. A name that comes twice is an error: nobody could say
// which of the two was signed.
func parse(text []byte) (map[string]string, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("the text is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("the text is no JSON object")
	}
	members := map[string]string{}
	for d.More() {
		name, value, err := member(d)
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("%q comes twice", bench.Shorten(name))
		}
		if members[name] = value; len(members) > maxMembers {
			return nil, fmt.Errorf("there are more than %d members", maxMembers)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("reading the end of the object: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return members, nil
}

func member(d *json.Decoder) (name, value string, err error) {
	token, err := d.Token()
	if err != nil {
		return "", "", fmt.Errorf("reading a name: %w", err)
	}
	name, ok := token.(string)
	if !ok {
		return "", "", errors.New("a name is no text")
	}
	if token, err = d.Token(); err != nil {
		return "", "", fmt.Errorf("reading the value of %q: %w", bench.Shorten(name), err)
	}
	switch v := token.(type) {
	case string:
		return name, v, nil
	case json.Number:
		return name, v.String(), nil
	case bool:
		return name, strconv.FormatBool(v), nil
	}
	return "", "", fmt.Errorf("%q: %w", bench.Shorten(name), errNested)
}
