// The optional lines of a sale: the amount follows their total.
import { read } from "./money";
import { formatOf, set } from "./sale";

const maxLines = 50; // the server's limit

export function startLines(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest("[data-add-line]");
    const rows = button?.closest("details")?.querySelector("[data-rows]");
    if (rows) add(rows);
  });
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLElement;
    const form = field.closest<HTMLFormElement>("form[data-sale]");
    if (form !== null && field.matches("[name^=line-]")) follow(form);
  });
  // Enter goes on to the next field here: a line is not the end of a sale, and a
  // scanner ends with Enter as well.
  document.addEventListener("keydown", (event) => {
    const field = event.target as HTMLInputElement;
    const sheet = field.closest<HTMLElement>("[data-lines]");
    if (event.key !== "Enter" || sheet === null || !field.matches("input")) return;
    event.preventDefault();
    const fields = [...sheet.querySelectorAll<HTMLInputElement>("input")];
    const next = fields[fields.indexOf(field) + 1];
    const rows = sheet.querySelector("[data-rows]");
    if (next !== undefined) next.focus();
    else if (rows !== null && field.value !== "") add(rows);
  });
  // A form is sent once, also when the button is hit twice.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent !== undefined) event.preventDefault();
    form.dataset.sent = "";
  });
}

function add(rows: Element): void {
  const last = rows.lastElementChild;
  if (last === null || rows.childElementCount >= maxLines) return;
  const row = last.cloneNode(true) as HTMLElement;
  for (const input of row.querySelectorAll("input")) {
    input.removeAttribute("value");
    input.value = input.name === "line-quantity" ? "1" : "";
  }
  rows.append(row);
  row.querySelector("input")?.focus();
}

function follow(form: HTMLFormElement): void {
  const f = formatOf(form);
  let total = 0;
  for (const row of form.querySelectorAll("[data-rows] tr")) {
    const quantity = Number(row.querySelector<HTMLInputElement>("[name=line-quantity]")?.value ?? "");
    const price = read(row.querySelector<HTMLInputElement>("[name=line-price]")?.value ?? "", f);
    if (price !== null && Number.isInteger(quantity) && quantity > 0) total += quantity * price;
  }
  if (total <= f.limit) set(form, total);
}
