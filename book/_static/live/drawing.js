// What the player and the laboratory draw: images, the scores by generation, and a canvas on which a reader draws.
(() => {
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];  // those of the book's figures
  const SVG = "http://www.w3.org/2000/svg";

  // Make an element with properties, attributes (of names with a hyphen, and `role`) and content.
  function make(tag, given = {}, ...content) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      name.includes("-") || name === "role" ? made.setAttribute(name, value) : (made[name] = value);
    }
    made.append(...content);
    return made;
  }

  // Draw the pixels (d,) of an image of some shape, (h, w) or (h, w, 3), in [0, 1]; `colour(i, grey)` changes single ones.
  function picture(canvas, values, [height, width, channels = 1], colour = null) {
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d"), pixels = pen.createImageData(width, height);
    for (let i = 0; i < width * height; i += 1) {
      const rgb = channels === 3 ? values.subarray(3 * i, 3 * i + 3) : [values[i], values[i], values[i]];
      const shown = Array.from(rgb, (v) => 255 * Math.min(1, Math.max(0, v)));
      pixels.data.set([...(colour?.(i, shown) ?? shown), 255], 4 * i);
    }
    pen.putImageData(pixels, 0, 0);
  }

  const brief = (v) => { // for the axis of a curve
    const text = short(v);
    return text.length <= 6 ? text : text.includes("e") ? v.toExponential(1) : String(Number(v.toPrecision(2)));
  };
  const short = (v) => (Math.abs(v) >= 1e5 || (v && Math.abs(v) < 1e-3) ? v.toExponential(2) : String(Number(v.toPrecision(4))));
  const words = (n) => n.toLocaleString("en");

  // Scores by generation on a logarithmic axis, one line for each start, with horizontal lines for scores to compare with.
  class Curve {
    constructor(label) {
      this.svg = document.createElementNS(SVG, "svg");
      for (const [name, value] of [["viewBox", "0 0 320 200"], ["role", "img"], ["aria-label", label]]) this.svg.setAttribute(name, value);
    }
    reset(last, marks, unit) {
      Object.assign(this, { last, marks, unit, generations: [], scores: [], range: [] });
    }
    add(generation, scores) {
      const { generations, scores: kept, range } = this;
      // of points that are closer than a line is wide the last remains
      if (generations.length > 1 && this.#x(generation) - this.#x(generations.at(-2)) < 1) {
        generations.pop();
        kept.pop();
      }
      generations.push(generation);
      kept.push(Array.from(scores));
      const all = [...range, ...scores, ...this.marks.map(({ score }) => score)].filter(Number.isFinite);
      this.range = [Math.min(...all), Math.max(...all)];
      if (range.join() !== this.range.join()) this.#axes(scores.length);
      [...this.svg.querySelectorAll("polyline")].forEach((line, run) =>
        line.setAttribute("points", generations.map((g, i) => `${this.#x(g).toFixed(1)},${this.#y(kept[i][run]).toFixed(1)}`).join(" ")));
    }
    #x(generation) {
      return 46 + (268 * Math.log10(1 + generation)) / Math.log10(1 + this.last);
    }
    #y(score) {
      const [low, high] = this.range;
      return 166 - (146 * (score - low)) / (high - low || 1);
    }
    #axes(runs) {
      const text = (x, y, content, anchor) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`;
      const ticks = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].filter((power) => power <= this.last);
      const line = ({ name, score, dash }, number) =>  // the names at different ends, since the scores may be close
        `<path class="level" stroke-dasharray="${dash}" d="M46 ${this.#y(score)}H314"/>` +
        text(number ? 52 : 314, this.#y(score) - 4, name, number ? "start" : "end");
      this.svg.innerHTML = [
        '<path class="axis" d="M46 14V170H314"/>',
        ...Array.from({ length: runs }, (_, run) => `<polyline stroke="${COLOURS[run % COLOURS.length]}"/>`),
        ...this.range.map((score) => text(42, this.#y(score) + 4, brief(score), "end")),
        ...ticks.map((power) => text(this.#x(power), 183, words(power), "middle")), text(180, 197, this.unit, "middle"),
        ...this.marks.map(line),
      ].join("");
    }
  }

  // Let finger, mouse and keys draw on a canvas: `paint(row, column, first)` is called for each pixel, `end` after each
  // stroke, `moved` for the pixel that the keys have reached.
  function drawable(canvas, paint, { end, moved }) {
    let at = null, last = null;
    Object.assign(canvas, { tabIndex: 0 }).setAttribute("role", "application");
    const inside = ([row, column]) => row >= 0 && column >= 0 && row < canvas.height && column < canvas.width;
    const touch = (place, first) => inside(place) && paint(...place.map(Math.floor), first);
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientY - box.top) / box.height) * canvas.height, ((event.clientX - box.left) / box.width) * canvas.width];
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      touch((last = place(event)), true);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      const next = place(event), from = last, steps = Math.ceil(2 * Math.hypot(next[0] - from[0], next[1] - from[1]));
      for (let i = 1; i <= steps; i += 1) touch(from.map((v, axis) => v + ((next[axis] - v) * i) / steps), false);
      last = next;
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, () => {
        if (last) end();
        last = null;
      });
    }
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!move && event.key !== " ") return;
      event.preventDefault();
      at ??= [canvas.height >> 1, canvas.width >> 1];
      if (move) at = at.map((v, axis) => Math.min([canvas.height, canvas.width][axis] - 1, Math.max(0, v + move[axis])));
      else {
        touch(at, true);
        end();
      }
      moved(...at);
    });
  }

  Object.assign(anogenLive, { make, picture, short, words, Curve, drawable });
})();
