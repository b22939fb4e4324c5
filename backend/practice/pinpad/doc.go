// Package pinpad draws the virtual terminal: a page with a screen, keys, a chip
// slot, a contactless field and a paper slip, beside the wallet, the customer,
// the trouble and the terminal's own ledger (screens.md, "Practice pin pad").
//
// It knows no protocol. A practice terminal of any provider hands it a Device;
// the page shows the Device's View and passes Actions back. It must not import a
// practice terminal, a provider or anything of the till.
//
// The page carries its own style sheet and script and needs no build step, since
// a practice terminal also serves software that is not Paydesk. Every action is
// an ordinary form, so that the page works without the script too; the script
// adds live state, keys of the keyboard and cards that can be dragged.
package pinpad
