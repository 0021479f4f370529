// Dialogs, the panel of an entry, notices, several entries at once, running times, keys.

const byId = (id) => document.getElementById(id);
const panel = () => byId("panel");
const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]");
const modified = (event) => event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button > 0;
const fire = (name) => document.body.dispatchEvent(new CustomEvent(name));
const ENTRY = /^\/u\/[^/]+\/(event\/[^/.]+(\/edit)?|entries)$/;
const WIDE = matchMedia("(min-width: 48rem)");
let opener = null;

// --- the panel: links to entries open beside the mosaic where there is room ---

const remember = (id) => {
  const url = new URL(location.href);
  if (id) url.searchParams.set("open", id);
  else url.searchParams.delete("open");
  history.replaceState(history.state, "", url);
};

const frame = () => panel()?.closest(".app")?.classList.toggle("app-panel", !panel().hidden);

const openPanel = async (url) => {
  await htmx.ajax("GET", url, { target: "#panel", swap: "outerHTML" });
  frame();
  byId("dt")?.focus({ preventScroll: true });
};

const closePanel = () => {
  if (!panel() || panel().hidden) return;
  panel().hidden = true;
  panel().replaceChildren();
  frame();
  remember("");
  if (opener?.isConnected) opener.focus();
};

const isDirty = (scope) => Boolean(scope?.querySelector("[data-changed]"));
const mayLeave = (scope) => !isDirty(scope) || confirm("Discard what you typed?");

const showPanel = (link) => {
  if (!mayLeave(panel())) return;
  if (!link.closest("#panel")) opener = link;
  openPanel(link.href);
};

// --- dialogs ---

const openDialog = async (url) => {
  await htmx.ajax("GET", url, { target: "#dialog", swap: "innerHTML" });
};

// Another kind of entry: what was typed and fits goes along.
const switchKind = async (url, form) => {
  const values = {};
  for (const name of ["stream", "new_stream", "new_parent", "time", "description", "client_data", "also", "content"]) {
    const typed = new FormData(form).getAll(name).filter((value) => typeof value === "string");
    if (typed.length) values[name] = typed;
  }
  await htmx.ajax("POST", url, { values: { ...values, step: "type" }, target: "#dialog", swap: "innerHTML" });
};

const closeDialog = () => {
  const dialog = document.querySelector("#dialog dialog");
  if (!dialog) return;
  dialog.close();
  byId("dialog").replaceChildren();
  if (opener?.isConnected) opener.focus();
};

const showDialog = () => {
  const dialog = document.querySelector("#dialog dialog[data-modal]:not([open])");
  if (!dialog) return;
  dialog.showModal();
  (dialog.querySelector("[data-focus], textarea, .input-num, [id^=id_content]") || dialog.querySelector("h2"))?.focus();
};

document.addEventListener("cancel", (event) => {
  if (!event.target.matches?.("dialog[data-modal]")) return;
  event.preventDefault();
  if (mayLeave(event.target)) closeDialog();
}, true);

// --- clicks ---

const copied = async (button, text) => {
  await navigator.clipboard.writeText(text);
  const label = button.querySelector("[data-label]") || button;
  const before = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = before; }, 2000);
};

// A single stream in focus is the one to add to.
const withFocus = (link) => {
  const url = new URL(link.href);
  const streams = new URLSearchParams(location.search).get("streams") || "";
  if (streams && !/[,!]/.test(streams) && url.pathname.endsWith("/add") && !url.searchParams.has("stream")) {
    url.searchParams.set("stream", streams);
  }
  return url.href;
};

const isAdd = (link) => /^\/u\/[^/]+\/(add|keys|export)$/.test(link.pathname);

document.addEventListener("click", (event) => {
  const target = event.target.closest("a, button");
  if (!target || modified(event)) return;
  if (target.matches("[data-close]") && target.closest("dialog")) {
    event.preventDefault();
    if (mayLeave(target.closest("dialog"))) closeDialog();
  } else if (target.matches("[data-panel-close]") && target.closest("#panel")) {
    event.preventDefault();
    if (mayLeave(panel())) closePanel();
  } else if (target.matches("[data-copy-of]")) {
    copied(target, document.querySelector(target.dataset.copyOf).textContent);
  } else if (target.matches("[data-batch-all], [data-batch-none]")) {
    const form = target.closest("form");
    form.querySelectorAll(".elist .check").forEach((box) => { box.checked = target.matches("[data-batch-all]"); });
    count(form);
  } else if (target.tagName === "A" && target.origin === location.origin && !target.hasAttribute("download")) {
    if (byId("dialog") && isAdd(target)) {
      event.preventDefault();
      if (!target.closest("dialog")) opener = target;
      const form = target.closest("dialog")?.querySelector("form[data-add]");
      if (form) switchKind(target.href, form);
      else openDialog(withFocus(target));
    } else if (panel() && WIDE.matches && ENTRY.test(target.pathname) && !target.closest(".menu-box")) {
      event.preventDefault();
      showPanel(target);
    }
  }
});

// --- what was typed: a form that differs is not thrown away without a question ---

document.addEventListener("input", (event) => {
  event.target.closest("form[data-dirty], form[data-add]")?.setAttribute("data-changed", "");
});

// --- several entries at once ---

const count = (form) => {
  const ticked = form.querySelectorAll(".elist :checked").length;
  form.querySelector("[data-batch-count]").textContent = `${ticked} selected`;
};

// With Shift, everything between the last box and this one.
let lastBox = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest(".elist .check");
  if (!box) return;
  const boxes = [...box.form.querySelectorAll(".elist .check")];
  if (event.shiftKey && boxes.includes(lastBox)) {
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    count(box.form);
  }
  lastBox = box;
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-batch]");
  if (form && event.target.name === "id") count(form);
  const lasting = event.target.name === "lasting" && event.target.closest("[data-when]");
  if (lasting) fitLasting(lasting);
});

const fitLasting = (box) => {
  const chosen = box.querySelector("select[name=lasting]")?.value;
  box.querySelectorAll("[data-lasting]").forEach((part) => { part.hidden = part.dataset.lasting !== chosen; });
};

// --- notices go after ten seconds, not while they are read ---

const arm = (toast) => {
  toast.dataset.armed = "";
  let timer = 0;
  const start = () => { timer = setTimeout(() => toast.remove(), 10000); };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusout", start);
  start();
};

const settle = () => {
  document.querySelectorAll("[data-toast]:not([data-armed])").forEach(arm);
  document.querySelectorAll("[data-when]").forEach(fitLasting);
  showDialog();
  const entry = panel()?.dataset.entry;
  if (entry && byId("app")) { remember(entry); frame(); }
};

document.addEventListener("htmx:afterSettle", settle);
document.addEventListener("htmx:oobAfterSwap", () => setTimeout(settle));
document.body.addEventListener("pryv:added", () => { closeDialog(); fire("pryv:changed"); });

// --- running times ---

const two = (number) => String(number).padStart(2, "0");

setInterval(() => {
  document.querySelectorAll("[data-since]").forEach((clock) => {
    const seconds = Math.max(0, Math.floor(Date.now() / 1000 - Number(clock.dataset.since)));
    clock.textContent = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  });
}, 1000);

// --- uploads of the edit form ---

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector?.("progress");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});

// --- keys ---

const press = (selector) => {
  const found = document.querySelector(selector);
  found?.click();
  return Boolean(found);
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const inside = event.target.closest?.(".panel") || !byId("app");
  if (inside && event.key === "ArrowLeft" && press(".panel [rel=prev]")) event.preventDefault();
  else if (inside && event.key === "ArrowRight" && press(".panel [rel=next]")) event.preventDefault();
  else if (inside && event.key === "Escape" && panel() && mayLeave(panel())) closePanel();
  else if (event.key === "n" && press("a[href$='/add']")) event.preventDefault();
  else if (event.key === "?" && press("a[href$='/keys']")) event.preventDefault();
});

// --- touch: swiping over an entry goes to the next; maps, fields and what scrolls sideways keep their own ---

const OWN = "input, textarea, select, pre, .map-live, .batch, form[data-dirty]";
let touch = null;
document.addEventListener("touchstart", (event) => {
  const over = event.target.closest?.(".panel-head, .panel-body");
  touch = over && event.touches.length === 1 && !event.target.closest(OWN) ? event.touches[0] : null;
}, { passive: true });
document.addEventListener("touchend", (event) => {
  if (!touch) return;
  const { clientX, clientY } = event.changedTouches[0];
  const [right, down] = [clientX - touch.clientX, clientY - touch.clientY];
  touch = null;
  if (Math.abs(right) > 60 && Math.abs(right) > 2 * Math.abs(down)) press(`.panel [rel=${right > 0 ? "prev" : "next"}]`);
}, { passive: true });

// --- changes made elsewhere: an entry that is being read or edited is not taken away ---

document.body.addEventListener("pryv:events", () => {
  const open = panel();
  if (!open || open.hidden || !open.dataset.entry || isDirty(open) || open.querySelector("form[data-dirty]")) return;
  const again = () => htmx.ajax("GET", open.dataset.here, { target: "#panel", swap: "outerHTML show:none" });
  if (!open.contains(document.activeElement)) { again(); return; }
  if (open.querySelector(".pill")) return;
  const pill = document.createElement("button");
  pill.className = "btn btn-primary btn-sm pill";
  pill.type = "button";
  pill.textContent = "New data – update";
  pill.addEventListener("click", async () => { await again(); byId("dt")?.focus(); });
  open.querySelector(".panel-head").after(pill);
});

// The highlighted time moves on: an entry that nobody reads with the keyboard or edits follows it.
let following = 0;
document.body.addEventListener("highlight", ({ detail }) => {
  const open = panel();
  const query = open?.dataset.tileQuery;
  if (!query?.includes("?") || open.hidden || open.contains(document.activeElement) || open.querySelector("form[data-dirty]")) return;
  clearTimeout(following);
  const url = `${query}&at=${Math.round(detail.at)}`;
  following = setTimeout(() => htmx.ajax("GET", url, { target: "#panel", swap: "outerHTML show:none" }), 400);
});

settle();
const wanted = new URLSearchParams(location.search).get("open");
if (wanted && panel() && WIDE.matches) openPanel(`${location.pathname}event/${encodeURIComponent(wanted)}${location.search}`);
else if (wanted && panel()) location.replace(`${location.pathname}event/${encodeURIComponent(wanted)}`);
