// Maps that can be explored: Leaflet over the outline of the world, loaded when somebody asks for it.

const assets = () => document.getElementById("map-assets")?.dataset;
let loading = null;

const load = () => {
  loading ||= new Promise((resolve, reject) => {
    const { css, js } = assets();
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: css }));
    document.head.append(Object.assign(document.createElement("script"), { src: js, onload: resolve, onerror: reject }));
  });
  return loading;
};

let outline = null;
const world = async () => {
  outline ||= (await fetch(assets().world)).json();
  const { unit, rings } = await outline;
  return rings.map((flat) => {
    let [x, y] = [0, 0];
    const ring = [];
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      ring.push([y / unit, x / unit]);
    }
    return ring;
  });
};

// Canvas knows no variables and no light-dark(): the page works the colour out.
const colour = (variable, name, scope) => {
  const probe = scope.appendChild(Object.assign(document.createElement("i"), { className: name, hidden: true }));
  probe.style.color = `var(${variable})`;
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
};

// Positions close together on the screen are one disc with their number.
const cluster = (map, tracks, layer) => {
  layer.clearLayers();
  for (const track of tracks) {
    const cells = new Map();
    for (const [, lat, lon, count] of track.spots) {
      const point = map.latLngToLayerPoint([lat, lon]);
      const key = `${Math.floor(point.x / 60)},${Math.floor(point.y / 60)}`;
      const cell = cells.get(key) || { lat: 0, lon: 0, count: 0 };
      cell.lat += lat * count;
      cell.lon += lon * count;
      cell.count += count;
      cells.set(key, cell);
    }
    for (const { lat, lon, count } of cells.values()) {
      const text = count > 1 ? String(count) : "";
      const size = count > 1 ? 22 + 4 * text.length : 10;
      const icon = L.divIcon({ className: `m-disc ${track.css}`, html: text, iconSize: [size, size] });
      L.marker([lat / count, lon / count], { icon, title: `${track.name}: ${count}`, keyboard: false }).addTo(layer);
    }
  }
};

const explore = async (tile, button) => {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    const [answer, rings] = await Promise.all([fetch(button.dataset.points), world(), load()]);
    if (!answer.ok) throw new Error(String(answer.status));
    const { tracks, pin: here } = await answer.json();
    const box = tile.querySelector("[data-map]");
    box.replaceChildren();
    box.classList.add("map-live");
    const map = L.map(box, { attributionControl: false, worldCopyJump: true, maxZoom: 16, preferCanvas: true, zoomControl: false });
    L.control.zoom({ position: "bottomleft" }).addTo(map);
    const of = (variable, name = "") => colour(variable, name, tile);
    L.polygon(rings, {
      interactive: false, weight: 0.75, color: of("--map-border"), fillOpacity: 1,
      fillColor: of("--map-land"),
    }).addTo(map);
    const every = tracks.flatMap((track) => track.spots.map(([, lat, lon]) => [lat, lon]));
    for (const track of tracks) {
      L.polyline(track.spots.map(([, lat, lon]) => [lat, lon]), { color: of("--s", track.css), weight: 3, interactive: false }).addTo(map);
    }
    map.fitBounds(every, { padding: [24, 24], maxZoom: 10 });
    const layer = L.layerGroup().addTo(map);
    cluster(map, tracks, layer);
    map.on("zoomend", () => cluster(map, tracks, layer));
    const icon = L.divIcon({ className: "pick-pin", iconSize: [18, 18] });
    const pin = L.marker(here || every[every.length - 1], { icon, interactive: false, keyboard: false, zIndexOffset: 1000 }).addTo(map);
    const times = tracks.flatMap((track) => track.spots);
    document.body.addEventListener("highlight", ({ detail }) => {
      if (!box.isConnected || here) return;
      const near = times.reduce((best, spot) => (Math.abs(spot[0] - detail.at) < Math.abs(best[0] - detail.at) ? spot : best), times[0]);
      pin.setLatLng([near[1], near[2]]);
      if (!map.getBounds().contains(pin.getLatLng())) map.panTo(pin.getLatLng());
    });
    button.remove();
    box.focus();
  } catch {
    button.disabled = false;
    button.removeAttribute("aria-busy");
    button.title = "The map could not be loaded. Try again.";
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-explore]");
  if (button) explore(button.closest(".tile, [data-explorable]"), button);
});

// --- picking a position while adding: a pin to drag, or a place to click; the fields do the same ---

const pick = async (box) => {
  box.dataset.ready = "";
  if (!assets()) return;
  const form = box.closest("form");
  const [lat, lon] = ["latitude", "longitude"].map((name) => form.elements[`content-${name}`]);
  let rings;
  try {
    [rings] = await Promise.all([world(), load()]);
  } catch {
    return; // the fields are enough
  }
  box.hidden = false;
  const typed = () => (lat.value && lon.value ? [Number(lat.value.replace(",", ".")), Number(lon.value.replace(",", "."))] : null);
  const fits = (place) => place && place.every(Number.isFinite) && Math.abs(place[0]) <= 90 && Math.abs(place[1]) <= 180;
  const begin = fits(typed()) ? typed() : null;
  const map = L.map(box, { attributionControl: false, worldCopyJump: true, maxZoom: 16, keyboard: false }).setView(begin || [25, 8], begin ? 8 : 1);
  const style = getComputedStyle(document.documentElement);
  L.polygon(rings, {
    interactive: false, weight: 0.75, color: style.getPropertyValue("--map-border"), fillOpacity: 1,
    fillColor: style.getPropertyValue("--map-land"),
  }).addTo(map);
  const icon = L.divIcon({ className: "pick-pin", iconSize: [18, 18] });
  const pin = L.marker(begin || [0, 0], { icon, draggable: true, keyboard: false, alt: "The position" });
  if (begin) pin.addTo(map);
  const set = ({ lat: y, lng: x }) => {
    pin.setLatLng([y, x]).addTo(map);
    lat.value = y.toFixed(6);
    lon.value = (((x + 540) % 360) - 180).toFixed(6);
    form.setAttribute("data-changed", "");
  };
  pin.on("dragend", () => set(pin.getLatLng()));
  map.on("click", ({ latlng }) => set(latlng));
  form.addEventListener("input", ({ target }) => {
    if ((target !== lat && target !== lon) || !fits(typed())) return;
    pin.setLatLng(typed()).addTo(map);
    map.panTo(typed());
  });
};

const pickAll = () => document.querySelectorAll("[data-pick-map]:not([data-ready])").forEach(pick);
document.addEventListener("htmx:afterSettle", () => setTimeout(pickAll));
pickAll();
