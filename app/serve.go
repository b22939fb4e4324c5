package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// ServeAddress is where `paydesk serve` listens if nothing else is said.
const ServeAddress = "127.0.0.1:8420"

// anyAddress is for the window: a free port on the loopback.
const anyAddress = "127.0.0.1:0"

// The limits of the pages' server. There is no limit on writing, because the event
// stream never ends; it bounds each of its messages itself.
const (
	pagesHeaderTime = 5 * time.Second
	pagesIdleTime   = 2 * time.Minute
	pagesHeaderSize = 32 << 10 // bytes
	pagesCloseTime  = 3 * time.Second
)

// Server serves the pages on the loopback.
type Server struct {
	gate   *Gate
	server *http.Server
	base   string
	log    *slog.Logger
	pages  Pages
	failed chan error
}

// Pages are the pages. Close ends their event streams, which a server's shutdown
// would wait for.
type Pages interface {
	http.Handler
	Close()
}

// Serve serves pages on a loopback address. For each new token announce gets the
// address that lets one visitor in; the first one is announced at once.
func Serve(address string, pages Pages, log *slog.Logger, announce func(address string)) (*Server, error) {
	if err := loopbackOnly(address); err != nil {
		return nil, err
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		text := fmt.Sprintf("The pages cannot be served on %s. Choose another address with --listen.", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			text = fmt.Sprintf("The address %s is in use by another program. Choose another one with --listen, for example 127.0.0.1:0 for a free port.", address)
		}
		return nil, &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Text: text, Err: err}
	}
	actual := socket.Addr().String()
	s := &Server{base: "http://" + actual, log: log, pages: pages, failed: make(chan error, 1)}
	_, port, _ := net.SplitHostPort(actual) // a listener's own address has a port
	tell := func(token string) {
		if announce != nil {
			announce(s.enter(token))
		}
	}
	s.gate = NewGate(pages, port, tell)
	s.server = &http.Server{
		Handler:           s.gate,
		ReadHeaderTimeout: pagesHeaderTime,
		IdleTimeout:       pagesIdleTime,
		MaxHeaderBytes:    pagesHeaderSize,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := s.server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve the pages: %w", err)
		}
	}()
	tell(s.gate.Token())
	return s, nil
}

// Base is the address of the pages without a token.
func (s *Server) Base() string { return s.base }

// Enter is the address that lets the next visitor in.
func (s *Server) Enter() string { return s.enter(s.gate.Token()) }

// Display is an address that lets one customer's display in: it sees what is below path
// and can do nothing.
func (s *Server) Display(path string) string {
	return s.base + enterPath + "?display=" + url.QueryEscape(s.gate.Display(path))
}

func (s *Server) enter(token string) string {
	return s.base + enterPath + "?token=" + url.QueryEscape(token)
}

// Failed tells when the server has ended by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Close ends the streams, waits a moment for answers under way, and ends the rest.
func (s *Server) Close() error {
	s.pages.Close()
	ctx, cancel := context.WithTimeout(context.Background(), pagesCloseTime)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		s.log.Warn("a page was cut off at the end", "error", err)
		return s.server.Close()
	}
	return nil
}

// loopbackOnly refuses addresses that others on the network could reach: whoever
// opens the pages can take and give back money.
func loopbackOnly(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err == nil {
		if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
			return nil
		}
	}
	return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Err: err,
		Text: fmt.Sprintf("The pages are served to this computer only: --listen needs a loopback address with a port, such as %s, not %q.", ServeAddress, address)}
}
