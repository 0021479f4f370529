// Another period or other streams: tiles glide to their places and show what they had, faded, until the new is there;
// the strip slides along time. Nothing moves for those who asked for calm.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const EASE = "cubic-bezier(.2, .8, .2, 1)";
let before = null;

const tiles = () => [...document.querySelectorAll("[data-tile]")];
const start = () => Number(document.getElementById("time")?.dataset.start);

// To be called before the page is swapped.
export const glide = () => {
  before = { start: start(), tiles: new Map(tiles().map((tile) => [tile.id, { tile, box: tile.getBoundingClientRect() }])) };
};

const keep = (tile, old) => {
  if (!tile.querySelector(".skel") || old.querySelector(".skel, .tile-msg, .leaflet-container")) return;
  tile.replaceChildren(...old.childNodes);
  tile.setAttribute("aria-busy", "true");
};

const moved = (from, to) => ({
  translate: `${from.left - to.left}px ${from.top - to.top}px`,
  scale: `${from.width / to.width} ${from.height / to.height}`,
  transformOrigin: "0 0",
});

const move = (tile, from) => {
  const to = tile.getBoundingClientRect();
  const seen = ({ top, bottom }) => bottom > 0 && top < innerHeight;
  if (!from) return tile.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 180 });
  const same = ["left", "top", "width", "height"].every((side) => Math.abs(from[side] - to[side]) < 1);
  if (same || !to.width || !(seen(from) || seen(to))) return null;
  return tile.animate([moved(from, to), { translate: "none", scale: "none", transformOrigin: "0 0" }], { duration: 320, easing: EASE });
};

const arrive = (old) => {
  tiles().forEach((tile) => { const known = old.tiles.get(tile.id); if (known) keep(tile, known.tile); });
  if (calm.matches) return;
  const mosaic = document.getElementById("mosaic");
  const moving = tiles().map((tile) => move(tile, old.tiles.get(tile.id)?.box)).filter(Boolean);
  mosaic?.classList.add("gliding");
  Promise.allSettled(moving.map((one) => one.finished)).then(() => mosaic?.classList.remove("gliding"));
  const way = Math.sign(start() - old.start) * 4;
  if (way) document.querySelector(".strip")?.animate([{ translate: `${way}rem 0` }, { translate: "none" }], { duration: 320, easing: EASE });
};

document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (target.id === "app" && before) arrive(before);
  if (target.id === "app") before = null;
  if (target.matches?.("[data-tile]")) target.removeAttribute("aria-busy");
});
