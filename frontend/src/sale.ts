// The sale's form: digits build the amount from the right, wherever the focus is;
// a comma or point begins free typing. One set of listeners serves every form that
// the stream brings.
import { type Format, plain, read, withUnit } from "./money";

// maxDigits keeps the amount inside the limit while digits are pushed in.
const maxDigits = 10;

export function startSale(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("beforeinput", onInput);
  document.addEventListener("click", onClick);
  document.addEventListener("input", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-sale]");
    if (form !== null) draw(form);
  });
  document.addEventListener("paste", onPaste);
  document.addEventListener("htmx:after:swap", drawAll);
  drawAll();
}

function drawAll(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sale]")) draw(form);
}

export function formatOf(form: HTMLFormElement): Format {
  const d = form.dataset;
  return {
    exponent: Number(d.exponent),
    decimal: d.decimal ?? ".",
    group: d.group ?? ",",
    unit: d.unit ?? "",
    limit: Number(d.limit),
  };
}

export function amountOf(form: HTMLFormElement): HTMLInputElement {
  return form.querySelector<HTMLInputElement>("[data-amount]") as HTMLInputElement;
}

// set writes the amount by hand of the script; "free" is left.
export function set(form: HTMLFormElement, minor: number): void {
  const input = amountOf(form);
  delete input.dataset.free;
  input.value = minor === 0 ? "" : plain(minor, formatOf(form));
  draw(form);
}

// restore puts an amount back as it was.
export function restore(form: HTMLFormElement, value: string, free: boolean): void {
  const input = amountOf(form);
  if (input.value === value) return;
  delete input.dataset.free;
  if (free) input.dataset.free = "";
  input.value = value;
  draw(form);
}

function current(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("form[data-sale]");
}

// elsewhere: the key belongs to another field than the amount. To a box that is
// ticked digits mean nothing, so they go to the amount.
function elsewhere(form: HTMLFormElement): boolean {
  const on = document.activeElement;
  if (on === null || on === amountOf(form)) return false;
  return on.matches("input:not([type=radio], [type=checkbox]), textarea, select");
}

function onKey(event: KeyboardEvent): void {
  const form = current();
  if (form === null || event.ctrlKey || event.metaKey || event.altKey || elsewhere(form)) return;
  const input = amountOf(form);
  const on = document.activeElement as HTMLElement | null;
  if (/^[\d.,]$/.test(event.key) || event.key === "Backspace") {
    if (on !== input) input.focus({ preventScroll: true }); // the key itself then goes there
  } else if (event.key === "Escape") {
    event.preventDefault();
    set(form, 0);
    const code = form.querySelector<HTMLInputElement>("[data-code]");
    if (code !== null) code.value = "";
    draw(form);
    input.focus();
  } else if (event.key === "Enter" && (on === document.body || on === null)) {
    event.preventDefault();
    form.requestSubmit();
  }
}

// onInput turns what would be inserted into what a till does with it. Keys of every
// kind of keyboard come here, also those on the screen.
function onInput(event: InputEvent): void {
  const input = event.target as HTMLInputElement;
  const form = input.closest<HTMLFormElement>("form[data-sale]");
  if (form === null || input !== amountOf(form)) return;
  const text = event.data ?? "";
  if (event.inputType === "insertText" && /^[.,]$/.test(text)) {
    event.preventDefault();
    free(form);
  } else if (input.dataset.free === undefined && event.inputType === "insertText") {
    event.preventDefault();
    for (const digit of text.replace(/\D/g, "")) push(form, digit);
  } else if (input.dataset.free === undefined && event.inputType === "deleteContentBackward") {
    event.preventDefault();
    push(form, "Backspace");
  }
}

function onClick(event: MouseEvent): void {
  const key = (event.target as HTMLElement).closest<HTMLElement>("[data-key]");
  const form = key?.closest<HTMLFormElement>("form[data-sale]");
  if (!key || !form) return;
  push(form, key.dataset.key ?? "");
  amountOf(form).focus({ preventScroll: true });
}

// push builds the amount from the right: 1-2-5-0-0 is 125.00. What is selected as
// a whole is replaced.
function push(form: HTMLFormElement, key: string): void {
  const input = amountOf(form);
  const all = input.value !== "" && input.selectionStart === 0 && input.selectionEnd === input.value.length;
  if (input.dataset.free !== undefined) {
    const text = all ? "" : input.value;
    input.value = key === "Backspace" ? text.slice(0, -1) : text + key;
    if (input.value === "") delete input.dataset.free;
    draw(form);
    return;
  }
  const digits = all && document.activeElement === input ? "" : input.value.replace(/\D/g, "");
  const next = (key === "Backspace" ? digits.slice(0, -1) : digits + key).replace(/^0+/, "");
  if (next.length <= maxDigits) set(form, Number(next));
}

// free turns what was typed into whole units and goes on after the decimal sign:
// 1-2-5-comma is 125 and the decimals are typed.
function free(form: HTMLFormElement): void {
  const input = amountOf(form);
  const f = formatOf(form);
  if (input.dataset.free !== undefined) {
    if (!/[.,]/.test(input.value)) input.value += f.decimal;
  } else {
    input.dataset.free = "";
    const digits = input.value.replace(/\D/g, "").replace(/^0+/, "");
    input.value = `${digits === "" ? "0" : digits}${f.exponent === 0 ? "" : f.decimal}`;
  }
  input.focus();
  draw(form);
}

// onPaste takes the text as it is: the server says what is wrong with it.
function onPaste(event: ClipboardEvent): void {
  const form = current();
  if (form === null || elsewhere(form)) return;
  const text = event.clipboardData?.getData("text") ?? "";
  if (text === "") return;
  event.preventDefault();
  const input = amountOf(form);
  input.dataset.free = "";
  input.value = text.trim().slice(0, input.maxLength);
  input.focus();
  draw(form);
}

// draw words the main button after what it will do.
function draw(form: HTMLFormElement): void {
  const button = document.querySelector<HTMLButtonElement>(`button[data-charge][form="${form.id}"]`);
  const why = button?.parentElement?.querySelector<HTMLElement>("[data-why]");
  const label = button?.querySelector<HTMLElement>("[data-label]");
  if (!button || !why || !label) return;
  const f = formatOf(form);
  const input = amountOf(form);
  const minor = read(input.value, f);
  let total = minor ?? 0;
  let clear = minor !== null;
  for (const extra of form.querySelectorAll<HTMLInputElement>("[data-extra]")) {
    const more = extra.value.trim() === "" ? 0 : read(extra.value, f);
    if (more === null) clear = false;
    else total += more;
  }
  const empty = input.value.trim() === "" || minor === 0;
  button.disabled = empty;
  const verb = form.querySelector("[data-reserve]:checked") === null ? "Charge" : "Reserve";
  write(label, empty || !clear ? verb : `${verb} ${withUnit(total, f)}`);
  write(why, empty ? `Type an amount to ${verb.toLowerCase()}.` : `On terminal ${terminal(form)}${account(form)}${way(form)}`);
  if (form.dataset.drawn !== input.value) {
    form.dataset.drawn = input.value;
    const wrong = form.querySelector("#sale-error");
    if (wrong !== null) wrong.textContent = "";
  }
  input.classList.toggle("long", input.value.length > 9);
  input.classList.toggle("longer", input.value.length > 13);
}

function terminal(form: HTMLFormElement): string {
  return form.querySelector<HTMLInputElement>("input[name=terminal]")?.value ?? "";
}

// account names who gets the money, where a terminal has several.
function account(form: HTMLFormElement): string {
  const chosen = form.querySelector<HTMLElement>("[name=account][type=hidden], [name=account]:checked, [name=account] option:checked");
  return chosen?.dataset.title === undefined ? "" : `, for ${chosen.dataset.title}`;
}

// way says how a wallet will pay: by its own code, or by the till's.
function way(form: HTMLFormElement): string {
  const code = form.querySelector<HTMLInputElement>("[data-code]");
  if (code === null) return "";
  return code.value.trim() === "" ? ": shows a code to scan" : ": charges the scanned code";
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
