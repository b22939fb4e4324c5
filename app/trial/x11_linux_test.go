package trial

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// Requests and events of the X11 protocol that are spoken here (X Window System
// Protocol, version 11, appendix B).
const (
	x11SendEvent     = 25
	x11InternAtom    = 16
	x11GetInputFocus = 43
	x11ClientMessage = 33
	x11Reply         = 1
	x11AnswerSize    = 32 // bytes of a reply without more, an error and an event
)

// askToClose asks a window to close as a window manager does when somebody presses
// its cross: WM_DELETE_WINDOW (ICCCM 4.2.8.1). No tool sends it where there is no
// window manager.
func askToClose(t *testing.T, display string, window uint32) {
	t.Helper()
	if err := sendDelete(display, window); err != nil {
		t.Fatal("ask the window to close:", err)
	}
}

func sendDelete(display string, window uint32) (err error) {
	c, err := net.Dial("unix", "/tmp/.X11-unix/X"+strings.TrimPrefix(display, ":"))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if err := x11Open(c); err != nil {
		return err
	}
	protocols, err := x11Atom(c, "WM_PROTOCOLS")
	if err != nil {
		return err
	}
	remove, err := x11Atom(c, "WM_DELETE_WINDOW")
	if err != nil {
		return err
	}
	event := make([]byte, x11AnswerSize)
	event[0], event[1] = x11ClientMessage, 32 // data in words of 32 bits
	binary.LittleEndian.PutUint32(event[4:], window)
	binary.LittleEndian.PutUint32(event[8:], protocols)
	binary.LittleEndian.PutUint32(event[12:], remove)
	request := []byte{x11SendEvent, 0, 11, 0}
	request = binary.LittleEndian.AppendUint32(request, window)
	request = binary.LittleEndian.AppendUint32(request, 0) // no mask: to the window's owner
	if _, err := c.Write(append(request, event...)); err != nil {
		return err
	}
	_, err = x11Ask(c, []byte{x11GetInputFocus, 0, 1, 0}) // its answer comes after the event was sent
	return err
}

// x11Open begins a connection to a display that asks for no authority.
func x11Open(c io.ReadWriter) error {
	if _, err := c.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	rest := make([]byte, 4*int(binary.LittleEndian.Uint16(head[6:])))
	if _, err := io.ReadFull(c, rest); err != nil {
		return err
	}
	if head[0] != 1 {
		return fmt.Errorf("the display refused: %q", rest)
	}
	return nil
}

func x11Atom(c io.ReadWriter, name string) (uint32, error) {
	padded := append([]byte(name), make([]byte, (4-len(name)%4)%4)...)
	request := []byte{x11InternAtom, 0, byte(2 + len(padded)/4), 0, byte(len(name)), 0, 0, 0}
	answer, err := x11Ask(c, append(request, padded...))
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(answer[8:]), nil
}

// x11Ask sends a request and reads its reply.
func x11Ask(c io.ReadWriter, request []byte) ([]byte, error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	answer := make([]byte, x11AnswerSize)
	if _, err := io.ReadFull(c, answer); err != nil {
		return nil, err
	}
	if answer[0] != x11Reply {
		return nil, fmt.Errorf("the display answered %v", answer)
	}
	return answer, nil
}
