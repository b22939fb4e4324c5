package command

import (
	"fmt"
	"slices"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// exit is an exit status; as an error it ends a command with nothing more to say.
type exit int

// The exit status (design 5).
const (
	exitApproved    exit = 0
	exitFault       exit = 1 // usage or internal error
	exitDeclined    exit = 2
	exitCancelled   exit = 3
	exitFailed      exit = 4 // provably not executed
	exitDoubt       exit = 5
	exitOtherAmount exit = 6 // approved with another amount than asked, tip aside
)

// Error makes an exit status an error.
func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// done is the error that ends a command with this status.
func (e exit) done() error {
	if e == exitApproved {
		return nil
	}
	return e
}

// exitOf is the status with which a command about an operation ends. What has no
// outcome is in doubt.
func exitOf(op payment.Operation) exit {
	switch op.State {
	case payment.Approved:
		// Another currency, or two amounts in one answer, show in the alarm alone.
		doubted := slices.ContainsFunc(op.Alarms, func(a payment.Alarm) bool { return a.Code == payment.AlarmAmount })
		if doubted || op.Authorised-op.Tip != op.Requested+op.CashbackAsked {
			return exitOtherAmount
		}
		return exitApproved
	case payment.Declined:
		return exitDeclined
	case payment.Cancelled:
		return exitCancelled
	case payment.Failed:
		return exitFailed
	}
	return exitDoubt
}

// severity is the order in which recover chooses its status, the worst first.
var severity = []exit{exitDoubt, exitOtherAmount, exitFailed, exitCancelled, exitDeclined}

// worst of several operations; approved where there are none.
func worst(ops []payment.Operation) exit {
	has := map[exit]bool{}
	for _, op := range ops {
		has[exitOf(op)] = true
	}
	for _, e := range severity {
		if has[e] {
			return e
		}
	}
	return exitApproved
}
