// Package money holds amounts as whole minor units with an ISO 4217 code.
//
// No float ever touches an amount. Parsing accepts what people and providers
// write (comma or point, blanks as group signs) and refuses what could be read
// in two ways. It imports nothing of Paydesk.
package money
