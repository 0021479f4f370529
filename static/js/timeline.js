// The time bar: the highlighted moment, ranges by dragging, keys, swipes; links that swap the page in place.

import { mark, watchCharts } from "./charts.js";

const time = () => document.getElementById("time");
const numbers = () => {
  const { start, end, at, edges } = time().dataset;
  return { start: Number(start), end: Number(end), at: Number(at), edges: edges.split(",").map(Number) };
};
const typing = (element) => element?.closest?.("input, textarea, select, dialog, [contenteditable]");
// English dates in the order that the pages of the server have.
const LOCALE = ["", "en"].includes(document.documentElement.lang) ? "en-GB" : document.documentElement.lang;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const words = (moment) => {
  const { start, end } = numbers();
  const long = end - start > 40 * 86400;
  return new Intl.DateTimeFormat(LOCALE, {
    timeZone: time().dataset.zone, weekday: "short", day: "numeric", month: "short",
    ...(long ? { year: "numeric" } : {}), hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(moment * 1000);
};

const go = (query) => htmx.ajax("GET", `${location.pathname}${query}`, { target: "#app", swap: "innerHTML show:none" });

// --- the highlighted moment ---

let marked = false; // whether somebody chose it, so that it belongs into the address

const place = (moment) => {
  const { start, end } = numbers();
  const share = clamp((100 * (moment - start)) / (end - start), 0, 100);
  time().querySelectorAll("[data-hl]").forEach((line) => {
    line.setAttribute("x1", `${share}%`);
    line.setAttribute("x2", `${share}%`);
  });
  const bubble = document.getElementById("bubble");
  bubble.style.left = `${share}%`;
  bubble.dataset.near = share < 12 ? "start" : share > 88 ? "end" : "";
  bubble.textContent = words(moment);
  bubble.setAttribute("aria-valuenow", Math.round(share * 10));
  bubble.setAttribute("aria-valuetext", words(moment));
  return share;
};

let settling = 0;

// Notes and pictures near the moment may not be on the page yet: ask for them once it rests.
const settle = (moment) => {
  clearTimeout(settling);
  settling = setTimeout(() => {
    const url = new URL(location.href);
    url.searchParams.set("at", Math.round(moment));
    history.replaceState(history.state, "", url);
    document.querySelectorAll("[data-tile][hx-get]:has(.notes, .pics, .files, .map, .player, .linkcard)").forEach((tile) => {
      const [path, query] = tile.getAttribute("hx-get").split("?");
      const asked = new URLSearchParams(query);
      asked.set("at", Math.round(moment));
      tile.setAttribute("hx-get", `${path}?${asked}`);
      htmx.trigger(tile, "refresh");
    });
  }, 400);
};

let waiting = 0;
const highlight = (moment) => {
  const { start, end } = numbers();
  const inside = clamp(moment, start, end);
  marked = true;
  time().dataset.at = inside;
  place(inside);
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => mark(Math.round((1000 * (inside - start)) / (end - start)), inside));
  settle(inside);
  document.body.dispatchEvent(new CustomEvent("highlight", { detail: { at: inside } }));
};

const momentAt = (x) => { const { start, end } = numbers(); return start + ((end - start) * x) / 1000; };
const restore = () => {
  const { start, end, at } = numbers();
  mark(Math.round((1000 * (at - start)) / (end - start)), at);
};

const step = (moment, count) => {
  const { edges, start, end } = numbers();
  const size = edges.length > 1 ? (end - start) / (edges.length - 1) : (end - start) / 24;
  return moment + size * count;
};

// --- dragging: the bubble, the range's ends, a new range over the histogram ---

const shareOf = (event) => {
  const box = time().querySelector("[data-selected]").getBoundingClientRect();
  return clamp((event.clientX - box.left) / box.width, 0, 1);
};

const drag = (target, event, move, done) => {
  target.setPointerCapture(event.pointerId);
  const stop = () => {
    target.removeEventListener("pointermove", move);
    target.removeEventListener("pointerup", end);
    target.removeEventListener("pointercancel", stop);
  };
  const end = (last) => { stop(); done?.(last); };
  target.addEventListener("pointermove", move);
  target.addEventListener("pointerup", end);
  target.addEventListener("pointercancel", stop);
};

const snap = (moment) => {
  const { edges } = numbers();
  return edges.reduce((best, edge) => (Math.abs(edge - moment) < Math.abs(best - moment) ? edge : best), edges[0]);
};

const range = (from, to) => {
  if (to > from) go(`?scale=custom&from=${Math.round(from)}&to=${Math.round(to)}${time().dataset.streams}`);
};

const brush = (from, to) => {
  const box = time().querySelector("[data-brush]");
  box.setAttribute("x", `${Math.min(from, to) * 100}%`);
  box.setAttribute("width", `${Math.abs(to - from) * 100}%`);
  box.setAttribute("visibility", to === from ? "hidden" : "visible");
};

document.addEventListener("pointerdown", (event) => {
  if (event.button > 0) return;
  const bubble = event.target.closest("[data-bubble]");
  const handle = event.target.closest("[data-handle]");
  const histogram = event.target.closest("[data-hist]");
  if (bubble) {
    drag(bubble, event, (moved) => highlight(momentAt(shareOf(moved) * 1000)));
  } else if (handle) {
    const left = handle.dataset.handle === "l";
    const { start, end } = numbers();
    drag(handle, event, (moved) => brush(left ? shareOf(moved) : 0, left ? 1 : shareOf(moved)), (last) => {
      const moment = snap(momentAt(shareOf(last) * 1000));
      if (left) range(moment, end);
      else range(start, moment);
    });
  } else if (histogram && event.pointerType !== "touch") {
    event.preventDefault(); // links must not be dragged
    const from = shareOf(event);
    let moving = false;
    const move = (moved) => {
      moving ||= Math.abs(shareOf(moved) - from) > 0.01;
      if (moving) brush(from, shareOf(moved));
    };
    const stop = (last) => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", stop);
      if (!moving) return;
      const ends = [from, shareOf(last)].sort((a, b) => a - b).map((share) => snap(momentAt(share * 1000)));
      addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      setTimeout(() => range(...ends), 0);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", stop);
  }
});

// Swiping the strip moves by a period.
let touch = null;
document.addEventListener("touchstart", (event) => {
  touch = event.target.closest(".strip") && !event.target.closest("[role=slider]") ? event.touches[0] : null;
}, { passive: true });
document.addEventListener("touchend", (event) => {
  if (!touch) return;
  const way = event.changedTouches[0].clientX - touch.clientX;
  touch = null;
  if (Math.abs(way) > 60) time().querySelector(way > 0 ? "[rel=prev]" : "[rel=next]").click();
}, { passive: true });

// --- keys ---

const SLIDE = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };

const slide = (event) => {
  const { start, end, at } = numbers();
  const ends = { Home: start, End: end };
  if (!(event.key in SLIDE) && !(event.key in ends)) return false;
  const handle = event.target.dataset.handle;
  if (!handle) highlight(event.key in ends ? ends[event.key] : step(at, SLIDE[event.key]));
  else if (handle === "l") range(snap(step(start, SLIDE[event.key] || 0)) === start ? step(start, SLIDE[event.key] || 0) : snap(step(start, SLIDE[event.key] || 0)), end);
  else range(start, step(end, SLIDE[event.key] || 0));
  return true;
};

const scales = () => [...time().querySelectorAll("[data-scale]")];
const press = (selector) => time().querySelector(selector)?.click();

const zoom = (by) => {
  const all = scales();
  const now = all.findIndex((link) => link.hasAttribute("aria-current"));
  all[clamp((now < 0 ? all.length - 1 : now) + by, 0, all.length - 1)]?.click();
};

const KEYS = {
  ArrowLeft: () => press("[rel=prev]"),
  ArrowRight: () => press("[rel=next]"),
  "+": () => zoom(-1),
  "=": () => zoom(-1),
  "-": () => zoom(1),
  t: () => press("[data-today]"),
  g: () => { document.querySelector(".time .pop-at").open = true; document.getElementById("range-words").focus(); },
  Home: () => go(`?scale=${scales().find((l) => l.hasAttribute("aria-current"))?.dataset.scale || "week"}&go=first${time().dataset.streams}`),
  End: () => go(`?scale=${scales().find((l) => l.hasAttribute("aria-current"))?.dataset.scale || "week"}&go=last${time().dataset.streams}`),
};

document.addEventListener("keydown", (event) => {
  if (!time() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("[role=slider]")) {
    if (slide(event)) event.preventDefault();
    return;
  }
  if (typing(event.target) || event.target.closest?.("#panel, [role=tree], [role=menu], audio, video")) return;
  if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    highlight(step(numbers().at, event.key === "ArrowLeft" ? -1 : 1));
    event.preventDefault();
    return;
  }
  const act = KEYS[event.key] || (/^[1-5]$/.test(event.key) ? () => scales()[Number(event.key) - 1]?.click() : null);
  if (act) { event.preventDefault(); act(); }
});

// --- links of the page itself are answered in place ---

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="?"]');
  if (!link || !link.closest("#app") || event.defaultPrevented || event.button > 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !time()) return;
  event.preventDefault();
  document.body.classList.remove("tree-open");
  go(link.getAttribute("href"));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-range]")) return;
  event.preventDefault();
  go(`?${new URLSearchParams(new FormData(event.target))}`);
});

// --- tiles that could not be loaded ---

const broken = (event) => {
  const tile = event.detail.elt?.closest?.("[data-tile]");
  if (!tile) return;
  const box = document.createElement("div");
  box.className = "tile-msg";
  const again = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "Try again" });
  again.addEventListener("click", () => htmx.trigger(tile, "refresh"));
  box.append(Object.assign(document.createElement("p"), { textContent: "Could not load this tile." }), again);
  tile.querySelectorAll(".skel, .tile-msg").forEach((part) => part.remove());
  tile.append(box);
};
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, broken);

const ready = () => { if (time()) { marked = time().hasAttribute("data-marked"); place(numbers().at); } };
// The bar is also renewed by what changes elsewhere.
let known = null;
const renewed = () => {
  if (time() === known) return;
  known = time();
  ready();
  document.body.dispatchEvent(new CustomEvent("pryv:renewed"));
};
new MutationObserver(renewed).observe(document.getElementById("app"), { childList: true });
document.addEventListener("htmx:afterSwap", (event) => {
  if (marked && event.detail.target.matches?.("[data-tile]")) restore();
});
watchCharts({ restore: () => time() && (marked ? restore() : unmark()), momentAt, words });

// Charts show their last value as long as nobody chose a moment.
function unmark() {
  const { start, end, at } = numbers();
  mark(Math.round((1000 * (at - start)) / (end - start)), at);
  document.querySelectorAll(".xh, circle.pt[data-points]").forEach((part) => part.setAttribute("visibility", "hidden"));
}
renewed();
