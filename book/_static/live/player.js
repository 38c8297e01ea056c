// The player below a figure: a search of one of its detectors, with the settings of its record until a reader changes them.
anogenLive.openPlayer = async (place, linked) => {
  const { drawable, picture, short, words, Search } = anogenLive;
  const offers = JSON.parse(place.dataset.live);
  const on = { changeOffer: () => changeOffer(), changeDigit: () => changeDigit(), changeMask: () => oneRun(), freeAll, restart, toggle, step, save };
  const { NOISE, HALF } = anogenLive.FIRST_POPULATIONS;
  const panel = anogenLive.panel(place, offers, on), { form, curve, pad } = panel;
  let detector, record, references, defaults, search, plan, state, mask = null;
  let run = 0, playing = false, looping = false, inView = true;

  // --- which search
  const offer = () => offers[form.offer.get()];
  const key = () => `${offer().name}-${form.digit.get()}`;
  const shown = () => Object.values(form).filter(({ element }) => !element.hidden);
  const values = () => Object.fromEntries(shown().map(({ name, get }) => [name, get()]));
  async function changeOffer(given = {}) {
    form.digit.choices(offer().digits);
    form.digit.set(given.digit ?? offer().digit);
    await changeDigit(given);
  }
  // Load the detector, and set all controls to the record's settings, or to those that a link has given.
  async function changeDigit(given = {}) {
    const wanted = key(), data = await anogenLive.detector(wanted);
    if (wanted !== key()) return;  // another was chosen in the meantime
    search?.close();
    const mine = (search = new Search(data)), loaded = await mine.loaded;
    if (mine !== search) return;
    detector = { ...data, deviation: loaded.deviation };
    const { d } = data, image = (_, i) => loaded.references.subarray(i * d, (i + 1) * d);
    references = loaded.references && Array.from({ length: data.pairs.count }, image);
    record = data.records.find((one) => offer().records.includes(one.record));
    const published = data.records.flatMap(({ runs }) => runs), free = record?.runs.filter(({ settings: { k } }) => !k) ?? [];
    const ks = [...new Set(published.map(({ settings: { k } }) => k ?? 0))].filter(Boolean);
    form.k.choices([["0", "none"], ...ks.map((k) => [k, `${Math.round(100 * k)} %`]), ["drawn", "drawn by hand"]]);
    form.pair.choices((references ?? []).map((_, i) => [i, i + 1]));
    form.k.element.hidden = panel.masking.hidden = !references;
    form.method.input.disabled = !loaded.differentiable;
    form.initial_distribution.choices([...NOISE, ...(data.populations ? [HALF] : [])]);
    const changed = Object.values(form).filter(({ name }) => !["offer", "digit"].includes(name));
    const runs = record?.settings.n_generations > 30_000 ? 1 : Math.min(4, free.length || 4); // more would take an hour
    const start = { n_generations: 2500, ...record?.settings, runs, k: "0", pair: "0" };
    defaults = Object.fromEntries(changed.map(({ name, initial }) => [name, start[name] ?? initial]));
    for (const { name, set } of changed) set(given[name] ?? defaults[name]);
    mask = given.mask ? anogenLive.unpacked(given.mask, d) : null;
    await changeMask();
  }
  function changeMask() {
    const k = form.k.get();
    form.pair.element.hidden = k === "0";
    if (k === "drawn") mask ??= new Uint8Array(detector.d);
    return restart();
  }
  // A record has one run for each image and share of fixed pixels.
  function oneRun() {
    if (form.k.get() !== "0") form.runs.set(1);
    return changeMask();
  }
  function freeAll() {
    form.k.set("0");
    changeMask();
  }

  // --- fixed pixels, drawn by hand: the first pixel of a stroke decides whether pixels become fixed or free
  let fixes = true, cursor = -1;
  function drawPad() {
    if (!references) return;
    const free = (shown) => shown.map((v, c) => 0.35 * v + 0.65 * [0, 114, 178][c]);
    const colour = (i, shown) => (i === cursor ? [213, 94, 0] : mask?.[i] ? shown : free(shown));
    picture(pad, references[form.pair.get()], detector.shape, colour);
  }
  function paint(row, column, first) {
    const i = row * pad.width + column;
    mask = form.k.get() === "drawn" ? mask : mask?.slice() ?? new Uint8Array(detector.d);
    form.k.set("drawn");
    if (first) fixes = !mask[i];
    mask[i] = fixes;
    drawPad();
  }
  drawable(pad, paint, {
    end: changeMask,
    moved: (row, column) => {
      cursor = row * pad.width + column;
      panel.padSaid.textContent = `Row ${row + 1}, column ${column + 1}: ${mask?.[cursor] ? "fixed" : "free"}`;
      drawPad();
    },
  });

  // --- the run
  async function restart() {
    panel.follow();
    form.n_elites.input.max = form.population_size.get() - 1;
    if (!detector || Object.values(form).some(({ input }) => !input.checkValidity())) return;
    const mine = (run += 1), chosen = values();
    state = null;
    plan = anogenLive.plan(detector, offer(), record, chosen, defaults, mask, references?.[form.pair.get()]);
    panel.begin(plan, `#${plan.link(place.dataset.figure)}`);
    const first = await ask({ type: "start", settings: plan.settings });
    if (mine !== run || !first) return;
    mask = first.mask;
    drawPad();
    show(first);
    showMinimum();
    turn(playing);
  }
  const finished = () => state.generation >= plan.last;
  const stride = () => ({ auto: Math.ceil((1 + state.generation) / 12), all: Infinity })[panel.speed.get()] ?? Number(panel.speed.get());

  // Go on while a reader can see it. A picture takes about 60 ms of the worker's time; the page only draws it.
  async function loop() {
    if (looping) return;
    looping = true;
    while (playing && inView && !document.hidden && state && !finished()) {
      await advance(stride());
      await new Promise(requestAnimationFrame);
    }
    looping = false;
  }
  async function advance(generations) {
    const mine = run, left = plan.last - state.generation;
    const next = await ask({ type: "advance", generations: Math.min(generations, left), milliseconds: 60 });
    if (mine !== run || !next) return;
    show(next);
    if (!finished()) return;
    const result = await ask({ type: "result" });
    if (mine !== run || !result) return;
    panel.verdict.textContent = plan.compare(result, state.exact && !state.undecided);
    turn(false);
  }
  // Return the answer of the worker; of an error, show the message and stop.
  async function ask(message) {
    try {
      return await search.ask(message);
    } catch (error) {
      panel.problem.textContent = error.message;
      playing = false;
      return null;
    }
  }
  async function step() {
    turn(false);
    if (!state) return;
    const mine = run, target = Math.min(state.generation + stride(), plan.last);
    const going = () => mine === run && !playing && !panel.problem.textContent && state.generation < target;
    while (going()) await advance(target - state.generation);
  }
  function show(next) {
    state = next;
    curve.add(state.generation, state.scores);
    panel.counter.textContent = `${plan.unit} ${words(state.generation)} of ${words(plan.last)}`;
    const { d, shape } = detector;
    state.scores.forEach((score, i) => panel.show(i, state.images.subarray(i * d, (i + 1) * d), shape, `start ${i + 1}`, short(score)));
    panel.compare.textContent = plan.relate(Math.min(...state.scores));
  }
  // Next to the starts, the image of the known minimum, where no pixel is fixed.
  function showMinimum() {
    if (!plan.minimum) return;
    const { sample, score } = plan.minimum, bytes = Uint8Array.from(atob(sample.data), (c) => c.charCodeAt(0));
    panel.show(plan.settings.seeds.length, new Float32Array(bytes.buffer), detector.shape, "known minimum", `minimum ${short(score)}`);
  }

  function turn(going) {
    playing = going && !(state && finished());
    if (!state) return;
    panel.run.textContent = playing ? "Pause" : "Go on";
    panel.run.disabled = finished();
    const word = playing ? "Running" : finished() ? "Finished" : "Paused";
    panel.said.textContent = `${word} at ${plan.unit.toLowerCase()} ${words(state.generation)}.`;
    loop();
  }
  function toggle() {
    turn(!playing);
  }
  const seen = () => loop();
  document.addEventListener("visibilitychange", seen);
  const observer = new IntersectionObserver((entries) => {
    inView = entries.at(-1).isIntersecting;
    loop();
  });
  observer.observe(place);

  // --- what a reader takes along
  function save(kind) {
    if (!state) return;
    const name = `${detector.key}-${state.generation}`, runs = state.scores.length;
    if (kind === "picture") anogenLive.savePicture(panel.canvases().slice(0, runs), `${name}.png`);
    if (kind === "images") anogenLive.save(anogenLive.npy(state.images, [runs, detector.d]), `${name}-images.npy`);
    if (kind === "scores") anogenLive.save(anogenLive.npy(state.scores, [runs]), `${name}-scores.npy`);
  }

  // A link has the values of the controls that differ from the record's settings; its reader begins by pressing *Go on*.
  const given = Object.fromEntries(linked ?? []);
  form.offer.set(String(Math.max(0, offers.findIndex(({ name }) => name === given.detector))));
  playing = !panel.still && !linked;
  await changeOffer(given);
  return () => {
    run += 1;
    playing = false;
    search?.close();
    observer.disconnect();
    document.removeEventListener("visibilitychange", seen);
  };
};
