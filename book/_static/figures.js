// A figure opens at full size. Its link leads to the picture; with this script the picture opens in a dialog instead.
const zoom = document.createElement("dialog");
zoom.className = "zoom";
zoom.setAttribute("aria-label", "Figure at full size");
const close = document.createElement("button");
Object.assign(close, { type: "button", textContent: "Close", autofocus: true });
const full = document.createElement("img");
zoom.append(close, full);
zoom.addEventListener("click", () => zoom.close());
document.body.append(zoom);

// In print all pictures are needed, also those that have not been scrolled to.
addEventListener("beforeprint", () => document.querySelectorAll("img[loading=lazy]").forEach((one) => (one.loading = "eager")));

for (const link of document.querySelectorAll("figure a:has(> img)")) {
  const shown = link.querySelector("img");
  link.setAttribute("aria-haspopup", "dialog");
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;  // the reader wants a new tab or window
    event.preventDefault();
    const [width, height] = ["width", "height"].map((name) => Number(shown.getAttribute(name)));
    const natural = link.href.endsWith(".svg") ? width : width / 2;  // a PNG has two pixels for each of the page
    const fitting = Math.min(0.95 * innerWidth, (0.9 * innerHeight * width) / height);
    Object.assign(full, { src: link.href, alt: shown.alt });
    full.style.width = `${Math.max(fitting, 1.2 * natural)}px`;  // on a phone larger than the screen, to be moved
    zoom.showModal();
  });
}
