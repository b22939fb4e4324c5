// Says when the page has lost the till: what it shows may be old then.

const words = "This screen has lost Paydesk. What it shows may be old. It comes back by itself; if not, open Paydesk again.";

// A stream that is back within this time, in ms, was not missed by anybody.
const patience = 600;

export function startLink(): void {
  const mark = document.querySelector<HTMLElement>("#offline");
  if (mark === null) return;
  let waiting = 0;
  const lost = (): void => {
    if (waiting !== 0) return;
    waiting = setTimeout(() => {
      mark.textContent = mark.dataset.words ?? words;
      document.body.classList.add("lost");
    }, patience);
  };
  document.addEventListener("htmx:sse:before:connection", (event) => {
    const detail = (event as CustomEvent<{ connection?: { attempt?: number } }>).detail;
    if ((detail.connection?.attempt ?? 0) > 0) lost();
  });
  for (const name of ["htmx:error", "htmx:response:error"]) {
    document.addEventListener(name, (event) => {
      if ((event.target as HTMLElement).id === "stream") lost();
      else if (name === "htmx:error") unreachable();
    });
  }
  document.addEventListener("htmx:sse:after:connection", () => {
    clearTimeout(waiting);
    waiting = 0;
    mark.textContent = "";
    document.body.classList.remove("lost");
  });
}

function unreachable(): void {
  const notice = document.querySelector<HTMLElement>("#notice");
  if (notice === null) return;
  const text = document.createElement("p");
  text.textContent = "Paydesk did not answer. The click may have arrived: look at what the screen shows when the connection is back.";
  notice.replaceChildren(text);
}
