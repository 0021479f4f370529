// Fills a position from the device, and picks "a new stream" when its name is typed.

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-locate]")) return;
  const note = document.querySelector("[data-locate-note]");
  note.textContent = "Looking for your position…";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      document.getElementById("id_latitude").value = coords.latitude.toFixed(6);
      document.getElementById("id_longitude").value = coords.longitude.toFixed(6);
      note.textContent = "Found.";
    },
    () => { note.textContent = "The position is not available. Type it in."; },
  );
});

document.addEventListener("input", (event) => {
  if (event.target.name === "new_stream" && event.target.value) {
    document.querySelector('input[name="stream"][value="+"]').checked = true;
  }
});
