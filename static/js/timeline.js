// The time bar: the highlighted moment, keys; links that swap the page in place.

import { mark, watchCharts } from "./charts.js";
import { glide } from "./motion.js";

export const time = () => document.getElementById("time");
export const numbers = () => {
  const { start, end, at, edges } = time().dataset;
  const [first, ...hours] = edges.split(",").map(Number); // the first bound, then the hours from each to the next
  const bounds = hours.reduce((all, step) => [...all, all.at(-1) + step * 3600], [first]);
  return { start: Number(start), end: Number(end), at: Number(at), edges: bounds };
};
const typing = (element) => element?.closest?.("input, textarea, select, dialog, [contenteditable]");
// English dates in the order that the pages of the server have.
const LOCALE = ["", "en"].includes(document.documentElement.lang) ? "en-GB" : document.documentElement.lang;
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const words = (moment) => {
  const { start, end } = numbers();
  const long = end - start > 40 * 86400;
  return new Intl.DateTimeFormat(LOCALE, {
    timeZone: time().dataset.zone, weekday: "short", day: "numeric", month: "short",
    ...(long ? { year: "numeric" } : {}), hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(moment * 1000);
};

export const go = (query) => {
  glide();
  return htmx.ajax("GET", `${location.pathname}${query}`, { target: "#app", swap: "innerHTML show:none" });
};
// The page as it is, with something else; `at` goes along as it stands now.
const also = (more) => go(`${location.search || "?"}&at=${time().dataset.at}&${more}`);

// The bucket of the histogram at a share of the width, if it holds anything.
export const bucketAt = (share) => {
  const whole = time().querySelector("[data-selected]").getBoundingClientRect();
  const x = whole.left + share * whole.width;
  return [...time().querySelectorAll(".buckets a")].find((link) => {
    const { left, width } = link.querySelector("rect").getBoundingClientRect();
    return x >= left && x <= left + width / 0.9;
  });
};
export const bucketText = (link) => link?.querySelector("title").textContent || "";

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
  const held = bucketText(bucketAt(share / 100)).split(": ").pop();
  bubble.setAttribute("aria-valuetext", `${words(moment)}, ${held || "no entries"}`);
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
const show = (moment) => {
  const { start, end } = numbers();
  marked = true;
  time().dataset.at = moment;
  place(moment);
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => mark(Math.round((1000 * (moment - start)) / (end - start)), moment));
};

export const highlight = (moment) => {
  const { start, end } = numbers();
  const inside = clamp(moment, start, end);
  unfollow();
  show(inside);
  settle(inside);
  document.body.dispatchEvent(new CustomEvent("highlight", { detail: { at: inside } }));
};

// --- following the present ---

const EVERY = 5000; // ms

const unfollow = () => {
  const link = time().querySelector(".follow");
  if (!time().hasAttribute("data-follow")) return;
  time().removeAttribute("data-follow");
  link.removeAttribute("aria-current");
  link.textContent = "Follow now";
  link.setAttribute("href", link.dataset.live);
};

setInterval(() => {
  if (document.hidden || !time()?.hasAttribute("data-follow")) return;
  const moment = Date.now() / 1000;
  if (moment < numbers().end) show(Math.max(moment, numbers().start));
  else if (!time().contains(document.activeElement)) go(time().querySelector(".follow").dataset.live);
}, EVERY);

export const momentAt = (x) => { const { start, end } = numbers(); return start + ((end - start) * x) / 1000; };
const restore = () => {
  const { start, end, at } = numbers();
  mark(Math.round((1000 * (at - start)) / (end - start)), at);
};

const step = (moment, count) => {
  const { edges, start, end } = numbers();
  const size = edges.length > 1 ? (end - start) / (edges.length - 1) : (end - start) / 24;
  return moment + size * count;
};

export const snap = (moment) => {
  const { edges } = numbers();
  return edges.reduce((best, edge) => (Math.abs(edge - moment) < Math.abs(best - moment) ? edge : best), edges[0]);
};

export const range = (from, to) => {
  if (to > from) go(`?scale=custom&from=${Math.round(from)}&to=${Math.round(to)}${time().dataset.streams}`);
};

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
export const press = (selector) => time().querySelector(selector)?.click();

const KEYS = {
  ArrowLeft: () => press("[rel=prev]"),
  ArrowRight: () => press("[rel=next]"),
  "+": () => press("[data-zoom=in]"),
  "=": () => press("[data-zoom=in]"),
  "-": () => press("[data-zoom=out]"),
  6: () => go(`?range=all${time().dataset.streams}`),
  w: () => press("[data-widen]"),
  f: () => press(".follow"),
  t: () => press("[data-today]"),
  g: () => { document.querySelector(".time .pop-at").open = true; document.getElementById("range-words").focus(); },
  Home: () => go(`?scale=${scales().find((l) => l.hasAttribute("aria-current"))?.dataset.scale || "week"}&go=first${time().dataset.streams}`),
  End: () => go(`?scale=${scales().find((l) => l.hasAttribute("aria-current"))?.dataset.scale || "week"}&go=last${time().dataset.streams}`),
};

document.addEventListener("keydown", (event) => {
  if (!time() || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  const slider = event.target.closest?.("[role=slider]");
  if (slider && !event.altKey && slide(event)) {
    event.preventDefault();
    return;
  }
  if (slider?.id === "bubble" && event.key === "Enter") {
    event.preventDefault();
    bucketAt((numbers().at - numbers().start) / (numbers().end - numbers().start))?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    return;
  }
  if (typing(event.target) || event.target.closest?.("#panel, [role=tree], [role=menu], audio, video")) return;
  if (event.altKey) {
    const way = { ArrowLeft: "before", ArrowRight: "after" }[event.key];
    if (way) { event.preventDefault(); also(`go=${way}`); }
    return;
  }
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
  // What has to do with the highlighted moment takes it as it stands now.
  const now = link.dataset.zoom && marked ? `&at=${Math.round(numbers().at)}` : "";
  go(link.getAttribute("href") + now);
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
  const old = tile.hasAttribute("aria-busy") ? ":scope > :not(.tile-head)" : ".skel, .tile-msg";
  tile.querySelectorAll(old).forEach((part) => part.remove());
  tile.removeAttribute("aria-busy");
  tile.append(box);
};
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, broken);

const ready = () => { if (time()) { time().querySelectorAll(".buckets a").forEach((link) => { link.setAttribute("tabindex", "-1"); }); marked = time().hasAttribute("data-marked"); place(numbers().at); } };
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
