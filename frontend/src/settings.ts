// A terminal that the provider knows of fills its fields when it is chosen; what was
// typed elsewhere in the form, secrets above all, stays as it is.
export function startSettings(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-fill]");
    const form = button?.closest("form");
    if (!button || !form) return;
    const given = JSON.parse(button.dataset.fill ?? "{}") as Record<string, string>;
    for (const [key, value] of Object.entries(given)) {
      const field = form.elements.namedItem(`set-${key}`);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) field.value = value;
    }
    for (const other of form.querySelectorAll("[data-fill]")) other.setAttribute("aria-pressed", String(other === button));
    form.querySelector("[data-filled]")?.removeAttribute("hidden");
  });
}
