package netpay

import (
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// text is what stands on the terminal's screen, in Spanish as on a real one. Those
// that netpay.md 8 documents are marked; the others are invented.
type text struct {
	icon  string // as pinpad.Screen
	lines []string
}

var (
	textReady     = text{"idle", []string{"Smart PinPad", "Listo para cobrar"}}
	textOff       = text{"off", []string{"Iniciando"}}
	textAway      = text{"idle", []string{"Menú principal"}} // another app is in front
	textWake      = text{"wait", []string{"Procesando solicitud"}}
	textSwitch    = text{"wait", []string{"Cambiando de tienda"}}
	textPresent   = text{"card", []string{"Esperando medio de pago"}} // documented
	textConfirm   = text{"no", []string{"¿Cancelar la operación?", "Verde: Aceptar", "Rojo: Regresar"}}
	textPIN       = text{"pin", []string{"Ingrese su NIP"}}
	textWrongPIN  = text{"no", []string{"NIP incorrecto"}}
	textBank      = text{"wait", []string{"Esperando Autorización"}}                           // documented
	textSign      = text{"sign", []string{"Ingrese su firma"}}                                 // documented
	textApproved  = text{"ok", []string{"Venta normal Aprobada"}}                              // documented
	textCancelled = text{"ok", []string{"Cancelación", "Su transacción ha sido aprobada"}}     // documented
	textRefused   = text{"no", []string{"Cancelación", "No se puede cancelar la operación"}}   //
	textByUser    = text{"no", []string{"Cancelado por el usuario"}}                           // documented
	textDeclined  = text{"no", []string{"Venta declinada"}}                                    //
	textLine      = text{"no", []string{"Error de comunicación", "La operación se reversará"}} // documented in sense
	textReprint   = text{"ok", []string{"Reimpresión"}}
	textNotFound  = text{"no", []string{"No se encontró la operación"}}
	textPrint     = text{"wait", []string{"Imprimiendo copia comercio"}}
	textCopy      = text{"wait", []string{"Oprima el botón verde", "para imprimir la copia cliente"}}
	textNoPaper   = text{"no", []string{"Sin papel en impresora", "Verde: Aceptar"}} // documented
	textBlocked   = text{"no", []string{"Usuario no válido"}}                        // documented
	textSession   = text{"no", []string{"Error en la sesión de la terminal"}}        // documented in sense
	textSending   = text{"wait", []string{"Enviando respuesta al punto de venta"}}
	textNotSent   = text{"no", []string{"¿Desea reintentar?", "No pudimos regresar la información al punto de venta.", "Verde: Reintentar", "Amarillo: Más detalle"}} // documented
	textRemove    = text{"remove", []string{"Retire la tarjeta"}}
)

// What the screen's corner says.
const (
	stateIdle = "listo"
	stateOff  = "apagada"
)

var states = map[opKind]string{opSale: "venta", opReprint: "reimpresión", opCancel: "cancelación"}

// amountLines is up to how many lines leave room for the amount.
const amountLines = 3

func screenOf(shown text, state string) pinpad.Screen {
	return pinpad.Screen{State: state, Icon: shown.icon, Lines: shown.lines, Lang: "es", PIN: -1}
}

// show puts a text on the screen. An operation that has lost the screen to the
// next one shows nothing any more.
func (t *Terminal) show(op *operation, shown text) { t.showAsking(op, shown, -1, nil) }

// showAsking is show with the number of PIN digits, -1 when no PIN is asked, and
// the question that the text puts to the person.
func (t *Terminal) showAsking(op *operation, shown text, digits int, a *asked) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest != op || t.off || t.life.Ended() {
		return
	}
	op.asked = a
	state := stateIdle
	if t.running == op {
		state = states[op.kind]
	}
	t.screen = screenOf(shown, state)
	t.screen.PIN = digits
	switch {
	case shown.icon == "idle":
		t.field = ""
	case op.kind == opSale && len(shown.lines) <= amountLines:
		t.screen.Amount = fixedAmount(op.request.Amount) + " " + Currency
	}
	t.log.Changed()
}

// idleText is what stands on the screen when nothing happens.
func (t *Terminal) idleText() text {
	if t.faults.Get("app") == "background" {
		return textAway
	}
	return textReady
}
