// The customer's display fills its screen at a touch: nothing else can be done there.

export function startCustomer(): void {
  if (!document.body.matches(".on-customer")) return;
  const fill = (): void => {
    if (document.fullscreenElement === null) void document.documentElement.requestFullscreen().catch(() => undefined);
  };
  document.addEventListener("click", fill);
  document.addEventListener("keydown", (event) => {
    if (event.key === "f" || event.key === "Enter") fill();
  });
}
