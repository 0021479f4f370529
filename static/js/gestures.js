// What hands do to the time bar and to charts: dragging, widening, swiping, pinching, holding.

import { bucketAt, bucketText, clamp, highlight, momentAt, numbers, press, range, snap, time } from "./timeline.js";

const byShare = (box, event) => clamp((event.clientX - box.left) / box.width, 0, 1);
const shareOf = (event) => byShare(time().querySelector("[data-selected]").getBoundingClientRect(), event);

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

// The click that ends a gesture opens nothing; where none comes, the next one is a new one.
const noClick = () => {
  const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, true), 50);
};

// --- a stretch of time, drawn over the histogram or over a chart ---

const brush = (from, to) => {
  const box = time().querySelector("[data-brush]");
  box.setAttribute("x", `${Math.min(from, to) * 100}%`);
  box.setAttribute("width", `${Math.abs(to - from) * 100}%`);
  box.setAttribute("visibility", to === from ? "hidden" : "visible");
};

// Whole buckets; less than one as it was drawn.
const take = (one, other) => {
  const ends = [one, other].sort((a, b) => a - b).map((share) => momentAt(share * 1000));
  const whole = ends.map(snap);
  range(...(whole[0] < whole[1] ? whole : ends));
};

const draw = (event, share, show) => {
  const from = share(event);
  let moving = false;
  const move = (moved) => {
    moving ||= Math.abs(moved.clientX - event.clientX) > 6;
    if (moving) show(from, share(moved));
  };
  const stop = () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("keydown", leave, true);
  };
  const leave = (pressed) => {
    if (pressed.key !== "Escape") return;
    stop();
    show(from, from);
    if (moving) addEventListener("pointerup", noClick, { once: true });
  };
  const end = (last) => {
    stop();
    if (!moving) return;
    noClick();
    show(from, from);
    setTimeout(() => take(from, share(last)));
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("keydown", leave, true);
};

const zoomChart = (event, plot) => {
  const area = plot.getBoundingClientRect();
  if (event.clientY < area.top || event.clientY > area.bottom || event.clientX < area.left || event.clientX > area.right) return;
  const box = document.createElement("i");
  box.className = "zoom";
  draw(event, (moved) => byShare(plot.getBoundingClientRect(), moved), (from, to) => {
    if (from === to) box.remove();
    else plot.append(box);
    box.style.left = `${Math.min(from, to) * 100}%`;
    box.style.width = `${Math.abs(to - from) * 100}%`;
  });
};

document.addEventListener("pointerdown", (event) => {
  if (event.button > 0 || !time()) return;
  hush();
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
  } else if (histogram && widened) {
    event.preventDefault();
    drag(histogram, event, (moved) => highlight(momentAt(shareOf(moved) * 1000)), noClick);
    highlight(momentAt(shareOf(event) * 1000));
  } else if (histogram && event.pointerType === "touch") hold(histogram, event);
  else if (histogram) draw(event, shareOf, brush);
  else if (event.pointerType !== "touch") {
    const plot = event.target.closest("#mosaic [data-tile]")?.querySelector("[data-chart] .plot");
    if (plot && !event.target.closest(".tools")) zoomChart(event, plot);
  }
});

// Links and pictures of links must not be dragged instead.
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("[data-hist], [data-tile]:has([data-chart])")) event.preventDefault();
});

// --- what a bucket holds: under the pointer, or under a finger that stays ---

let tip = null;
const hush = () => { tip?.remove(); tip = null; };

const tell = (link) => {
  hush();
  if (!link) return;
  tip = document.createElement("div");
  tip.className = "tip tip-up";
  tip.textContent = bucketText(link);
  const { left, width } = link.querySelector("rect").getBoundingClientRect();
  const histogram = time().querySelector("[data-hist]");
  histogram.append(tip);
  const room = histogram.clientWidth;
  const middle = left + width / 2 - histogram.getBoundingClientRect().left;
  tip.style.left = `${clamp(middle - tip.offsetWidth / 2, 0, Math.max(0, room - tip.offsetWidth))}px`;
};

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "touch") tell(event.target.closest?.(".buckets a"));
});

const HOLD = 450; // ms
let holding = 0;

const hold = (histogram, event) => {
  clearTimeout(holding);
  let held = false;
  const begun = event.clientX;
  holding = setTimeout(() => { held = true; touch = null; tell(bucketAt(shareOf(event))); }, HOLD);
  const move = (moved) => {
    if (held) tell(bucketAt(shareOf(moved)));
    else if (Math.abs(moved.clientX - begun) > 10) clearTimeout(holding);
  };
  const end = () => {
    clearTimeout(holding);
    document.removeEventListener("pointermove", move);
    if (held) noClick();
  };
  document.addEventListener("pointermove", move);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, end, { once: true });
};
document.addEventListener("contextmenu", (event) => {
  if (event.target.closest?.("[data-hist]") && (tip || event.pointerType === "touch")) event.preventDefault();
});

// --- two fingers make the period longer or shorter; one that wipes goes to the next ---

let touch = null;
let pinch = 0;
const spread = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);

document.addEventListener("touchstart", (event) => {
  const strip = event.target.closest(".strip");
  touch = strip && !widened && event.touches.length === 1 && !event.target.closest("[role=slider]") ? event.touches[0] : null;
  pinch = strip && event.touches.length === 2 ? spread(event.touches) : 0;
}, { passive: true });

document.addEventListener("touchmove", (event) => {
  if (!pinch || event.touches.length !== 2) return;
  const by = spread(event.touches) / pinch;
  if (by > 0.7 && by < 1.4) return;
  pinch = 0;
  clearTimeout(holding);
  press(by > 1 ? "[data-zoom=in]" : "[data-zoom=out]");
}, { passive: true });

document.addEventListener("touchend", (event) => {
  pinch = 0;
  if (!touch) return;
  const way = event.changedTouches[0].clientX - touch.clientX;
  touch = null;
  if (Math.abs(way) > 60) press(way > 0 ? "[rel=prev]" : "[rel=next]");
}, { passive: true });

// --- the selected period as wide as the window, to find a moment in it ---

let widened = false;

const widen = (on) => {
  widened = on;
  time().toggleAttribute("data-widened", on);
  const button = time().querySelector("[data-widen]");
  button.setAttribute("aria-pressed", String(on));
  button.title = on ? "Back to all periods" : "Widen, to find a moment";
};

const toggle = () => {
  const from = time().querySelector("[data-selected]").offsetWidth;
  widen(!widened);
  const box = time().querySelector("[data-selected]");
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    box.animate([{ transform: `scaleX(${from / box.offsetWidth})` }, { transform: "none" }], { duration: 320, easing: "cubic-bezier(.2, .8, .2, 1)" });
  }
  (widened ? document.getElementById("bubble") : time().querySelector("[data-widen]")).focus();
};

document.addEventListener("click", (event) => { if (event.target.closest?.(".selp .lab")) toggle(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  hush();
  if (widened && !document.querySelector("dialog[open]")) toggle();
});
document.body.addEventListener("pryv:renewed", () => { hush(); if (widened && time()) widen(true); });
