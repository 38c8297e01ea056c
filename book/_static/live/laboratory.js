// The laboratory: all exported detectors score one drawing, and search from it, or from one noise, side by side.
anogenLive.openLaboratory = async (place) => {
  const { make, control, picture, drawable, short, words, Search } = anogenLive;
  const offers = JSON.parse(place.dataset.live);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;  // then a reader goes on by steps only
  const SIDE = 28, POPULATION = 150, LANES = Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1));
  const drawing = new Float32Array(SIDE * SIDE);
  let cards = [], playing = false, running = 0, inView = true, cursor = -1;

  // --- controls
  const button = (text, press) => {
    const made = make("button", { type: "button", textContent: text });
    made.addEventListener("click", press);
    return made;
  };
  const offersOf = (one) => offers.filter((offer) => offer.digits.includes(one));
  const digits = [...new Set(offers.flatMap((offer) => offer.digits))].sort();
  const digit = control({ label: "Trained on", options: digits }, change), count = (one) => offersOf(one).length;
  digit.set(digits.reduce((best, one) => (count(one) > count(best) ? one : best)));
  const from = control({ label: "Start from", options: [["noise", "noise"], ["drawing", "the drawing"]] }, restart);
  const method = control({ label: "Search", options: ["evolution", "gradient"] }, restart);
  const seed = control({ label: "Seed", value: 0, min: 0, max: 2 ** 32 - 1, step: 1 }, restart);
  const erase = control({ label: "Erase", value: false }, () => {});
  const stride = control({ label: "Generations a step", value: 10, min: 1, max: 10_000, step: 1 }, () => {});
  const run = button("Go", () => turn(!playing));
  run.hidden = still;
  const said = make("p", { role: "status" }), pad = make("canvas", { className: "pad", width: SIDE, height: SIDE });
  pad.setAttribute("aria-label", "Your drawing. Arrow keys move, Space draws.");
  const grid = make("div", { className: "cards" });
  place.append(
    make("div", { className: "bench" },
      make("div", {}, pad, make("div", { className: "controls" }, erase.element, button("Clear", clear))),
      make("div", {},
        make("p", {}, "Draw a digit with a finger or the mouse, or move with the arrow keys and press Space. Each detector scores the ",
          "drawing. Blue and orange show its gradient: pixels that have to become darker or brighter for the score to fall."),
        make("div", { className: "controls" }, digit.element, from.element, method.element, seed.element),
        make("div", { className: "controls" }, run, button("Step", step), button("Reset", restart), stride.element),
        said)),
    grid,
  );

  // --- the drawing: a soft brush, about as wide as the strokes of MNIST
  function drawPad() {
    picture(pad, drawing, [SIDE, SIDE], (i, shown) => (i === cursor ? [213, 94, 0] : shown));
  }
  function paint(row, column) {
    for (let y = Math.max(0, row - 2); y <= Math.min(SIDE - 1, row + 2); y += 1) {
      for (let x = Math.max(0, column - 2); x <= Math.min(SIDE - 1, column + 2); x += 1) {
        const ink = Math.min(1, Math.max(0, 1.7 - Math.hypot(y - row, x - column))), i = SIDE * y + x;
        drawing[i] = erase.get() ? Math.min(drawing[i], 1 - ink) : Math.max(drawing[i], ink);
      }
    }
    drawPad();
  }
  drawable(pad, paint, {
    end: drawn,
    moved: (row, column) => {
      cursor = SIDE * row + column;
      said.textContent = `Row ${row + 1}, column ${column + 1}.`;
      drawPad();
    },
  });
  pad.addEventListener("blur", () => {
    cursor = -1;
    drawPad();
  });
  function clear() {
    drawing.fill(0);
    drawPad();
    drawn();
  }
  function drawn() {
    cards.forEach(measure);
    if (from.get() === "drawing") restart();
  }

  // --- a card for each detector
  async function change() {
    cards.forEach(({ search }) => search.close());
    const wanted = digit.get(), load = async (offer) => card(await anogenLive.detector(`${offer.name}-${wanted}`));
    const made = await Promise.all(offersOf(wanted).map(load));
    if (wanted !== digit.get()) return made.forEach(({ search }) => search.close());  // another was chosen in the meantime
    cards = made;
    grid.replaceChildren(...cards.map(({ element }) => element));
    cards.forEach(measure);
    await restart();
  }
  async function card(detector) {
    const search = new Search(detector), { differentiable } = await search.loaded;
    const [image, slope] = ["search", "gradient"].map((name) => make("canvas", { role: "img", "aria-label": `${detector.title}: ${name}` }));
    const [score, now] = ["score", "now"].map((className) => make("p", { className }));
    slope.hidden = !differentiable;
    const element = make("div", {}, make("h2", { textContent: detector.title }), make("div", { className: "pair" }, image, slope), score, now);
    return { detector, differentiable, search, image, slope, score, now, element, state: null, busy: false };
  }
  async function measure(one) {
    const { detector, search, score, slope } = one;
    const answer = await search.ask({ type: "score", rows: drawing.slice(), gradient: true });
    if (!answer) return;
    const [value] = answer.scores, { median } = detector;
    score.textContent = `Your drawing: ${short(value)}`;
    if (median !== null) score.append(`, ${value < median ? "more" : "less"} normal than the median real image, ${short(median)}`);
    if (!answer.gradients) return;
    const most = Math.max(...answer.gradients.map(Math.abs)) || 1;
    picture(slope, answer.gradients, detector.shape, (i) => {
      const down = -answer.gradients[i] / most, [r, g, b] = down > 0 ? [213, 94, 0] : [0, 114, 178], share = Math.abs(down);
      return [r * share, g * share, b * share];
    });
  }

  // --- the searches
  async function restart() {
    const gradient = method.get() === "gradient";
    await Promise.all(cards.map(async (one) => {
      one.state = null;
      one.element.classList.toggle("idle", gradient && !one.differentiable);
      if (gradient && !one.differentiable) {
        one.now.textContent = "This score has no gradient.";
        return;
      }
      const settings = { method: method.get(), random_state: seed.get(), population_size: POPULATION, n_generations: 1e9, n_iterations: 1e9 };
      if (from.get() === "drawing") {
        const copies = new Float32Array(POPULATION * drawing.length);
        for (let i = 0; i < POPULATION; i += 1) copies.set(drawing, i * drawing.length);
        Object.assign(settings, gradient ? { start: drawing.slice() } : { initial_population: copies });
      }
      const [search, begun] = [one.search, await one.search.ask({ type: "start", settings })];
      if (begun && search === one.search) show(one, begun);
    }));
    go();
  }
  function show(one, state) {
    one.state = state;
    picture(one.image, state.images, one.detector.shape);
    one.now.textContent = `Generation ${words(state.generation)}: ${short(state.scores[0])}`;
  }
  // Advance the search that is furthest behind; some at a time, as many as the computer has cores to spare.
  async function advance(generations, milliseconds) {
    const [one] = cards.filter(({ state, busy }) => state && !busy).sort((a, b) => a.state.generation - b.state.generation);
    if (!one) return false;
    one.busy = true;
    const state = await one.search.ask({ type: "advance", generations, milliseconds });
    one.busy = false;
    if (state && one.state) show(one, state);
    return true;
  }
  const watched = () => playing && inView && !document.hidden;
  async function go() {
    while (running < LANES && watched()) lane();
  }
  async function lane() {
    running += 1;
    while (watched() && (await advance(stride.get() ?? 1, 60))) await new Promise(requestAnimationFrame);
    running -= 1;
  }
  async function step() {
    turn(false);
    for (const _ of cards.filter(({ state }) => state)) await advance(stride.get() ?? 1);
    said.textContent = "All detectors went on.";
  }
  function turn(going) {
    playing = going;
    run.textContent = going ? "Pause" : "Go";
    go();
  }

  document.addEventListener("visibilitychange", go);
  const observer = new IntersectionObserver((entries) => {
    inView = entries.at(-1).isIntersecting;
    go();
  });
  observer.observe(place);
  drawPad();
  await change();
  return () => {
    playing = false;
    cards.forEach(({ search }) => search.close());
    observer.disconnect();
    document.removeEventListener("visibilitychange", go);
  };
};
