// Marks one moment in every tile: a line and dots in charts, the pin on maps, the nearest note or picture.

const parsed = new WeakMap();
const number = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 2 });
const decimal = document.documentElement.dataset.decimal === "comma" ? "," : ".";
export const text = (value) => number.format(value).replaceAll(",", "\u202f").replace(".", decimal).replace("-", "−");

const points = (element) => {
  if (!parsed.has(element)) {
    const found = (element.dataset.points || "").split(";").filter(Boolean);
    parsed.set(element, found.map((point) => point.split(",").map(Number)));
  }
  return parsed.get(element);
};

// The point nearest to a share of the width (in thousandths); they come in order.
const nearest = (list, x) => {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle][0] < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - list[low - 1][0] < list[low][0] - x ? list[low - 1] : list[low];
};

const markChart = (chart, x) => {
  const line = chart.querySelector(".xh");
  for (const name of ["x1", "x2"]) line.setAttribute(name, `${x / 10}%`);
  line.removeAttribute("visibility");
  return [...chart.querySelectorAll("circle[data-points]")].map((dot) => {
    const point = nearest(points(dot), x);
    if (!point) return null;
    const { low, high, name, unit } = dot.dataset;
    dot.setAttribute("cx", `${point[0] / 10}%`);
    dot.setAttribute("cy", `${(100 * (high - point[1])) / (high - low || 1)}%`);
    dot.removeAttribute("visibility");
    return { name, unit, value: point[1] };
  }).filter(Boolean);
};

const markTile = (chart, x) => {
  const found = markChart(chart, x);
  const tile = chart.closest(".tile");
  const head = tile?.querySelector(".val [data-value]");
  if (head && found.length) {
    const shown = head.textContent.includes("/") ? found.slice(0, 2) : found.slice(0, 1);
    head.textContent = shown.map((one) => text(one.value)).join(" / ");
  }
  tile?.querySelectorAll(".legend [data-line]").forEach((item) => {
    const one = found[Number(item.dataset.line)];
    const value = item.querySelector("[data-value]");
    if (one && value) value.textContent = `${text(one.value)} ${one.unit}`;
  });
  return found;
};

const markMap = (map, x) => {
  const pin = map.querySelector(".m-pin");
  const point = nearest(points(map), x);
  if (!pin || !point) return;
  pin.setAttribute("cx", point[1]);
  pin.setAttribute("cy", point[2]);
};

const markItems = (tile, moment) => {
  const items = [...tile.querySelectorAll(".note[data-t], .pic[data-t]")];
  if (!items.length) return;
  const distance = (item) => Math.abs(Number(item.dataset.t) - moment);
  const near = items.reduce((best, item) => (distance(item) < distance(best) ? item : best));
  items.forEach((item) => item.classList.toggle("near", item === near));
};

// `x` is the share of the period in thousandths.
export const mark = (x, moment) => {
  document.querySelectorAll("[data-chart]").forEach((chart) => markTile(chart, x));
  document.querySelectorAll("[data-map]").forEach((map) => markMap(map, x));
  document.querySelectorAll("[data-tile]").forEach((tile) => markItems(tile, moment));
};

// --- hovering a chart reads it off, and marks the same moment in all the others ---

let tip = null;
const hideTip = () => { tip?.remove(); tip = null; };

const showTip = (chart, x, title) => {
  const found = markTile(chart, x);
  hideTip();
  const plot = chart.querySelector(".plot");
  tip = document.createElement("div");
  tip.className = "tip";
  tip.append(Object.assign(document.createElement("strong"), { textContent: title }));
  const list = tip.appendChild(document.createElement("dl"));
  for (const one of found) {
    list.append(
      Object.assign(document.createElement("dt"), { textContent: one.name }),
      Object.assign(document.createElement("dd"), { textContent: `${text(one.value)} ${one.unit}` }),
    );
  }
  plot.append(tip);
  const room = plot.clientWidth - tip.offsetWidth - 12;
  tip.style.left = `${Math.max(0, x < 500 ? Math.min((plot.clientWidth * x) / 1000 + 12, room) : (plot.clientWidth * x) / 1000 - tip.offsetWidth - 12)}px`;
};

export const watchCharts = (bar) => {
  let hovered = false;
  document.addEventListener("pointermove", (event) => {
    const chart = event.target.closest?.(".tile")?.querySelector("[data-chart]");
    if (!chart || event.pointerType === "touch") {
      if (hovered) { hovered = false; hideTip(); bar.restore(); }
      return;
    }
    const box = chart.querySelector(".plot").getBoundingClientRect();
    const x = Math.round((1000 * (event.clientX - box.left)) / box.width);
    if (x < 0 || x > 1000) return;
    hovered = true;
    mark(x, bar.momentAt(x));
    showTip(chart, x, bar.words(bar.momentAt(x)));
  });
  const dim = (event, on) => {
    const item = event.target.closest?.(".legend [data-line]");
    const tile = item?.closest(".tile");
    if (!tile) return;
    tile.toggleAttribute("data-dim", on);
    tile.querySelectorAll(`[data-line="${item.dataset.line}"]`).forEach((part) => part.toggleAttribute("data-lit", on));
  };
  document.addEventListener("pointerover", (event) => dim(event, true));
  document.addEventListener("pointerout", (event) => dim(event, false));
};
