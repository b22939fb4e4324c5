package nexo

import "github.com/paydesk-till/paydesk/backend/payment"

// meaning is what one ErrorCondition of a Failure says about an attempt.
type meaning struct {
	// refused is set for a refused start: nothing was carried out, and the attempt
	// may be repeated with new ids once the cause is gone.
	refused payment.Code
	outcome payment.Outcome
	reason  payment.Reason
	// confirm: believed only after a status answer repeats it (design 10.2).
	confirm bool
	// running: the terminal says that it has not finished.
	running bool
}

// strange is a Failure whose condition is absent or in no table.
var strange = meaning{outcome: payment.Refused, reason: payment.ReasonUnknownCode, confirm: true}

// paymentConditions is nexo-retailer.md 17 for the answer to a PaymentRequest. Only
// an unreachable host leaves open whether the customer was charged; what the
// schema knows but cannot mean here is confirmed like an unknown one.
var paymentConditions = map[string]meaning{
	"Busy":               {refused: payment.CodeBusy, reason: payment.ReasonBusy},
	"NotAllowed":         {refused: payment.CodeNotSignedIn, reason: payment.ReasonNotSignedIn},
	"LoggedOut":          {refused: payment.CodeNotSignedIn, reason: payment.ReasonNotSignedIn},
	"Refusal":            {outcome: payment.Refused, reason: payment.ReasonIssuer},
	"WrongPIN":           {outcome: payment.Refused, reason: payment.ReasonWrongPIN},
	"InvalidCard":        {outcome: payment.Refused, reason: payment.ReasonCard},
	"PaymentRestriction": {outcome: payment.Refused, reason: payment.ReasonRestriction},
	"Aborted":            {outcome: payment.Stopped, reason: payment.ReasonCashier},
	"Cancel":             {outcome: payment.Stopped, reason: payment.ReasonCustomer},
	"InsertedCard":       {outcome: payment.Stopped, reason: payment.ReasonCustomer},
	"UnreachableHost":    {outcome: payment.Refused, reason: payment.ReasonHost, confirm: true},
	"DeviceOut":          {outcome: payment.NotDone, reason: payment.ReasonUnsupported},
	"UnavailableDevice":  {outcome: payment.NotDone, reason: payment.ReasonUnsupported},
	"UnavailableService": {outcome: payment.NotDone, reason: payment.ReasonUnsupported},
	"MessageFormat":      {outcome: payment.NotDone, reason: payment.ReasonRejected},
	"InProgress":         {outcome: payment.Refused, reason: payment.ReasonUnknownCode, confirm: true, running: true},
	"NotFound":           strange,
}

// reversalConditions is the same for the answer to a ReversalRequest: what differs
// from a payment. Only the last successful transaction can be reversed, so that
// the terminal's "no" leaves the original as it was (nexo-retailer.md 13).
var reversalConditions = map[string]meaning{
	"Refusal":     {outcome: payment.Refused, reason: payment.ReasonVoidRefused},
	"NotFound":    {outcome: payment.Refused, reason: payment.ReasonNotLast},
	"WrongPIN":    {outcome: payment.Refused, reason: payment.ReasonVoidRefused},
	"InvalidCard": {outcome: payment.Refused, reason: payment.ReasonVoidRefused},
}

// conditionOf reads a Failure.
func conditionOf(kind payment.Kind, condition string) meaning {
	if kind == payment.Void {
		if m, ok := reversalConditions[condition]; ok {
			return m
		}
	}
	if m, ok := paymentConditions[condition]; ok {
		return m
	}
	return strange
}
