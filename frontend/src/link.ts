// Says when the page has lost the till: what it shows may be old then.

export function startLink(): void {
  const mark = document.querySelector<HTMLElement>("#offline");
  if (mark === null) return;
  const lost = (): void => {
    mark.textContent = "Connection to Paydesk lost. What you see may be old; trying again.";
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
    mark.textContent = "";
  });
}

function unreachable(): void {
  const notice = document.querySelector<HTMLElement>("#notice");
  if (notice === null) return;
  const text = document.createElement("p");
  text.textContent = "Paydesk did not answer. The click may have arrived: look at what the screen shows when the connection is back.";
  notice.replaceChildren(text);
}
