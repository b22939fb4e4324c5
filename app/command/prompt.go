package command

import (
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// promptWords say a prompt for a person at a command line.
var promptWords = map[payment.PromptCode]string{
	payment.PromptConnecting: "Connecting to the terminal",
	payment.PromptWelcome:    "Welcome",
	payment.PromptWait:       "Please wait",
	payment.PromptPresent:    "Present card",
	payment.PromptPIN:        "Enter PIN",
	payment.PromptPINDigits:  "PIN",
	payment.PromptReading:    "Reading the card",
	payment.PromptTip:        "Choose a tip",
	payment.PromptAuthorise:  "Asking the bank",
	payment.PromptRemove:     "Remove card",
	payment.PromptCardIn:     "Card inserted",
	payment.PromptCardOut:    "Card removed",
	payment.PromptSign:       "Signature",
	payment.PromptScan:       "Scan the code",
	payment.PromptApproved:   "The terminal shows: approved",
	payment.PromptDeclined:   "The terminal shows: declined",
	payment.PromptStopped:    "The terminal shows: cancelled",
	payment.PromptBusy:       "The terminal is busy",
	payment.PromptSignIn:     "Signing in to the terminal",
	payment.PromptAsking:     "Asking the terminal for the status",
	payment.PromptError:      "The terminal shows an error",
}

// promptLine is a prompt as one line: our words, the terminal's own, whom it waits for.
func promptLine(p payment.Prompt) string {
	line := promptWords[p.Code]
	if p.Code == payment.PromptPINDigits {
		line += " " + strings.Repeat("*", p.Digits)
	}
	text := strings.Join(strings.Fields(p.Text), " ")
	switch {
	case p.Code == payment.PromptPINDigits: // the terminal's text says the same
	case line == "":
		line = text
	case text != "" && !strings.EqualFold(text, line):
		line += ": " + text
	}
	if p.Waiting != "" {
		line += fmt.Sprintf("  [%s]", p.Waiting)
	}
	return line
}
