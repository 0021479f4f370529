// What every page needs: theme switch, show and hide passwords, focus on errors, copy, time zone.

const root = document.documentElement;
root.classList.add("js");

const remember = (name, value, days) => {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${days * 86400}; SameSite=Lax${secure}`;
};

remember("tz", Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC", 365);

const switchTheme = () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  remember("theme", root.dataset.theme, 365);
};

const showPassword = (button) => {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  button.firstChild.data = shown ? "Show" : "Hide";
};

const reveal = (button) => {
  const code = document.getElementById(button.getAttribute("aria-controls"));
  const masked = code.dataset.masked === "true";
  code.querySelector("[data-secret]").textContent = masked ? code.dataset.token : code.dataset.mask;
  code.dataset.masked = String(!masked);
  button.setAttribute("aria-pressed", String(masked));
};

const copy = async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.querySelector("[data-label]") || button;
  const before = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = before; }, 2000);
};

const actions = [
  ["[data-theme-toggle]", switchTheme],
  ["[data-show-password]", showPassword],
  ["[data-reveal]", reveal],
  ["[data-copy]", copy],
  ["[data-close-window]", () => window.close()],
  ["[data-print]", () => window.print()],
];

document.addEventListener("click", (event) => {
  for (const [selector, act] of actions) {
    const target = event.target.closest(selector);
    if (target) { act(target); return; }
  }
});

// A form that is under way says so, and can't be sent twice.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const words = button?.dataset.busy || (button?.classList.contains("btn-primary") && event.target.dataset.busy);
  if (!words || event.defaultPrevented) return;
  button.dataset.rest = button.textContent;
  setTimeout(() => {
    button.textContent = words;
    button.setAttribute("aria-busy", "true");
    event.target.querySelectorAll("button[type=submit]:enabled, button:not([type]):enabled").forEach((other) => {
      other.disabled = true;
      other.dataset.held = "";
    });
  });
});

// Back from the browser's cache: nothing is under way any more.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.querySelectorAll("form [aria-busy]").forEach((button) => {
    button.textContent = button.dataset.rest;
    button.removeAttribute("aria-busy");
  });
  document.querySelectorAll("button[data-held]").forEach((button) => {
    button.disabled = false;
    delete button.dataset.held;
  });
});

// A button that must wait counts down; without script its form is told to wait.
document.querySelectorAll("[data-wait]").forEach((button) => {
  let left = Number(button.dataset.wait);
  const text = button.querySelector("[data-left]");
  button.disabled = true;
  const timer = setInterval(() => {
    left -= 1;
    text.textContent = left > 0 ? `in ${left} s` : "";
    if (left > 0) return;
    button.disabled = false;
    clearInterval(timer);
  }, 1000);
});

// Usernames know no capitals and no spaces: what is typed becomes what will be stored.
document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("[data-normalise]")) return;
  const fit = target.value.toLowerCase().replaceAll(/\s/g, "");
  if (fit !== target.value) target.value = fit;
}, true);

const settle = (scope) => {
  scope.querySelector?.("[data-focus]")?.focus();
};
settle(document);
document.addEventListener("htmx:afterSwap", (event) => settle(event.detail.target));
