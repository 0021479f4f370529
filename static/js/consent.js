// Guards of the consent page: no answer before the page was looked at; Escape refuses.

const DELAY = 500; // milliseconds
const guarded = [...document.querySelectorAll("[data-guard]")];
let timer = 0;

const disarm = () => {
  clearTimeout(timer);
  guarded.forEach((button) => { button.disabled = true; });
};

const arm = () => {
  clearTimeout(timer);
  timer = setTimeout(() => { guarded.forEach((button) => { button.disabled = false; }); }, DELAY);
};

if (guarded.length) {
  disarm();
  addEventListener("focus", arm);
  addEventListener("blur", disarm);
  if (document.hasFocus()) requestAnimationFrame(arm);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector('[data-guard][value="refuse"]')?.click();
});

// What was granted before goes on by itself, unless the owner wants to look first.
const goOn = document.querySelector("[data-go-on]");
if (goOn) {
  const going = setTimeout(() => goOn.click(), 2000);
  document.querySelectorAll("[data-stay]").forEach((other) => other.addEventListener("click", () => clearTimeout(going)));
}
