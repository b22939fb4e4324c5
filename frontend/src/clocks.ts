// Clocks that count on between two fragments. The server's word comes with every
// fragment; its clock is compared once, so that a wrong clock here shows no nonsense.

const tick = 1000;

let skew = 0;

// serverNow is the server's time, in ms since 1970.
export function serverNow(): number {
  return Date.now() + skew;
}

export function startClocks(): void {
  skew = Number(document.body.dataset.now) - Date.now();
  const show = (): void => {
    const now = serverNow();
    for (const time of document.querySelectorAll<HTMLElement>("time[data-since]")) {
      write(time, elapsed(now - Number(time.dataset.since)));
    }
    for (const time of document.querySelectorAll<HTMLElement>("time[data-age]")) {
      write(time, age(now - Number(time.dataset.age), time.textContent ?? ""));
    }
  };
  setInterval(show, tick);
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function elapsed(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

function age(ms: number, old: string): string {
  const s = Math.floor(ms / 1000);
  if (s < 2) return "just now";
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return old;
}
