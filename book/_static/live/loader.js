// *Play* below a figure. A page loads only this file: the player, the engine and the data of a detector are scripts, so that
// they work from a folder, too, and they are loaded when a reader presses *play* or opens a link to a run.
Object.assign((globalThis.anogenLive ??= { parts: [], data: {} }), (() => {
  const folder = new URL(".", document.currentScript.src).href;
  const ENGINE = [
    "random", "kernel", "numbers", "isolation", "tails", "products", "networks", "autoencoder", "scorers", "search", "coding", "engine",
  ];
  const PAGE = ["drawing", "files", "controls", "panel", "plan", "player"];
  const requested = new Map();

  // Load a file of this folder once.
  function load(name) {
    if (!requested.has(name)) {
      requested.set(name, new Promise((resolve, reject) => {
        const style = name.endsWith(".css"), element = document.createElement(style ? "link" : "script");
        Object.assign(element, style ? { rel: "stylesheet", href: folder + name } : { async: false, src: folder + name });
        Object.assign(element, { onload: resolve, onerror: () => reject(new Error(`${name} is missing`)) });
        document.head.append(element);
      }));
    }
    return requested.get(name);
  }
  // Return the data of a detector such as "cblof-mnist-4".
  const detector = (key) => anogenLive.fetch(key, `${folder}data/`);

  // Put a button in front of a place; pressed, it opens the player or the laboratory there, and closes it again.
  function offer(place) {
    const laboratory = place.matches(".laboratory"), name = laboratory ? "Start the laboratory" : "play";
    const button = Object.assign(document.createElement("button"), { type: "button", className: "play", textContent: name });
    let close = null;
    async function press(linked) {
      place.hidden = Boolean(close);
      button.setAttribute("aria-expanded", String(!close));
      if (close) {
        (await close)();
        close = null;
        place.replaceChildren();
        return;
      }
      const scripts = [...ENGINE, ...PAGE, ...(laboratory ? ["laboratory"] : [])];
      close = Promise.all(["live.css", ...scripts.map((one) => `${one}.js`)].map(load))
        .then(() => (laboratory ? anogenLive.openLaboratory : anogenLive.openPlayer)(place, linked))
        .catch((error) => {
          place.textContent = error.message;
          return () => {};
        });
    }
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => press(null));
    const actions = place.parentElement.querySelector(":scope > .actions");
    actions ? actions.prepend(button) : place.before(button);
    const linked = new URLSearchParams(location.hash.slice(1));  // of a run: #live=FIGURE&seed=3&...
    if (linked.get("live") === place.dataset.figure) {
      press(linked);
      button.scrollIntoView({ block: "center" });
    }
  }
  return { detector, offer };
})());
document.querySelectorAll(".live-figure").forEach(anogenLive.offer);
