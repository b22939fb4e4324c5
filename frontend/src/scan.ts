// A scanner is a keyboard: fast keys, ended by Enter. On the till its text is the
// customer's code wherever the focus is, unless somebody types into another field; it
// never becomes an amount, and its Enter presses nothing.
import { add, type Burst, ends, none, scanned, wrongCode } from "./burst";
import { say } from "./countdown";
import { amountOf, restore } from "./sale";

const silence = 300; // ms; a scanner that sends no Enter has ended then

let burst: Burst = none;
// The amount as it was before the text, and before the quick end of it.
interface Amount {
  value: string;
  free: boolean;
}
let before: Amount = { value: "", free: false };
let beforeQuick: Amount = before;
let timer = 0;

let unused = ""; // the screen on which it was said that a scan is not used

function screen(): string {
  return document.querySelector<HTMLElement>("[data-screen]")?.dataset.screen ?? "";
}

export function startScan(): void {
  document.addEventListener("htmx:after:swap", () => {
    if (unused === "" || unused === screen()) return;
    unused = "";
    document.querySelector("#notice")?.replaceChildren();
  });
  window.addEventListener("keydown", onKey, { capture: true });
}

function onKey(event: KeyboardEvent): void {
  if (document.querySelector("#till") === null || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  const form = document.querySelector<HTMLFormElement>("form[data-sale]");
  if (typesElsewhere(form)) {
    forget();
    return;
  }
  if (event.key.length === 1) {
    burst = add(burst, event.key, event.timeStamp);
    if (burst.text.length === 1) before = amountNow(form);
    if (burst.quick.length === 1) beforeQuick = amountNow(form);
    if (scanned(burst) === "") return;
    const was = scanned(burst) === burst.quick ? beforeQuick : before;
    if (form !== null) restore(form, was.value, was.free);
    swallow(event);
    clearTimeout(timer);
    timer = setTimeout(() => finish(form, false), silence);
  } else if ((event.key === "Enter" || event.key === "Tab") && scanned(burst) !== "" && ends(burst, event.timeStamp)) {
    swallow(event);
    finish(form, true);
  } else if (event.key !== "Shift") {
    forget();
  }
}

// typesElsewhere: the focus is in a field that is neither the amount nor the code.
function typesElsewhere(form: HTMLFormElement | null): boolean {
  const on = document.activeElement;
  if (on === null || !on.matches("input:not([type=radio], [type=checkbox]), textarea")) return false;
  return form === null || (on !== amountOf(form) && on !== codeOf(form));
}

function codeOf(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>("[data-code]");
}

function amountNow(form: HTMLFormElement | null): Amount {
  if (form === null) return { value: "", free: false };
  const amount = amountOf(form);
  return { value: amount.value, free: amount.dataset.free !== undefined };
}

function forget(): void {
  burst = none;
}

function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// finish takes a whole text. Enter that comes later than its text is swallowed too: the
// burst is kept until its pause.
function finish(form: HTMLFormElement | null, entered: boolean): void {
  clearTimeout(timer);
  if (timer === 0) return; // it was taken: only its Enter was late
  timer = 0;
  const text = scanned(burst);
  if (entered) forget();
  if (form === null || !form.isConnected) {
    unused = screen();
    tell(document.querySelector("#notice"), "A code was scanned, and is not used here: this sale goes on as it is. Nothing was sent.");
    return;
  }
  const error = form.querySelector("#sale-error");
  const code = codeOf(form);
  if (code === null) {
    tell(error, "A code was scanned, and this terminal takes cards only. Nothing was sent. Choose a terminal for wallets, or type the amount.");
    return;
  }
  const wrong = wrongCode(text);
  code.value = wrong === "" ? text : "";
  tell(error, wrong);
  if (wrong !== "") return;
  const amount = amountOf(form);
  if (amount.value === "" || !entered) {
    amount.focus();
    say(amount.value === "" ? "The customer's code is read. Type the amount, then charge." : "The customer's code is read. Charge it, or correct the amount first.");
    code.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  code.dispatchEvent(new Event("input", { bubbles: true }));
  form.requestSubmit();
}

function tell(where: Element | null, text: string): void {
  if (where === null) return;
  const line = document.createElement("p");
  line.textContent = text;
  where.replaceChildren(...(text === "" ? [] : [line]));
}
