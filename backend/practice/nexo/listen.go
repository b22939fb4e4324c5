package nexo

import "net/http"

// Handler is what the till posts to. It cuts a connection by panicking with
// http.ErrAbortHandler, which net/http's server understands; whoever serves it in
// memory must take that panic as a broken connection.
func (t *Terminal) Handler() http.Handler { return http.HandlerFunc(t.serve) }

// Listen serves the Handler on an address (":0" for any free port) and returns
// the host and port that were taken. Connections are reset at once while the
// network is unplugged.
func (t *Terminal) Listen(addr string) (string, error) {
	return t.life.Listen(addr, t.Handler(), t.log.Logger, t.dead)
}
