// Prints the slip that the server has journaled as handed out. The style sheet
// prints nothing else of the page.

export function startPrinting(): void {
  document.addEventListener("print-slip", () => {
    document.body.classList.add("prints-slip");
    window.print();
    document.body.classList.remove("prints-slip");
  });
}
