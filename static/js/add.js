// Adding: files one by one with progress, what pictures tell, dropping and pasting, finding a stream, the position.

const $ = (scope, selector) => scope.querySelector(selector);
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
const base = () => location.pathname.split("/").slice(0, 3).join("/");
const LOOKED_AT = 256 * 1024; // bytes of a picture that tell its time and place
const SIZES = ["B", "kB", "MB", "GB"];

const size = (bytes) => {
  let step = 0;
  let left = bytes;
  while (left >= 1000 && step < 3) { left /= 1000; step += 1; }
  return `${left < 10 && step ? left.toFixed(1) : Math.round(left)} ${SIZES[step]}`;
};

const make = (tag, className = "", text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};

// --- files of the pictures and files forms: a row each, sent one by one ---

const waiting = new WeakMap(); // form → rows

const rowsOf = (form) => {
  if (!waiting.has(form)) waiting.set(form, []);
  return waiting.get(form);
};

const oneByOne = (form) => ["picture", "file"].includes(form.dataset.kind) && !form.elements.together?.checked;

const field = (label, name, type, value) => {
  const box = make("label", "field", "");
  box.append(make("span", "hint", label));
  const input = make("input", "input input-sm");
  Object.assign(input, { type, name, value: value || "" });
  if (type === "datetime-local") input.step = 1;
  box.append(input);
  return box;
};

const tell = async (row) => {
  const form = new FormData();
  form.append("file", row.file.slice(0, LOOKED_AT, row.file.type), row.file.name);
  const answer = await fetch(`${base()}/add/look`, { method: "POST", body: form, headers: { "X-CSRFToken": csrf() } });
  if (!answer.ok) return;
  const { time, place } = await answer.json();
  const when = $(row.item, "[name=row-time]");
  if (time) { when.value = time; when.previousSibling.textContent = "Time, as the picture tells"; }
  if (!place) return;
  const offer = make("label", "tickline");
  const box = make("input", "check");
  Object.assign(box, { type: "checkbox", name: "row-place" });
  offer.append(box, document.createTextNode(`Add the place too (${place[0].toFixed(3)}, ${place[1].toFixed(3)})`));
  $(row.item, ".row-fields").append(offer);
};

const addRow = (form, file) => {
  const item = make("li");
  const thumb = make("span", "th");
  if (file.type.startsWith("image/")) {
    const picture = make("img");
    picture.alt = "";
    picture.src = URL.createObjectURL(file);
    picture.onload = () => URL.revokeObjectURL(picture.src);
    thumb.append(picture);
  }
  const row = { file, item, done: false };
  const state = make("span", "st", size(file.size));
  const end = make("span", "end");
  const drop = make("button", "btn btn-sm", "Remove");
  drop.type = "button";
  drop.setAttribute("aria-label", `Remove ${file.name}`);
  drop.addEventListener("click", () => {
    row.request?.abort();
    item.remove();
    rowsOf(form).splice(rowsOf(form).indexOf(row), 1);
    note(form);
  });
  end.append(drop);
  item.append(thumb, make("span", "nm", file.name), state, end);
  if (form.dataset.kind === "picture") {
    const fields = make("span", "row-fields");
    const changed = new Date(file.lastModified - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 19);
    fields.append(field("Time of the file", "row-time", "datetime-local", changed), field("Description", "row-description", "text"));
    item.append(fields);
  }
  rowsOf(form).push(row);
  $(form, "[data-uploads]").append(item);
  if (form.dataset.kind === "picture") tell(row);
};

const note = (form) => {
  const left = rowsOf(form).filter((row) => !row.done).length;
  const place = $(form, "[data-upload-note]");
  if (place) place.textContent = left ? `${left} ${left === 1 ? "file" : "files"} to add.` : "";
};

const take = (form, files) => {
  const kept = form.dataset.kind === "picture" ? files.filter((file) => file.type.startsWith("image/")) : files;
  kept.forEach((file) => addRow(form, file));
  form.setAttribute("data-changed", "");
  note(form);
  const input = form.elements.uploads;
  if (["picture", "file"].includes(form.dataset.kind)) { input.value = ""; input.required = false; }
};

const mark = (row, kind, text) => {
  row.item.className = kind;
  $(row.item, ".st").textContent = text;
};

const errorOf = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector(".hint-bad, .alert-bad strong, .alert-bad")?.textContent.trim() || "It could not be added.";
};

const send = (form, row) => new Promise((resolve) => {
  const data = new FormData(form);
  data.delete("uploads");
  data.append("uploads", row.file, row.file.name);
  const time = $(row.item, "[name=row-time]")?.value;
  const words = $(row.item, "[name=row-description]")?.value;
  if (time) data.set("time", time);
  if (words) data.set("description", words);
  data.delete("as_taken");
  data.delete("with_place");
  if ($(row.item, "[name=row-place]")?.checked) data.set("with_place", "on");
  const request = new XMLHttpRequest();
  row.request = request;
  const bar = make("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", `Upload of ${row.file.name}`);
  mark(row, "", "");
  $(row.item, ".st").append(bar);
  request.upload.onprogress = (event) => { bar.value = (100 * event.loaded) / event.total; };
  request.onload = () => {
    row.done = request.status === 201;
    if (row.done) { row.ids = JSON.parse(request.responseText).ids; mark(row, "ok", `${size(row.file.size)}, added`); }
    else mark(row, "bad", request.status === 422 ? errorOf(request.responseText) : "It could not be added.");
    resolve();
  };
  request.onerror = () => { mark(row, "bad", "The server could not be reached."); resolve(); };
  request.onabort = resolve;
  request.open("POST", form.getAttribute("action") || location.href);
  request.setRequestHeader("X-CSRFToken", csrf());
  request.setRequestHeader("X-Requested-With", "upload");
  request.send(data);
});

const sendAll = async (form) => {
  const button = $(form, ".btn-primary");
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  button.textContent = "Adding…";
  for (const row of rowsOf(form).filter((one) => !one.done)) await send(form, row); // eslint-disable-line no-await-in-loop
  button.disabled = false;
  button.removeAttribute("aria-busy");
  const left = rowsOf(form).filter((row) => !row.done).length;
  button.textContent = left ? "Try again" : "Add entry";
  $(form, "[data-upload-note]").textContent = left ? `${left} could not be added; the others are.` : "";
  if (left) return;
  form.removeAttribute("data-changed");
  const ids = rowsOf(form).flatMap((row) => row.ids);
  await htmx.ajax("POST", `${base()}/add/done`, { values: { id: ids }, target: "#toasts", swap: "outerHTML" });
  if (!form.closest("dialog")) { location.href = `${base()}/`; return; }
  document.body.dispatchEvent(new CustomEvent("pryv:added"));
};

const held = (event) => {
  const form = event.target.closest?.("form[data-add]");
  if (!form || !rowsOf(form).length || !oneByOne(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  sendAll(form);
};
document.addEventListener("submit", held, true);
// Files of one entry, and files that go together, are given back to the form's own field.
document.addEventListener("formdata", (event) => {
  const form = event.target;
  if (!form.matches?.("form[data-add]") || !rowsOf(form).length || oneByOne(form)) return;
  event.formData.delete("uploads");
  rowsOf(form).forEach((row) => event.formData.append("uploads", row.file, row.file.name));
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-add]");
  if (form && event.target.name === "uploads" && ["picture", "file"].includes(form.dataset.kind)) {
    take(form, [...event.target.files]);
  }
});

// --- dropping and pasting anywhere on the page ---

const openWith = async (files) => {
  const form = document.querySelector("dialog form[data-add], .add-page[data-add]");
  if (form && ["picture", "file"].includes(form.dataset.kind)) { take(form, files); return; }
  if (form) {
    const carrier = new DataTransfer();
    [...form.elements.uploads.files, ...files].forEach((file) => carrier.items.add(file));
    form.elements.uploads.files = carrier.files;
    form.elements.uploads.closest("details")?.setAttribute("open", "");
    return;
  }
  if (!document.getElementById("dialog")) return;
  const kind = files.every((file) => file.type.startsWith("image/")) ? "picture" : "file";
  await htmx.ajax("GET", `${base()}/add?kind=${kind}`, { target: "#dialog", swap: "innerHTML" });
  const made = document.querySelector("dialog form[data-add]");
  if (made) take(made, files);
};

const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (!carriesFiles(event) || event.target.closest("#panel .drop")) return;
  event.preventDefault();
  openWith([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files || [])];
  if (files.length) { event.preventDefault(); openWith(files); }
});

// --- the stream chooser ---

document.addEventListener("input", (event) => {
  const scope = event.target.closest("[data-pick]");
  if (scope && event.target.matches("[data-pick-find]")) {
    const wanted = event.target.value.trim().toLowerCase();
    scope.querySelectorAll("li").forEach((row) => {
      const name = row.querySelector(".name").textContent.toLowerCase();
      row.hidden = !name.includes(wanted) && !row.querySelector(".newrow");
    });
  }
  if (event.target.name === "new_stream" && event.target.value) {
    event.target.closest("form").querySelector('input[name="stream"][value="+"]').checked = true;
  }
});

// --- the position of the device ---

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-locate]");
  if (!button) return;
  const form = button.closest("form");
  const say = $(form, "[data-locate-note]");
  say.textContent = "Looking for your position…";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const fill = (name, value) => {
        const input = form.elements[`content-${name}`];
        if (!input || value === null) return;
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      };
      fill("latitude", coords.latitude.toFixed(6));
      fill("longitude", coords.longitude.toFixed(6));
      fill("altitude", coords.altitude === null ? null : Math.round(coords.altitude));
      fill("horizontalAccuracy", Math.round(coords.accuracy));
      say.textContent = "Found.";
    },
    () => { say.textContent = "The position is not available. Type it in, or pick it on the map."; },
  );
});
