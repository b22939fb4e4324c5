package pockyt

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// wire is a network in memory: a request becomes a call of the handler, and a
// handler that cuts the line becomes an error.
type wire struct{ h http.Handler }

var errCut = errors.New("the connection broke")

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	rec := httptest.NewRecorder()
	served := make(chan bool, 1)
	go func() {
		whole := false
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				panic(p)
			}
			served <- whole
		}()
		in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
		in.Header = r.Header.Clone()
		w.h.ServeHTTP(rec, in)
		whole = true
	}()
	select {
	case whole := <-served:
		if !whole {
			return nil, errCut
		}
		return rec.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
