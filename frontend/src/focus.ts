// Keeps the focus when a screen is replaced: without it the next key goes nowhere.

export function startFocus(): void {
  let shown = screenName();
  place();
  stand();
  document.addEventListener("htmx:after:swap", () => {
    const now = screenName();
    if (now !== shown) {
      shown = now;
      place();
      stand();
    } else if (lost()) {
      place();
    }
  });
}

// settled names the screen once it has stood long enough to be seen: a key that was
// meant for the screen before must not act on the next one.
const settle = 400;
let waiting = 0;

function stand(): void {
  const name = screenName();
  delete document.body.dataset.settled;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    document.body.dataset.settled = name;
  }, settle);
}

export function isSettled(): boolean {
  return document.body.dataset.settled !== undefined;
}

function screenName(): string {
  return document.querySelector<HTMLElement>("[data-screen]")?.dataset.screen ?? "";
}

function lost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function place(): void {
  const open = document.querySelector<HTMLElement>("details.action[open] input:not([type=hidden])");
  (open ?? document.querySelector<HTMLElement>("main [data-focus]"))?.focus({ preventScroll: true });
}
