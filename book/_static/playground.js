// The live playground: the score field of a detector of points in the unit square, and the way down from a start. All
// numbers are in the page; playground-scores.js has the arithmetic. Without scripts and in print a figure stands alone.
for (const place of document.querySelectorAll(".playground")) {
  const data = JSON.parse(place.querySelector("script").textContent);
  const { score, descend, evolve } = globalThis.anogenPlayground;
  const SIDE = 480, CELLS = 96, NUDGE = 0.02;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const made = (tag, given, ...content) => {
    const one = Object.assign(document.createElement(tag), given);
    one.append(...content);
    return one;
  };
  const button = (text) => made("button", { type: "button", textContent: text });

  const detector = made("select", {}, ...Object.entries(data.detectors).map(([value, { title }]) =>
    made("option", { value, textContent: title })));
  const way = made("select", {}, made("option", { value: "descend", textContent: "gradient" }),
    made("option", { value: "evolve", textContent: "evolution" }));
  const [start, anywhere, clear] = ["Start at the cross", "Start anywhere", "Clear"].map(button);
  const canvas = made("canvas", { width: SIDE, height: SIDE, tabIndex: 0 });
  canvas.setAttribute("role", "application");
  const running = made("p", { className: "running" });  // each step, for the eye; `said` is read aloud, once a search ends
  const said = made("p", { className: "said" });
  said.setAttribute("role", "status");
  place.append(
    made("div", { className: "controls" }, made("label", {}, "Detector ", detector), made("label", {}, "Way down ", way)),
    canvas,
    made("div", { className: "controls" }, start, anywhere, clear),
    made("div", { className: "line" }, running, said),
    made("p", { className: "key" }, "Dark: normal. Bright: anomalous. White dots: training points. Ring: the lowest score known. " +
      "Click a start, or move the cross with the arrow keys and press Enter."));

  const pen = canvas.getContext("2d");
  const fields = {};
  let cross = [0.15, 0.85], ways = [], timer = 0, seed = 1;
  const short = (v) => String(Number(v.toPrecision(3)));
  const now = () => data.detectors[detector.value];
  // The lowest score of a detector: the minimum where it is known, otherwise the lowest of a fine grid and of all searches.
  function noteLowest(found) {
    const { known, lowestScore } = now();
    if (!known && found.score < lowestScore) Object.assign(now(), { lowest: found.passed.at(-1), lowestScore: found.score });
  }

  // Shades from the same map as the book's figures, by the rank of a score among all: every detector then uses them all.
  const SHADES = ["#00224e", "#1f3864", "#434e6c", "#61636f", "#7d7c78", "#9c9576", "#bcae6c", "#dec958", "#fee838"]
    .map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const shade = (share) => {
    const at = Math.min(share * (SHADES.length - 1), SHADES.length - 1.001), low = Math.floor(at);
    return SHADES[low].map((v, i) => v + (at - low) * (SHADES[low + 1][i] - v));
  };
  function field(key) {
    if (fields[key]) return fields[key];
    const of = score(data, key), values = [];
    for (let row = CELLS - 1; row >= 0; row -= 1)
      for (let column = 0; column < CELLS; column += 1) values.push(of([(column + 0.5) / CELLS, (row + 0.5) / CELLS]));
    const levels = [...values].sort((a, b) => a - b), rank = new Map();
    levels.forEach((v, i) => rank.has(v) || rank.set(v, i));
    const picture = made("canvas", { width: CELLS, height: CELLS }), into = picture.getContext("2d");
    const pixels = into.createImageData(CELLS, CELLS);
    values.forEach((v, i) => pixels.data.set([...shade(rank.get(v) / values.length), 255], 4 * i));
    into.putImageData(pixels, 0, 0);
    return (fields[key] = picture);
  }

  const xy = ([x, y]) => [x * SIDE, (1 - y) * SIDE];
  function disc(point, radius, fill, edge) {
    pen.beginPath();
    pen.arc(...xy(point), radius, 0, 2 * Math.PI);
    if (fill) { pen.fillStyle = fill; pen.fill(); }
    if (edge) { pen.strokeStyle = edge; pen.lineWidth = 2; pen.stroke(); }
  }
  function line(points, colour, width) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    points.forEach((p, i) => (i ? pen.lineTo(...xy(p)) : pen.moveTo(...xy(p))));
    pen.stroke();
  }
  function draw() {
    pen.imageSmoothingEnabled = false;
    pen.drawImage(field(detector.value), 0, 0, SIDE, SIDE);
    data.points.forEach((p) => disc(p, 1.6, "rgba(255,255,255,.75)"));
    disc(now().lowest, 9, "", "#000");
    disc(now().lowest, 7, "", "#fff");
    for (const { passed, population } of ways) {
      line(passed, "#000", 5);
      line(passed, "#fff", 2.5);
      (population ?? []).forEach((p) => disc(p, 2.5, "#56b4e9", "#000"));
      disc(passed[0], 4, "#fff", "#000");
      disc(passed.at(-1), 6, "#d55e00", "#fff");
    }
    const [x, y] = cross, arm = 0.02;
    for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
      line([[x - arm, y], [x + arm, y]], colour, width);
      line([[x, y - arm], [x, y + arm]], colour, width);
    }
  }

  const where = (p) => `(${p[0].toFixed(2)}, ${p[1].toFixed(2)})`;
  const tell = (one) => `After ${one.steps} ${one.by === "evolve" ? "generations" : "steps"} from ${where(one.passed[0])}: ` +
    `score ${short(one.score)} at ${where(one.passed.at(-1))}. ` +
    `${now().known ? "Minimum" : "Lowest score found so far"}: ${short(now().lowestScore)} at ${where(now().lowest)}.`;

  function go(from) {
    clearInterval(timer);
    cross = from;
    const of = score(data, detector.value), by = way.value;
    const steps = by === "evolve" ? evolve(of, from, { seed: seed++ }) : descend(of, from);
    const one = { passed: [], steps: -1, by };
    ways = [...ways.slice(-4).map((w) => ({ ...w, population: null })), one];
    const next = () => {
      const { value, done } = steps.next();
      if (done) return false;
      one.passed.push(value.shown);
      Object.assign(one, { score: value.score, population: value.population, steps: one.steps + 1 });
      noteLowest(one);
      return true;
    };
    const end = () => {
      clearInterval(timer);
      running.textContent = "";
      said.textContent = tell(one);
      draw();
    };
    said.textContent = "";
    next();  // the start itself: every path has a point from now on
    if (still.matches) {
      while (next());
      end();
      return;
    }
    const show = () => {
      running.textContent = tell(one);
      draw();
    };
    show();
    timer = setInterval(() => (next() ? show() : end()), 40);
  }

  function reset() {
    clearInterval(timer);
    ways = [];
    running.textContent = said.textContent = "";
    draw();
  }
  function chosen() {
    way.options[0].disabled = !now().differentiable;
    way.value = now().differentiable ? "descend" : "evolve";
    canvas.setAttribute("aria-label", `Score field of ${now().title} (${now().note}) over the unit square. ` +
      "Arrow keys move the cross, Enter starts a descent from it.");
    reset();
    said.textContent = `${now().title}: ${now().note}.` + (now().differentiable ? "" : " Its score has steps, and so no gradient.");
  }

  detector.addEventListener("change", chosen);
  way.addEventListener("change", reset);
  start.addEventListener("click", () => go(cross));
  anywhere.addEventListener("click", () => go([Math.random(), Math.random()]));
  clear.addEventListener("click", reset);
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    go([(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height]);
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (move) {
      cross = cross.map((v, i) => Math.min(1, Math.max(0, v + NUDGE * move[i])));
      draw();
      running.textContent = `Cross at ${where(cross)}: score ${short(score(data, detector.value)(cross))}.`;
    } else if (event.key === "Enter" || event.key === " ") {
      if (!event.repeat) go(cross);  // a held key starts one search
    } else {
      return;
    }
    event.preventDefault();
  });
  place.hidden = false;
  chosen();
}
