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
  source.addEventListener("bye", () => { stop(); fire("bye"); });
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) fallBack();
    else if (!navigator.onLine) document.body.classList.add("offline");
  });
};

document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else start(); });
addEventListener("online", start);
addEventListener("pagehide", stop);
if (!document.hidden) start();
