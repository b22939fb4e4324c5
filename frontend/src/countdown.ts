// Counts down until the till gives a payment up. A screen reader is told at few
// moments only, in time to give the customer more (WCAG 2.2.1); the last one is that the
// time is over: the server says what becomes of it, the page only stops showing a code.
import { serverNow } from "./clocks";

const marks = [60, 30, 10]; // seconds that are left
const often = 250; // ms; what is written changes once a second

let until = 0;
let told = Infinity; // the last mark that was passed; 0: it is over

export function startCountdown(): void {
  show();
  setInterval(show, often);
  document.addEventListener("htmx:after:swap", show);
}

function show(): void {
  const shown = document.querySelector<HTMLElement>("[data-until]");
  if (shown === null) {
    until = 0;
    return;
  }
  const end = Number(shown.dataset.until);
  const ms = Math.max(0, end - serverNow());
  const seconds = Math.ceil(ms / 1000);
  const number = shown.querySelector("[role=timer]");
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (number !== null && number.textContent !== text) number.textContent = text;
  const bar = shown.querySelector("progress");
  if (bar !== null) bar.value = seconds * 1000;
  shown.classList.toggle("soon", ms > 0 && seconds <= (marks[1] as number));
  shown.closest(".glass, .customer")?.classList.toggle("over", ms === 0);
  tell(end, seconds, shown.dataset.more !== undefined);
}

function tell(end: number, seconds: number, more: boolean): void {
  const passed = seconds === 0 ? 0 : (marks.filter((mark) => seconds <= mark).at(-1) ?? Infinity);
  if (end !== until) {
    const before = until;
    until = end;
    if (before === 0 || end > before) {
      if (before !== 0) say(`More time: ${words(seconds)} left.`);
      told = passed;
      return;
    }
    told = Infinity; // less time than was told
  }
  if (passed >= told) return;
  told = passed;
  if (passed === 0) say("The time is over. Paydesk asks whether the customer has paid.");
  else say(`${words(passed)} left.${more ? " F7 gives one more minute." : ""}`);
}

function words(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

// say has a screen reader say something when it is idle.
export function say(text: string): void {
  const murmur = document.querySelector("#murmur");
  if (murmur !== null) murmur.textContent = text;
}
