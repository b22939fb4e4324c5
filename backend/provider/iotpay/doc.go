// Package iotpay speaks IOT Pay's v1 order API with the channel CC_PAX (iotpay.md): a
// sale is one signed request that stays open until the customer has finished at the PIN
// pad, with a query behind it for everything that goes wrong.
//
// The status of the order alone decides; texts, codes and flags beside it never do. A
// request that may have arrived is never sent again, neither with its number nor with
// another one: it is asked about. It must not decide what becomes of an operation: the
// engine does.
package iotpay
