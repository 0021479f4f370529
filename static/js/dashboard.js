// The stream tree: three-state boxes, the sheet on small screens, dropdowns that close.

const boxes = () => [...document.querySelectorAll('[data-tree] input[name="s"]')];

const below = (all, index) => {
  const depthOf = (box) => Number(box.closest("[data-row]").dataset.depth);
  const depth = depthOf(all[index]);
  const rest = all.slice(index + 1);
  const end = rest.findIndex((box) => depthOf(box) <= depth);
  return end < 0 ? rest : rest.slice(0, end);
};

const settle = () => {
  const all = boxes();
  all.forEach((box, index) => {
    const inside = below(all, index);
    const ticked = inside.filter((other) => other.checked).length + Number(box.checked);
    box.indeterminate = ticked > 0 && ticked < inside.length + 1;
    box.classList.toggle("mixed", box.indeterminate);
  });
};

// In the capture phase, so that the boxes stand right before the form is sent.
document.addEventListener("change", (event) => {
  const all = boxes();
  const index = all.indexOf(event.target);
  if (index < 0) return;
  below(all, index).forEach((box) => { box.checked = event.target.checked; });
  settle();
}, true);

document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-tree-toggle]");
  if (toggle) {
    const open = document.body.classList.toggle("tree-open");
    toggle.setAttribute("aria-expanded", String(open));
  }
  document.querySelectorAll("details.menu[open], details.pop-at[open]").forEach((box) => {
    if (!box.contains(event.target)) box.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.body.classList.remove("tree-open");
  document.querySelectorAll("details.menu[open], details.pop-at[open]").forEach((box) => { box.open = false; });
});

document.addEventListener("htmx:afterSwap", settle);
settle();
