// The elements of the player, without its logic: controls with labels, pictures with scores, folds.
anogenLive.panel = (place, offers, on) => {
  const { make, picture, short, words, control, settings, Curve } = anogenLive;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;  // then a reader goes on by steps only
  const choose = (name, label, options, changed) => control({ name, label, options }, changed);
  const number = (name, label, given) => control({ name, label, min: 1, step: 1, value: 1, ...given }, on.restart);
  const button = (text, press) => {
    const made = make("button", { type: "button", textContent: text });
    made.addEventListener("click", press);
    return made;
  };
  const row = (...content) => make("div", { className: "controls" }, ...content);
  const fold = (title, ...content) => make("details", {}, make("summary", { textContent: title }), ...content);
  const text = (className, role = null) => make("p", role ? { className, role } : { className });

  const own = [
    choose("offer", "Detector", offers.map(({ title }, i) => [i, title]), on.changeOffer),
    choose("digit", "Trained on", [], on.changeDigit),
    number("runs", "Starts", { max: 16 }),
    choose("k", "Fixed pixels", [], on.changeMask),
    choose("pair", "of real image", [], on.changeMask),
    number("n_generations", "Generations", { max: 1_000_000 }),
    number("seed", "Seed", { value: null, min: 0, max: 2 ** 32 - 1, placeholder: "as published" }),
  ];
  const more = settings(on.restart);
  const form = Object.fromEntries([...own, ...more.controls].map((one) => [one.name, one]));
  const elements = (...names) => row(...names.map((name) => form[name].element));
  const strides = [["auto", "growing"], ["1", "1"], ["10", "10"], ["100", "100"], ["1000", "1,000"], ["all", "to the end"]];
  const speed = choose("speed", "Generations a picture", still ? strides : strides.slice(0, -1), () => {});
  const run = button("Pause", on.toggle);
  run.hidden = still;
  const images = make("div", { className: "images" }), counter = make("span", { className: "counter" });
  const curve = new Curve("Lowest score by generation or step, a line for each start");
  const compare = text("compare"), source = text("source"), problem = text("problem", "alert");
  const verdict = text("verdict", "status"), said = text("heard", "status"), padSaid = text("", "status");
  const pad = make("canvas", { className: "pad", "aria-label": "Fixed pixels. Arrow keys move, Space fixes or frees a pixel." });
  const program = make("pre", { tabIndex: 0 }), link = make("a", { textContent: "Link to this run" });
  const selectProgram = () => getSelection().selectAllChildren(program);
  const masking = fold("Draw the fixed pixels",
    make("p", {}, "Blue pixels are free; the others keep the values of a real image. Draw with a finger or the mouse, or move ",
      "with the arrow keys and press Space."),
    pad, padSaid, row(button("Free all pixels", on.freeAll)));

  place.append(
    elements("offer", "digit", "runs", "k", "pair"),
    make("div", { className: "stage" }, images, curve.svg),
    row(run, button("Step", on.step), button("Reset", on.restart), speed.element, counter),
    compare, source, verdict, problem, said,
    fold("Settings", elements("n_generations", "seed", ...more.controls.map(({ name }) => name))),
    masking,
    fold("Save, link, Python",
      row(button("Picture (PNG)", () => on.save("picture")), button("Images (.npy)", () => on.save("images")),
        button("Scores (.npy)", () => on.save("scores")), link),
      make("p", { textContent: "The same in Python, in a clone of this book with its environment:" }),
      make("div", { className: "copied" }, ...copyButton("Copy", () => program.textContent, selectProgram), program)),
  );

  // Show images (n, d), each with a name that is read aloud and a text below it.
  const cells = [];
  function show(index, values, shape, name, caption) {
    if (!cells[index]) {
      cells[index] = { canvas: make("canvas", { role: "img" }), caption: make("p") };
      images.append(make("div", {}, cells[index].canvas, cells[index].caption));
    }
    picture(cells[index].canvas, values, shape);
    cells[index].canvas.setAttribute("aria-label", `${name}: ${caption}`);
    cells[index].caption.textContent = caption;
  }
  // Empty what a search has written, and show the program and the address of the next one.
  function begin(plan, address) {
    cells.length = 0;
    images.replaceChildren();
    for (const one of [verdict, compare, problem, counter]) one.textContent = "";
    source.textContent = plan.source;
    program.textContent = plan.python;
    link.href = address;
    curve.reset(plan.last, plan.marks, plan.unit.toLowerCase());
    form.n_generations.element.firstChild.data = `${plan.unit}s `;
    speed.element.firstChild.data = `${plan.unit}s a picture `;
  }
  return { form, follow: more.follow, speed, run, counter, curve, compare, verdict, said, problem, pad, padSaid, masking, still, show, begin,
    canvases: () => cells.map(({ canvas }) => canvas) };
};
