// Shortcuts. A key does what the element that prints it does: data-shortcut names
// the key. Enter never answers a signature question.
import { isSettled } from "./focus";

export function startKeys(): void {
  // Some keyboards and tools bring Enter as a key press of its own.
  document.addEventListener("keypress", (event) => {
    if (event.key === "Enter" && (event.target as HTMLElement).closest("[data-no-enter], [data-lines] input") !== null) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^F\d+$/.test(event.key)) {
      const target = document.querySelector<HTMLElement>(`[data-shortcut="${event.key}"]`);
      if (target === null) return;
      event.preventDefault();
      if (!event.repeat && !target.matches(":disabled")) target.click();
      return;
    }
    if (event.key === "Escape") escape(event);
    if (event.key === "Enter") enter(event);
  });
}

// escape asks to abort: the first press goes to the button, the second presses it.
function escape(event: KeyboardEvent): void {
  const abort = document.querySelector<HTMLElement>("[data-escape]");
  if (abort === null || event.repeat) return;
  event.preventDefault();
  if (document.activeElement === abort) abort.click();
  else abort.focus();
}

function enter(event: KeyboardEvent): void {
  const on = event.target as HTMLElement;
  if (on.closest("[data-no-enter]") !== null) {
    event.preventDefault();
    return;
  }
  const main = document.querySelector<HTMLButtonElement>("[data-enter]");
  if (main === null) return;
  const meant = on === main || on === document.body || on.matches("h1, section");
  if (!meant) return;
  event.preventDefault();
  if (!event.repeat && isSettled()) main.click();
}
