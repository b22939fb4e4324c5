// The page works without this file. It adds live state, the keyboard's keys and
// cards that can be dragged.
"use strict";

const path = document.body.dataset.path;
const unit = document.getElementById("unit");
const link = document.getElementById("link");
document.documentElement.classList.add("js");

// --- Live state ---

// patch makes `old` like `now` and keeps nodes, so that focus, caret, scroll and
// what a person chose (also what is folded open) survive.
function patch(old, now) {
  if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName || (old.id || "") !== (now.id || "")) {
    old.replaceWith(now);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
  patchChildren(old, now);
  if (old.nodeName === "SELECT") {
    const chosen = [...now.options].findIndex((o) => o.defaultSelected);
    if (chosen >= 0 && old !== document.activeElement) old.selectedIndex = chosen;
  }
}

function patchChildren(old, now) {
  const incoming = [...now.childNodes];
  let at = old.firstChild;
  for (const next of incoming) {
    if (next.id && (!at || at.id !== next.id)) {
      const same = [...old.children].find((c) => c.id === next.id);
      if (same) {
        old.insertBefore(same, at);
        at = same;
      } else {
        old.insertBefore(next, at);
        continue;
      }
    }
    if (!at) {
      old.append(next);
      continue;
    }
    const following = at.nextSibling;
    patch(at, next);
    at = following;
  }
  while (at) {
    const following = at.nextSibling;
    at.remove();
    at = following;
  }
}

const seen = new Map(); // region id -> its last text

// swap patches every region of the answer that is not as it was.
function swap(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const lost = document.activeElement;
  for (const region of [...box.content.children]) {
    const text = region.outerHTML;
    const here = document.getElementById(region.id);
    if (!here || seen.get(region.id) === text) continue;
    seen.set(region.id, text);
    patch(here, region);
  }
  if (lost && lost !== document.body && !lost.isConnected) unit.focus({ preventScroll: true });
  weigh();
}

let stream = null;
let again = 0;

function tell(live) {
  link.className = live ? "live" : "lost";
  link.textContent = live ? "Live" : "Connection lost, trying again";
}

function connect() {
  clearTimeout(again);
  if (stream) stream.close();
  stream = new EventSource(path + "stream");
  stream.onopen = () => tell(true);
  stream.onmessage = (event) => swap(event.data);
  stream.onerror = () => {
    tell(false);
    if (stream.readyState === EventSource.CLOSED) again = setTimeout(connect, 1000); // an answer that is no stream ends EventSource for good
  };
}

// A browser opens six connections to one host: a page that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return connect();
  clearTimeout(again);
  stream.close();
});
addEventListener("pageshow", (event) => { if (event.persisted) connect(); });

// --- Actions ---

const patience = 10_000; // ms for one action
let last = Promise.resolve();

// send posts one action after the other: digits typed fast must not overtake each other.
function send(to, fields) {
  last = last.then(() => post(to, fields)).catch(console.error);
}

async function post(to, fields) {
  let html;
  try {
    const answer = await fetch(to, { method: "POST", body: new URLSearchParams(fields), headers: { "Paydesk-Fragment": "1" }, signal: AbortSignal.timeout(patience) });
    html = await answer.text();
    if (!html.includes('id="notice"')) throw new Error(html.slice(0, 200));
  } catch (error) {
    const notice = document.getElementById("notice");
    notice.textContent = "The practice terminal did not answer. " + (error instanceof TypeError ? "Is it still running?" : error.message);
    return;
  }
  seen.delete("notice");
  swap(html);
}

document.getElementById("notice").addEventListener("click", (event) => {
  if (!event.target.closest("a")) return;
  event.preventDefault();
  document.getElementById("notice").replaceChildren();
  unit.focus({ preventScroll: true });
});

const act = (name, value) => send(path + "do", { name, value });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const fields = new FormData(form);
  const by = event.submitter;
  if (by && by.name) fields.set(by.name, by.value);
  send(form.getAttribute("action"), fields); // not form.action: a button may have that name
  if (["insert", "tap", "swipe"].includes(fields.get("name"))) unit.focus({ preventScroll: true });
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-auto]")) event.target.form.requestSubmit();
  weigh();
});

// weigh shows which buttons the chosen card is made for. They stay usable: the
// terminal's own refusal is part of the practice.
function weigh() {
  const chosen = document.querySelector("#wallet-form input:checked");
  const ways = chosen ? chosen.closest(".item").dataset.ways.split(" ") : [];
  for (const button of document.querySelectorAll("#wallet .acts button")) {
    button.classList.toggle("cannot", button.value !== "pull" && !ways.includes(button.value));
  }
}

// --- Keys of the keyboard ---

const keys = { Enter: "green", Backspace: "yellow", Escape: "red" };

function typing(element) {
  return element.isContentEditable || element.matches("select, textarea, input:not([type=radio], [type=checkbox])");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) return;
  const value = /^[0-9]$/.test(event.key) ? event.key : keys[event.key];
  if (!value) return;
  // Enter belongs to the button, link, heading or card that has the focus.
  if (event.key === "Enter" && event.target.matches("button, a, input, summary")) return;
  const key = document.querySelector(`#keys [value="${value}"]`);
  if (!key) return; // a phone shows a button only while it does something
  event.preventDefault();
  if (event.repeat) return;
  if (event.key === "Escape" && drag) return drop({ pointerId: drag.id }, false);
  unit.focus({ preventScroll: true }); // so that the Enter after a PIN is the green key
  key.classList.add("down");
  setTimeout(() => key.classList.remove("down"), 120);
  act("key", value);
});

// A key that is pressed by finger or mouse does not take the focus from the terminal.
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#keys button")) return;
  event.preventDefault();
  unit.focus({ preventScroll: true });
});

// --- Dragging a card ---

const far = 8; // pixels that make a press a drag
let drag = null;

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest(".item");
  if (!item || event.button !== 0 || (event.pointerType === "touch" && getComputedStyle(item).touchAction !== "none")) return;
  drag = { item, x: event.clientX, y: event.clientY, id: event.pointerId, ghost: null };
});

document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  if (!drag.ghost) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < far) return;
    lift(event);
  }
  drag.ghost.style.transform = `translate(${event.clientX - drag.dx}px, ${event.clientY - drag.dy}px)`;
  const over = below(event);
  for (const spot of document.querySelectorAll("[data-drop]")) spot.classList.toggle("over", spot === over);
});

function lift(event) {
  const box = drag.item.getBoundingClientRect();
  drag.dx = drag.x - box.left;
  drag.dy = drag.y - box.top;
  drag.item.querySelector("input").checked = true;
  weigh();
  drag.ghost = drag.item.cloneNode(true);
  drag.ghost.removeAttribute("id");
  drag.ghost.querySelector("input").remove();
  drag.ghost.classList.add("ghost");
  drag.ghost.style.width = box.width + "px";
  drag.ghost.style.height = box.height + "px";
  document.body.append(drag.ghost);
  document.body.classList.add("dragging", ...drag.item.dataset.ways.trim().split(" ").filter(Boolean).map((way) => "drag-" + way));
  getSelection().removeAllRanges();
}

function below(event) {
  const element = document.elementFromPoint(event.clientX, event.clientY);
  return element && element.closest("[data-drop]");
}

function drop(event, done) {
  if (!drag || event.pointerId !== drag.id) return;
  const { ghost, item } = drag;
  drag = null;
  if (!ghost) return;
  ghost.remove();
  document.body.classList.remove("dragging", "drag-insert", "drag-tap", "drag-swipe");
  for (const spot of document.querySelectorAll(".over")) spot.classList.remove("over");
  const over = done && below(event);
  if (!over) return;
  act(over.dataset.drop, item.dataset.card);
  unit.focus({ preventScroll: true });
}

document.addEventListener("pointerup", (event) => drop(event, true));
document.addEventListener("pointercancel", (event) => drop(event, false));
document.addEventListener("dragstart", (event) => event.preventDefault());

weigh();
connect();
