package pinpad

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// The server's time limits.
const (
	headerLimit   = 5 * time.Second
	readLimit     = 10 * time.Second
	answerLimit   = 15 * time.Second // a stream replaces it by a limit for each message
	idleLimit     = 60 * time.Second
	shutdownLimit = 5 * time.Second
	maxHeader     = 16 << 10 // bytes
)

// Listen serves h on addr (host:port; port 0 takes a free one) and returns the
// address in use. Without a host it is 127.0.0.1: whoever wants the pages on the
// local network says so. stop ends the server and its streams; it waits a few
// seconds at most.
func Listen(addr string, h http.Handler) (hostport string, stop func() error, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil, fmt.Errorf("address of the pin pad page: %w", err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return "", nil, fmt.Errorf("listen for the pin pad page: %w", err)
	}
	// Shutdown does not end the context of a request and would wait for a stream
	// for ever, so the common parent of all requests is ended with it.
	ctx, cancel := context.WithCancel(context.Background())
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerLimit,
		ReadTimeout:       readLimit,
		WriteTimeout:      answerLimit,
		IdleTimeout:       idleLimit,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	s.RegisterOnShutdown(cancel)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	return l.Addr().String(), func() error { return shut(s, cancel, served) }, nil
}

// shut ends a server; a second call does nothing more.
func shut(s *http.Server, cancel context.CancelFunc, served chan error) error {
	defer cancel()
	ctx, done := context.WithTimeout(context.Background(), shutdownLimit)
	defer done()
	err := s.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("end the pin pad page: %w", err), s.Close())
	}
	select {
	case e := <-served:
		if !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, fmt.Errorf("serve the pin pad page: %w", e))
		}
	default:
	}
	return err
}
