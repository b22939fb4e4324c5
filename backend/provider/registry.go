package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/iotpay"
	"github.com/paydesk-till/paydesk/backend/provider/netpay"
	"github.com/paydesk-till/paydesk/backend/provider/nexo"
	"github.com/paydesk-till/paydesk/backend/provider/pockyt"
	"github.com/paydesk-till/paydesk/backend/provider/poynt"
)

// All are the providers of the till, in the order in which they are shown.
var All = []payment.Provider{
	nexo.New(),
	poynt.New(),
	netpay.New(),
	iotpay.New(),
	pockyt.New(),
}

// Find gives a provider by its name. The error has CodeNotFound and names those
// that exist.
func Find(name string) (payment.Provider, error) {
	i := slices.IndexFunc(All, func(p payment.Provider) bool { return p.Info().Name == name })
	if i < 0 {
		return nil, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo,
			Text: fmt.Sprintf("There is no provider %q. Paydesk knows: %s.", name, strings.Join(Names(), ", "))}
	}
	return All[i], nil
}

// Names lists the providers' names.
func Names() []string {
	names := make([]string, 0, len(All))
	for _, p := range All {
		names = append(names, p.Info().Name)
	}
	return names
}
