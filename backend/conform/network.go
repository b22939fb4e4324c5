package conform

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Network is a network in memory that works inside a testing/synctest bubble:
// waiting for a message does not hold virtual time up.
type Network struct {
	mu        sync.Mutex
	listeners map[string]*listener
	port      int
	servers   []*http.Server
}

// listener accepts connections of the network.
type listener struct {
	network *Network
	address string
	queue   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// Listen serves handler on address ("host:port"; port 0 is any free one) until
// stop is called. It has the shape of payment.Deps.Listen.
func (n *Network) Listen(address, path string, handler http.Handler) (actual string, stop func(), err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners == nil {
		n.listeners = map[string]*listener{}
	}
	if port == "0" {
		n.port++
		address = fmt.Sprintf("%s:%d", host, 20000+n.port)
	}
	if n.listeners[address] != nil {
		return "", nil, fmt.Errorf("address %s is taken", address)
	}
	l := &listener{network: n, address: address, queue: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[address] = l
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	n.servers = append(n.servers, server)
	go func() { _ = server.Serve(l) }() // ends with http.ErrServerClosed at stop
	return address, func() { _ = server.Close() }, nil
}

// Close ends everything that listens.
func (n *Network) Close() {
	n.mu.Lock()
	servers := n.servers
	n.mu.Unlock()
	for _, server := range servers {
		_ = server.Close() // in memory: there is nothing to lose
	}
}

// Transport posts over the network, with a connection of its own for each request.
func (n *Network) Transport() *http.Transport {
	return &http.Transport{DialContext: n.dial, DisableKeepAlives: true, DisableCompression: true}
}

func (n *Network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[address]
	n.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("connection to %s refused", address)}
	if l == nil {
		return nil, refused
	}
	near, far := net.Pipe()
	select {
	case l.queue <- wire{far}:
		return wire{near}, nil
	case <-l.closed:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for a connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close takes the address off the network.
func (l *listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		delete(l.network.listeners, l.address)
	})
	return nil
}

// Addr is where it listens.
func (l *listener) Addr() net.Addr { return here }

// wire is one end of a connection on this machine.
type wire struct{ net.Conn }

var here = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}

func (wire) LocalAddr() net.Addr  { return here }
func (wire) RemoteAddr() net.Addr { return here }
