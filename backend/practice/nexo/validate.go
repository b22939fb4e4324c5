package nexo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// kind names the form of a value; see values.
type kind string

// rule is one element of the schema: its attributes and its children in order.
type rule struct {
	attrs string // "Name*:kind ..."; * required
	kids  string // "Name1 Name? Name+ Name*" in schema order: one, none or one, one or more, any number
	text  kind
}

// schema is the part of nexo-retailer.md appendix A that a till can send to the
// terminal, as requests or as answers to the terminal's own requests.
var schema = map[string]rule{
	"MessageHeader": {attrs: "ProtocolVersion:version MessageClass*:class MessageCategory*:category MessageType*:type ServiceID:id DeviceID:id SaleID*:text POIID*:poiid"},

	"LoginRequest":     {attrs: "TrainingModeFlag:bool OperatorLanguage*:language OperatorID:text ShiftNumber:text TokenRequestedType:token CustomerOrderReq:text POISerialNumber:text", kids: "DateTime1 SaleSoftware1 SaleTerminalData?"},
	"DateTime":         {text: "time"},
	"SaleSoftware":     {attrs: "ProviderIdentification*:text ApplicationName*:text SoftwareVersion*:text CertificationCode:text ComponentDescription:text ComponentType:text"},
	"SaleTerminalData": {attrs: "TerminalEnvironment:environment TotalsGroupID:text", kids: "SaleCapabilities? SaleProfile?"},
	"SaleCapabilities": {text: "capabilities"},
	"SaleProfile":      {attrs: "GenericProfile:profile", kids: "ServiceProfiles?"},
	"ServiceProfiles":  {text: "services"},
	"LogoutRequest":    {attrs: "MaintenanceAllowed:bool"},

	"PaymentRequest":           {kids: "SaleData1 PaymentTransaction1 PaymentData? LoyaltyData*"},
	"SaleData":                 {attrs: "OperatorID:text OperatorLanguage:language ShiftNumber:text SaleReferenceID:text TokenRequestedType:token CustomerOrderID:text CustomerOrderReq:text", kids: "SaleTransactionID1 SaleTerminalData? SponsoredMerchant* SaleToPOIData? SaleToAcquirerData? SaleToIssuerData?"},
	"SaleTransactionID":        {attrs: "TransactionID*:text TimeStamp*:time"},
	"SaleToAcquirerData":       {text: "text"},
	"PaymentTransaction":       {kids: "AmountsReq1 OriginalPOITransaction? TransactionConditions? SaleItem*"},
	"AmountsReq":               {attrs: "Currency*:currency RequestedAmount:amount CashBackAmount:amount TipAmount:amount PaidAmount:amount MinimumAmountToDeliver:amount MaximumCashBackAmount:amount MinimumSplitAmount:amount"},
	"OriginalPOITransaction":   {attrs: "SaleID:text POIID:poiid ReuseCardDataFlag:bool CustomerLanguage:language AcquirerID:text LastTransactionFlag:bool", kids: "POITransactionID? ApprovalCode? HostTransactionID?"},
	"POITransactionID":         {attrs: "TransactionID*:text TimeStamp*:time"},
	"ApprovalCode":             {text: "text"},
	"SaleItem":                 {attrs: "ItemID*:digits ProductCode*:digits EanUpc:digits ItemAmount*:amount", kids: "UnitOfMeasure? Quantity? UnitPrice? TaxCode? SaleChannel? ProductLabel? AdditionalProductInfo?"},
	"UnitOfMeasure":            {text: "unit"},
	"Quantity":                 {text: "amount"},
	"UnitPrice":                {text: "amount"},
	"PaymentData":              {attrs: "PaymentType:payment SplitPaymentFlag:bool", kids: "CardAcquisitionReference? RequestedValidityDate? Instalment? CustomerOrder? PaymentInstrumentData?"},
	"CardAcquisitionReference": {attrs: "TransactionID*:text TimeStamp*:time"},

	"AbortRequest":             {kids: "MessageReference1 AbortReason1 DisplayOutput?"},
	"MessageReference":         {attrs: "MessageCategory:category ServiceID:id DeviceID:id SaleID:text POIID:poiid"},
	"AbortReason":              {text: "text"},
	"TransactionStatusRequest": {attrs: "ReceiptReprintFlag:bool", kids: "MessageReference? DocumentQualifier*"},
	"DocumentQualifier":        {text: "qualifier"},
	"ReversalRequest":          {attrs: "ReversalReason*:reversal ReversedAmount:amount", kids: "SaleData? OriginalPOITransaction1 CustomerOrder?"},

	"DisplayRequest": {kids: "DisplayOutput+"},
	"DisplayOutput":  {attrs: "ResponseRequiredFlag:bool MinimumDisplayTime:digits Device*:device InfoQualify*:info", kids: "OutputContent1 MenuEntry* OutputSignature?"},
	"OutputContent":  {attrs: "OutputFormat*:format", kids: "PredefinedContent? OutputText* OutputXHTML? OutputBarcode?"},
	"OutputText":     {attrs: "CharacterSet:digits Font:text StartRow:row StartColumn:digits Color:text CharacterWidth:text CharacterHeight:text CharacterStyle:text Alignment:text EndOfLineFlag:bool", text: "text"},
	"InputRequest":   {kids: "DisplayOutput? InputData1"},
	"InputData":      {attrs: "Device*:device InfoQualify*:info InputCommand*:input NotifyCardInputFlag:bool MaxInputTime:digits ImmediateResponseFlag:bool MinLength:digits MaxLength:digits MaxDecimalLength:digits WaitUserValidationFlag:bool FromRightToLeftFlag:bool MaskCharactersFlag:bool BeepKeyFlag:bool GlobalCorrectionFlag:bool DisableCancelFlag:bool DisableCorrectFlag:bool DisableValidFlag:bool MenuBackFlag:bool", kids: "DefaultInputString? StringMask?"},
	"PrintRequest":   {kids: "PrintOutput1"},
	"PrintOutput":    {attrs: "DocumentQualifier*:qualifier ResponseMode*:mode IntegratedPrintFlag:bool RequiredSignatureFlag:bool", kids: "OutputContent1 OutputSignature?"},

	"DisplayResponse":    {kids: "OutputResult+"},
	"OutputResult":       {attrs: "Device*:device InfoQualify*:info", kids: "Response1"},
	"Response":           {attrs: "Result*:result ErrorCondition:condition", kids: "AdditionalResponse?"},
	"AdditionalResponse": {text: "text"},
	"InputResponse":      {kids: "OutputResult? InputResult1"},
	"InputResult":        {attrs: "Device*:device InfoQualify*:info", kids: "Response1 Input?"},
	"Input":              {attrs: "InputCommand*:input", kids: "ConfirmedFlag? FunctionKey? TextInput? DigitInput? Password? MenuEntryNumber?"},
	"ConfirmedFlag":      {text: "boolOrEmpty"},
	"PrintResponse":      {attrs: "DocumentQualifier*:qualifier", kids: "Response1"},
}

// opaque elements are allowed by the schema and not looked into.
const opaque = "SponsoredMerchant SaleToPOIData SaleToIssuerData TransactionConditions TaxCode SaleChannel ProductLabel AdditionalProductInfo RequestedValidityDate Instalment CustomerOrder PaymentInstrumentData LoyaltyData HostTransactionID MenuEntry OutputSignature PredefinedContent OutputXHTML OutputBarcode DefaultInputString StringMask FunctionKey TextInput DigitInput Password MenuEntryNumber"

// enums are the lists of nexo-retailer.md appendix B.
var enums = map[kind]string{
	"version":     "3.1",
	"class":       "Service Device Event",
	"category":    "Abort Admin BalanceInquiry Batch CardAcquisition CardReaderAPDU CardReaderInit CardReaderPowerOff Diagnosis Display EnableService Event GetTotals Input InputUpdate Login Logout Loyalty Payment PIN Print Reconciliation Reversal Sound StoredValue TransactionReport TransactionStatus Transmit",
	"type":        "Request Response Notification",
	"token":       "Transaction Customer",
	"environment": "Attended SemiAttended Unattended",
	"profile":     "Basic Standard Extended",
	"payment":     "Normal Refund OneTimeReservation FirstReservation UpdateReservation Completion CashAdvance CashDeposit Recurring Instalment IssuerInstalment PaidOut VoiceAuthorisation",
	"reversal":    "CustCancel MerchantCancel Malfunction Unable2Compl",
	"qualifier":   "SaleReceipt CashierReceipt CustomerReceipt Document Voucher Journal",
	"device":      "CashierDisplay CustomerDisplay CashierInput CustomerInput",
	"info":        "Status Error Display Sound Input POIReplication CustomerAssistance Receipt Document Voucher",
	"format":      "MessageRef Text XHTML BarCode",
	"input":       "GetAnyKey GetConfirmation SiteManager TextString DigitString DecimalString GetFunctionKey GetMenuEntry Password",
	"mode":        "NotRequired Immediate PrintEnd SoundEnd",
	"result":      "Success Failure Partial",
	"condition":   "Aborted Busy Cancel DeviceOut InsertedCard InProgress LoggedOut MessageFormat NotAllowed NotFound PaymentRestriction Refusal UnavailableDevice UnavailableService InvalidCard UnreachableHost WrongPIN",
	"unit":        "Case Foot UKGallon USGallon Gram Inch Kilogram Pound Meter Centimetre Litre Centilitre Ounce Quart Pint Mile Kilometre Yard Other",
	"bool":        "true false 1 0",
}

// lists are texts of several enumerated values separated by blanks (nexo-retailer.md 4.4).
var lists = map[kind]string{
	"capabilities": "CashierStatus CashierError CashierDisplay POIReplication CashierInput CustomerAssistance CustomerDisplay CustomerError CustomerInput PrinterReceipt PrinterDocument PrinterVoucher MagStripe ICC EMVContactless",
	"services":     "Synchro Batch OneTimeRes Reservation Loyalty StoredValue PIN CardReader Sound Communication",
}

var patterns = map[kind]*regexp.Regexp{
	"id":       regexp.MustCompile(`^[^\s]{1,10}$`),
	"poiid":    regexp.MustCompile(`^.{1,32}$`),
	"language": regexp.MustCompile(`^[a-z]{2}$`),
	"currency": regexp.MustCompile(`^[A-Z]{3}$`),
	"digits":   regexp.MustCompile(`^[0-9]{1,20}$`),
	"row":      regexp.MustCompile(`^([1-9][0-9]?|[1-4][0-9]{2}|500)$`),
	"amount":   regexp.MustCompile(`^[0-9]{1,8}(\.[0-9]{1,6})?$`),
	"time":     regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?$`),
}

// vendorValue is the form of an extension that every enumeration allows.
var vendorValue = regexp.MustCompile(`^[0-9A-Za-z]+:[A-Z][0-9A-Za-z]*$`)

// check compares an element with its rule; the error names field, value and rule.
func check(n *node, path string) error {
	r := schema[n.name]
	if err := checkAttrs(n, r, path); err != nil {
		return err
	}
	if r.text == "" && n.value() != "" {
		return fmt.Errorf("%s: text is not allowed here", path)
	}
	if r.text != "" {
		if err := checkValue(r.text, n.value()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return checkKids(n, r, path)
}

func checkAttrs(n *node, r rule, path string) error {
	known := map[string]bool{}
	for field := range strings.FieldsSeq(r.attrs) {
		name, form, _ := strings.Cut(field, ":")
		name, required := strings.CutSuffix(name, "*")
		known[name] = true
		value, present := n.lookup(name)
		if required && !present {
			return fmt.Errorf("%s: attribute %s is missing", path, name)
		}
		if !present {
			continue
		}
		if err := checkValue(kind(form), value); err != nil {
			return fmt.Errorf("%s/@%s: %w", path, name, err)
		}
	}
	for _, a := range n.attrs {
		if !known[a.name] {
			return fmt.Errorf("%s: unknown attribute %s", path, a.name)
		}
	}
	return nil
}

// checkKids walks the children and the rule's places side by side.
func checkKids(n *node, r rule, path string) error {
	next := 0
	for place := range strings.FieldsSeq(r.kids) {
		name, often := place[:len(place)-1], place[len(place)-1]
		found := 0
		for next < len(n.kids) && n.kids[next].name == name {
			if !slices.Contains(strings.Fields(opaque), name) {
				if err := check(n.kids[next], path+"/"+name); err != nil {
					return err
				}
			}
			found++
			next++
		}
		switch {
		case found == 0 && (often == '1' || often == '+'):
			return fmt.Errorf("%s: element %s is missing or out of order", path, name)
		case found > 1 && (often == '1' || often == '?'):
			return fmt.Errorf("%s: element %s occurs %d times", path, name, found)
		}
	}
	if next < len(n.kids) {
		return fmt.Errorf("%s: element %s is unknown or out of order", path, n.kids[next].name)
	}
	return nil
}

func checkValue(form kind, value string) error {
	switch {
	case form == "text":
		return nil
	case form == "boolOrEmpty":
		if value == "" {
			return nil
		}
		form = "bool"
	}
	if p, ok := patterns[form]; ok {
		if !p.MatchString(value) {
			return fmt.Errorf("%q is not of the form %s", bench.Shorten(value), form)
		}
		return nil
	}
	if allowed, ok := lists[form]; ok {
		for v := range strings.FieldsSeq(value) {
			if !slices.Contains(strings.Fields(allowed), v) && !vendorValue.MatchString(v) {
				return fmt.Errorf("%q is not a value of %s", bench.Shorten(v), form)
			}
		}
		return nil
	}
	if !slices.Contains(strings.Fields(enums[form]), value) && (form == "bool" || !vendorValue.MatchString(value)) {
		return fmt.Errorf("%q is not a value of %s", bench.Shorten(value), form)
	}
	return nil
}
