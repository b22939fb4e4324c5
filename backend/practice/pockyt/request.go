package pockyt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// maxFields bounds what one request may carry.
const maxFields = 100

// fields are the parameters of a request, as they were signed.
type fields map[string]string

// decode reads a body, JSON or a form (pockyt.md 3.1). odd tells what it should not
// have been like, although it can be read.
func decode(contentType string, body []byte) (f fields, odd []string, err error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the content type %q: %w", bench.Shorten(contentType), err)
	}
	switch kind {
	case "application/json":
		f, odd, err = decodeJSON(body)
	case "application/x-www-form-urlencoded":
		f, err = decodeForm(body)
	default:
		return nil, nil, fmt.Errorf("a body of %s cannot be read", bench.Shorten(kind))
	}
	if err != nil {
		return nil, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] == "" {
			odd = append(odd, "sent "+bench.Shorten(name)+" empty")
		}
	}
	return f, odd, nil
}

func decodeForm(body []byte) (fields, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("reading a form: %w", err)
	}
	if len(values) > maxFields {
		return nil, fmt.Errorf("more than %d fields", maxFields)
	}
	f := fields{}
	for name, all := range values {
		if len(all) != 1 {
			return nil, fmt.Errorf("field %s came %d times", bench.Shorten(name), len(all))
		}
		f[name] = all[0]
	}
	return f, nil
}

// decodeJSON reads one flat object. A number or a truth value counts as the text on
// the wire, which is what can have been signed; a null was not signed and is dropped.
func decodeJSON(body []byte) (fields, []string, error) {
	if !utf8.Valid(body) {
		return nil, nil, errors.New("the body is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, errors.New("the body is no JSON object")
	}
	f := fields{}
	var odd []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("reading a JSON body: %w", err)
		}
		name := fmt.Sprint(key)
		value, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("reading %s: %w", bench.Shorten(name), err)
		}
		if _, twice := f[name]; twice {
			return nil, nil, fmt.Errorf("field %s came twice", bench.Shorten(name))
		}
		switch v := value.(type) {
		case string:
			f[name] = v
		case nil:
			odd = append(odd, "sent "+bench.Shorten(name)+" as null")
		case json.Delim:
			return nil, nil, fmt.Errorf("field %s is no plain value", bench.Shorten(name))
		default:
			f[name] = fmt.Sprint(v)
			odd = append(odd, "sent "+bench.Shorten(name)+" not as a string")
		}
		if len(f) > maxFields {
			return nil, nil, fmt.Errorf("more than %d fields", maxFields)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, fmt.Errorf("reading a JSON body: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("something follows the JSON object")
	}
	return f, odd, nil
}
