// Changes made elsewhere: the server says what kind of thing changed, the page asks again.
// A stream while the page is seen; where it can't be held, a question every half minute.

const path = `${location.pathname.split("/").slice(0, 3).join("/")}/live`;
const KINDS = ["events", "streams", "accesses", "account"];
const EVERY = 30000;
let source = null;
let last = "";
let timer = 0;

const fire = (kind) => document.body.dispatchEvent(new CustomEvent(`pryv:${kind}`));

const poll = async () => {
  try {
    const answer = await fetch(`${path}?poll=1&since=${last}`, { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) {
      const { id, changed } = await answer.json();
      last = String(id);
      changed.forEach(fire);
    }
    document.body.classList.remove("offline");
  } catch {
    document.body.classList.add("offline");
  }
};

const stop = () => {
  source?.close();
  source = null;
  clearInterval(timer);
};

const fallBack = () => {
  stop();
  timer = setInterval(poll, EVERY);
};

const start = () => {
  stop();
  source = new EventSource(last ? `${path}?since=${last}` : path);
  const note = (event) => { if (event.lastEventId) last = event.lastEventId; document.body.classList.remove("offline"); };
  source.addEventListener("message", note);
  KINDS.forEach((kind) => source.addEventListener(kind, (event) => { note(event); fire(kind); }));
  source.addEventListener("bye", () => { stop(); htmx.ajax("GET", `${path}?poll=1`, { target: "#toasts", swap: "outerHTML" }); });
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) fallBack();
    else if (!navigator.onLine) document.body.classList.add("offline");
  });
};

document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else start(); });
addEventListener("online", start);
addEventListener("pagehide", stop);
if (!document.hidden) start();

// --- bringing the dashboard up to date without a flicker, and without taking the focus away ---

const GAP = 3000; // ms between two refreshes
let due = 0;
let latest = 0;
let pending = false;

const held = (element) => element?.contains(document.activeElement) || element?.querySelector("details.menu[open], details.pop-at[open], [data-changed]");
const seen = (element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};
const plan = (scope) => [...scope.querySelectorAll(".island, [data-tile]")].map((e) => `${e.id}|${e.className}`).join();

const sent = new WeakMap(); // what the server sent; the page may have dressed it up since

const renew = (old, fresh) => {
  if (!old || !fresh || held(old) || (sent.get(old) ?? old.outerHTML) === fresh.outerHTML) return;
  sent.set(fresh, fresh.outerHTML);
  old.replaceWith(fresh);
  htmx.process(fresh);
};

const renewTiles = (old, fresh) => {
  fresh.querySelectorAll("[data-tile]").forEach((tile) => {
    const before = document.getElementById(tile.id);
    if (!before || held(before)) return;
    if (seen(before)) htmx.trigger(before, "refresh");
    else if (!before.querySelector(".skel")) { before.replaceWith(tile); htmx.process(tile); }
  });
  old.querySelectorAll(".island > header").forEach((head, index) => {
    const next = fresh.querySelectorAll(".island > header")[index];
    if (next && !held(head)) head.innerHTML = next.innerHTML;
  });
};

const renewMain = (old, fresh) => {
  fresh.querySelectorAll("[data-tile]").forEach((tile) => {
    const before = document.getElementById(tile.id);
    if (before && !before.querySelector(".skel")) {
      tile.replaceChildren(...before.childNodes);
      queueMicrotask(() => { if (seen(tile)) htmx.trigger(tile, "refresh"); });
    }
  });
  const place = scrollY;
  old.replaceWith(fresh);
  htmx.process(fresh);
  scrollTo(0, place);
};

const offer = (main, apply) => {
  if (document.querySelector(".main > .pill")) return;
  const pill = document.createElement("button");
  pill.className = "btn btn-primary btn-sm pill";
  pill.type = "button";
  pill.textContent = "New data – update";
  pill.addEventListener("click", () => { pill.remove(); main.setAttribute("tabindex", "-1"); main.focus(); apply(); });
  main.prepend(pill);
};

const refresh = async () => {
  latest = Date.now();
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.getElementById("main");
  const fresh = page.getElementById("main");
  if (!main || !fresh) return;
  renew(document.querySelector(".time"), page.querySelector(".time"));
  renew(document.getElementById("tree"), page.getElementById("tree"));
  const same = main.querySelector("[data-tile]") && plan(main) === plan(fresh);
  if (same) {
    renew(main.querySelector(".main-head"), fresh.querySelector(".main-head"));
    renewTiles(main, fresh);
  } else if (held(main)) offer(main, () => renewMain(document.getElementById("main"), fresh));
  else renewMain(main, fresh);
  follow();
};

const schedule = () => {
  if (!document.getElementById("app")) return;
  if (document.hidden) { pending = true; return; }
  clearTimeout(due);
  due = setTimeout(refresh, Math.max(300, latest + GAP - Date.now()));
};
// While the server adds up what it hasn't yet, the page asks again.
const follow = () => { if (document.querySelector("[data-unfinished]")) schedule(); };
follow();
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target?.id === "app") follow(); });
["pryv:events", "pryv:streams", "pryv:changed"].forEach((name) => document.body.addEventListener(name, schedule));
document.addEventListener("visibilitychange", () => { if (!document.hidden && pending) { pending = false; schedule(); } });
