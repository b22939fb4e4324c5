package nexo

import (
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// maxPrompt bounds a text on the screen, in bytes.
const maxPrompt = 500

// promptOf reads one output. ok is false for one without any text.
func promptOf(o displayOutput, at time.Time) (p payment.Prompt, ok bool) {
	id, plain := splitID(o.Content.text())
	if plain == "" && id == "" {
		return payment.Prompt{}, false
	}
	if len(plain) > maxPrompt {
		plain = strings.ToValidUTF8(plain[:maxPrompt], "")
	}
	p = payment.Prompt{Code: meant(id, plain, o.Info), Text: redact.Text(clean(plain)), TextID: id, At: at}
	// One star for each digit of the PIN (nexo-retailer.md 10.2).
	if p.Code == payment.PromptPIN {
		if p.Digits = strings.Count(plain, "*"); p.Digits > 0 {
			p.Code = payment.PromptPINDigits
		}
	}
	p.Waiting = waiting[p.Code]
	return p, true
}
