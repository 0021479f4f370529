// The stream tree: folding, finding, keys, dragging a stream into another, dialogs.

const list = () => document.getElementById("tree-list");
const rows = () => [...(list()?.querySelectorAll("[data-row]") || [])];
const depth = (row) => Number(row.dataset.depth);
const name = (row) => row.querySelector(".name").textContent;
const chosen = new Map(); // what somebody opened or closed stays so while the page lives

const inside = (row) => {
  const all = rows();
  const rest = all.slice(all.indexOf(row) + 1);
  const end = rest.findIndex((other) => depth(other) <= depth(row));
  return end < 0 ? rest : rest.slice(0, end);
};

const isOpen = (row) => row.querySelector("[data-twist]")?.getAttribute("aria-expanded") === "true";

const fold = (row, open) => {
  row.querySelector("[data-twist]")?.setAttribute("aria-expanded", String(open));
  row.setAttribute("aria-expanded", String(open));
  let hiddenBelow = open ? null : depth(row);
  for (const other of inside(row)) {
    if (hiddenBelow !== null && depth(other) <= hiddenBelow) hiddenBelow = null;
    other.classList.toggle("folded", hiddenBelow !== null);
    if (hiddenBelow === null && !isOpen(other) && other.querySelector("[data-twist]")) hiddenBelow = depth(other);
  }
};

const find = (text) => {
  const wanted = text.trim().toLowerCase();
  const form = document.querySelector("[data-tree]");
  form.classList.toggle("finding", Boolean(wanted));
  let found = 0;
  for (const row of rows()) {
    const fits = name(row).toLowerCase().includes(wanted);
    row.toggleAttribute("data-miss", !fits);
    found += Number(fits);
  }
  form.querySelector("[data-tree-none]").hidden = found > 0;
};

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-tree-find]")) find(event.target.value);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-tree-find]")) event.stopPropagation();
}, true);

const openDialog = (url) => htmx.ajax("GET", url, { target: "#dialog", swap: "innerHTML" });

document.addEventListener("click", (event) => {
  const pin = event.target.closest("[data-pin]");
  if (pin) { send(pin.closest("[data-row]").dataset.row, "pin", {}); return; }
  const twist = event.target.closest("[data-twist]");
  if (twist) {
    const row = twist.closest("[data-row]");
    const open = !isOpen(row);
    chosen.set(row.dataset.row, open);
    fold(row, open);
    return;
  }
  const link = event.target.closest("[data-open-dialog]");
  if (link && document.getElementById("dialog") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    event.stopPropagation();
    openDialog(link.href);
  }
}, true);

// --- keys ---

let typed = "";
let typedAt = 0;
const shown = () => rows().filter((row) => row.offsetParent !== null);
const box = (row) => row?.querySelector("input[name=s]");

const KEYS = {
  ArrowDown: (row, all) => reach(all[all.indexOf(row) + 1]),
  ArrowUp: (row, all) => reach(all[all.indexOf(row) - 1]),
  ArrowRight: (row, all) => {
    if (!row.querySelector("[data-twist]")) return;
    if (isOpen(row)) reach(all[all.indexOf(row) + 1]);
    else { chosen.set(row.dataset.row, true); fold(row, true); }
  },
  ArrowLeft: (row, all) => {
    if (isOpen(row)) { chosen.set(row.dataset.row, false); fold(row, false); return; }
    const above = all.slice(0, all.indexOf(row)).reverse().find((other) => depth(other) < depth(row));
    reach(above);
  },
  Home: (row, all) => reach(all[0]),
  End: (row, all) => reach(all[all.length - 1]),
  " ": (row) => box(row).click(),
  Enter: (row) => row.querySelector(".only").click(),
  F2: (row) => row.querySelector(".gear").click(),
  Delete: (row) => send(row.dataset.row, "trash", { action: "trash" }),
};

// The tree has the focus: it is renewed here, and the focus goes to the row that follows.
const send = async (id, what, values) => {
  const base = location.pathname.replace(/\/$/, "");
  const place = shown().findIndex((row) => row.dataset.row === id);
  const focused = list().contains(document.activeElement);
  await htmx.ajax("POST", `${base}/streams/${encodeURIComponent(id)}/${what}`, { target: "#dialog", swap: "innerHTML", values });
  await htmx.ajax("GET", `${location.pathname}${location.search}`, { target: "#app", swap: "innerHTML show:none" });
  const all = shown();
  if (focused) reach(all[Math.min(place, all.length - 1)]);
};

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-row], [data-row] input[name=s]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest("[data-row]");
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key](row, shown());
  } else if (event.key.length === 1) {
    event.preventDefault();
    typed = Date.now() - typedAt > 800 ? event.key : typed + event.key;
    typedAt = Date.now();
    const all = shown();
    const from = all.indexOf(row) + (typed.length > 1 ? 0 : 1);
    const order = [...all.slice(from), ...all.slice(0, from)];
    reach(order.find((other) => name(other).toLowerCase().startsWith(typed.toLowerCase())));
  }
});

// --- dragging ---

let dragged = null;
const spot = (event) => event.target.closest?.("[data-drop]");
const clear = () => document.querySelectorAll(".drop").forEach((one) => one.classList.remove("drop"));
const fits = (target) => {
  const id = target?.dataset.drop;
  return dragged && id !== undefined && id !== dragged.dataset.row && !inside(dragged).some((row) => row.dataset.row === id);
};

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-row]") || null;
  dragged?.classList.add("dragged");
  event.dataTransfer?.setData("text/plain", dragged ? name(dragged) : "");
});
document.addEventListener("dragover", (event) => {
  if (!fits(spot(event))) return;
  event.preventDefault();
  clear();
  spot(event).classList.add("drop");
});
document.addEventListener("drop", (event) => {
  if (!fits(spot(event))) return;
  event.preventDefault();
  send(dragged.dataset.row, "move", { parent: spot(event).dataset.drop });
});
document.addEventListener("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; clear(); });

// A colour of one's own is meant when one is picked.
document.addEventListener("input", (event) => {
  if (event.target.matches(".swatch-input")) {
    event.target.closest("form").querySelector("input[name=colour][value=own]").checked = true;
  }
});

// --- with script the list is a tree for assistive technology: one stop for Tab, arrows within ---

const reach = (row) => {
  if (!row) return;
  rows().forEach((other) => { other.tabIndex = other === row ? 0 : -1; });
  row.focus();
};

// Rows come without what is alike in all of them but for the stream.
const equip = (row) => {
  row.draggable = true;
  row.querySelector(".trow").dataset.drop = row.dataset.row;
  const tools = document.getElementById("row-tools")?.content.cloneNode(true);
  if (!tools || row.querySelector(".row-tools")) return;
  const id = encodeURIComponent(row.dataset.row);
  tools.querySelector(".only").setAttribute("href", tools.querySelector(".only").getAttribute("href") + id);
  tools.querySelector(".gear").setAttribute("href", `${tools.querySelector(".gear").getAttribute("href")}${id}/edit`);
  tools.querySelectorAll("a, button").forEach((one) => one.setAttribute("aria-label", `${one.getAttribute("aria-label")} ${name(row)}`));
  if ("pinned" in row.dataset) Object.entries({ "aria-pressed": "true", title: "Unpin" }).forEach(([key, value]) => tools.querySelector(".pin").setAttribute(key, value));
  row.append(tools);
};

const dress = () => {
  const all = rows();
  if (!all.length) return;
  all.forEach(equip);
  const tree = list();
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-label", "Streams");
  const current = all.find((row) => row.contains(document.activeElement)) || all[0];
  for (const row of all) {
    const tick = box(row);
    row.setAttribute("role", "treeitem");
    const count = row.querySelector(".n")?.textContent;
    row.setAttribute("aria-label", count ? `${name(row)}, ${count} ${count === "1" ? "entry" : "entries"}` : name(row));
    row.setAttribute("aria-level", row.dataset.depth);
    row.setAttribute("aria-checked", tick.indeterminate ? "mixed" : String(tick.checked));
    if (row.querySelector("[data-twist]")) row.setAttribute("aria-expanded", String(isOpen(row)));
    row.tabIndex = row === current ? 0 : -1;
    row.querySelectorAll("input, button, a").forEach((inner) => { inner.tabIndex = -1; });
  }
};

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row) rows().forEach((other) => { other.tabIndex = other === row ? 0 : -1; });
});
document.addEventListener("change", (event) => { if (event.target.closest?.("[data-tree]")) dress(); });
// A filter renews the whole page: the row that had the focus has it again.
let held = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "app") held = document.activeElement?.closest?.("[data-row]")?.dataset.row || "";
});
document.addEventListener("htmx:afterSettle", (event) => {
  dress();
  if (held) reach(rows().find((row) => row.dataset.row === held));
  held = "";
  if (event.detail.requestConfig?.elt?.id === "tree-view") document.querySelector(".tree-menu summary")?.focus();
});
dress();

const keep = () => rows().forEach((row) => {
  if (chosen.has(row.dataset.row) && chosen.get(row.dataset.row) !== isOpen(row)) fold(row, chosen.get(row.dataset.row));
});
const renewed = () => { keep(); dress(); };
new MutationObserver(renewed).observe(document.getElementById("app"), { childList: true });
