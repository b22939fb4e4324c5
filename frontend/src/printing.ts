// Prints the slip that the server has journaled as handed out. The style sheet
// prints nothing else of the page. A button of the page itself prints the page: an
// operation, on A4, with what was folded on the screen.

export function startPrinting(): void {
  document.addEventListener("print-slip", () => {
    document.body.classList.add("prints-slip");
    window.print();
    document.body.classList.remove("prints-slip");
  });
  document.addEventListener("click", (e) => {
    if (e.target instanceof Element && e.target.closest("[data-print-page]") !== null) {
      window.print();
    }
  });
  window.addEventListener("beforeprint", () => unfold(true));
  window.addEventListener("afterprint", () => unfold(false));
}

function unfold(open: boolean): void {
  for (const folded of document.querySelectorAll<HTMLDetailsElement>(".repeats > details")) {
    folded.open = open;
  }
}
