// Opens the consent page in a small window and tells when it is blocked or closed without an answer.

let popup = null;
let watch = 0;

const say = (text) => {
  const note = document.querySelector("[data-popup-note]");
  if (note) note.textContent = text;
};

const open = (link) => {
  const left = Math.max(0, (screen.width - 400) / 2);
  const top = Math.max(0, (screen.height - 620) / 2);
  popup = window.open(link.href, "pryv-access", `popup,width=400,height=620,left=${left},top=${top}`);
  if (!popup) {
    say("The browser blocked the window. Allow windows for this page, or use Open here instead.");
    return;
  }
  say("Waiting for your answer in the other window.");
  link.textContent = "Show the window again";
  clearInterval(watch);
  watch = setInterval(() => {
    if (popup.closed) {
      clearInterval(watch);
      say("The window was closed. Open it again, or cancel.");
    }
  }, 500);
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-popup]");
  if (!link) return;
  event.preventDefault();
  if (popup && !popup.closed) popup.focus();
  else open(link);
});

// While nothing changed the slot stays as it is: what the reader focuses is not replaced.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr, target } = event.detail;
  if (requestConfig?.path !== "/access-token/status" || target.id !== "state") return;
  if (xhr.status === 286) event.detail.swapOverride = "innerHTML";
});

// How long the request is still valid.
setInterval(() => {
  const text = document.querySelector("[data-countdown]");
  if (!text) return;
  const left = Math.max(0, Number(text.dataset.countdown) - 1);
  text.dataset.countdown = left;
  text.textContent = `The request is valid for ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} more.`;
}, 1000);

// A master token needs no permissions: those that were entered wait, locked, until it is unticked.
const lock = () => {
  const master = document.querySelector("input[name=master]");
  for (const part of document.querySelectorAll("[data-master-locks]")) part.inert = Boolean(master?.checked);
};
document.addEventListener("change", lock);
document.addEventListener("htmx:load", lock);

// Ctrl and Enter send the form, wherever the cursor is.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest("[data-ctrl-enter]")?.querySelector(".submit")?.click();
});
