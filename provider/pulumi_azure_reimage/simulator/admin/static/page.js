// Keeps the page fresh, and sends its forms without loading it again. The page works without this file.
"use strict";

const PAUSE_MS = 1000;
const written = new WeakMap(); // What the server wrote for an element; opened details change the element itself.
const message = document.getElementById("message");

function remember(element) {
  for (const child of element.children) written.set(child, child.outerHTML);
}

function synchronize(shown, fresh) {
  if (!fresh.firstElementChild) {
    if (shown.textContent !== fresh.textContent) shown.textContent = fresh.textContent;
    return;
  }
  const old = new Map([...shown.children].map((child) => [child.dataset.key, child]));
  const wanted = [...fresh.children].map((child) => {
    const known = old.get(child.dataset.key);
    if (known && written.get(known) === child.outerHTML) {
      old.delete(child.dataset.key);
      return known;
    }
    written.set(child, child.outerHTML);
    return child;
  });
  const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
  const kept = new Set(wanted);
  for (const child of [...shown.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, place) => {
    if (shown.children[place] !== child) shown.insertBefore(child, shown.children[place] ?? null);
  });
  if (focused && document.activeElement.id !== focused) document.getElementById(focused)?.focus();
}

async function refresh() {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const shown of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(shown.id);
    if (fresh) synchronize(shown, fresh);
  }
}

function say(text, isError = false) {
  message.textContent = text;
  message.classList.toggle("error", isError);
}

async function send(form) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { accept: "application/json" },
  });
  const result = await response.json();
  const button = form.querySelector("button");
  const done = button.getAttribute("aria-label") ?? button.textContent;
  say(response.ok ? `${done}: done` : result.error.message, !response.ok);
  await refresh();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
  send(form).catch(() => say("The simulator does not answer.", true));
});

async function watch() {
  let lost = false;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (document.hidden) continue;
    try {
      await refresh();
      if (lost) say("");
      lost = false;
    } catch {
      if (!lost) say("The simulator does not answer.", true);
      lost = true;
    }
  }
}

document.querySelectorAll("[data-live]").forEach(remember);
watch();
