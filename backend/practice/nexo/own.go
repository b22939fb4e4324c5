package nexo

import "net/http"

// device answers a message to the terminal's own screen, keys or printer, as
// simply as it can (nexo-retailer.md 15).
func (t *Terminal) device(x *exchange) {
	if refusal := t.admit(x); refusal != nil {
		t.answer(x, refusal)
		return
	}
	success := el("Response", attr{"Result", "Success"})
	switch x.category() {
	case "Display":
		response := el("DisplayResponse")
		for _, o := range x.body.kids {
			t.mu.Lock()
			t.screen.Lines = nil
			for _, line := range o.child("OutputContent").kids {
				t.screen.Lines = append(t.screen.Lines, line.value())
			}
			t.log.Changed()
			t.mu.Unlock()
			response.kids = append(response.kids, el("OutputResult", attr{"Device", o.get("Device")}, attr{"InfoQualify", o.get("InfoQualify")}, success))
		}
		if x.body.child("DisplayOutput").get("ResponseRequiredFlag") == "false" {
			x.w.WriteHeader(http.StatusNoContent)
			return
		}
		t.answer(x, response)
	case "Input":
		t.answer(x, inputAnswer(x.body))
	case "Print":
		// This model has no printer (nexo-retailer.md 15.3).
		t.answer(x, failure(x.envelope, "UnavailableDevice", "This terminal has no printer"))
	}
}

// inputAnswer is what an obliging customer enters.
func inputAnswer(request *node) *node {
	data := request.child("InputData")
	result := el("InputResult", attr{"Device", data.get("Device")}, attr{"InfoQualify", data.get("InfoQualify")})
	input := el("Input", attr{"InputCommand", data.get("InputCommand")})
	switch data.get("InputCommand") {
	case "GetConfirmation":
		input.kids = append(input.kids, el("ConfirmedFlag", "true"))
	case "DigitString":
		input.kids = append(input.kids, el("DigitInput", "0700000000"))
	default:
		result.kids = append(result.kids, el("Response", attr{"Result", "Failure"}, attr{"ErrorCondition", "UnavailableService"}))
		return el("InputResponse", result)
	}
	result.kids = append(result.kids, el("Response", attr{"Result", "Success"}), input)
	return el("InputResponse", result)
}
