// Runs the page's own engine in node: reads {files, detector, runs: [{settings, generations}]} and prints the results.
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const input = JSON.parse(readFileSync(0, "utf8"));
for (const file of input.files) vm.runInThisContext(readFileSync(file, "utf8"), { filename: file });

const TYPES = { u1: Uint8Array, f4: Float32Array };
const array = ({ type, data }) => new TYPES[type](Uint8Array.from(Buffer.from(data, "base64")).buffer);
const text = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
const arrays = ["mask", "reference", "normal", "initial_population", "start"];

const engine = globalThis.anogenLive.engine();
function ask(message) {
  const answer = engine.handle(message);
  if (answer.type === "error") throw new Error(answer.message);
  return answer;
}
const loaded = ask({ type: "load", detector: input.detector });
const results = input.runs.map((settings) => {
  const given = Object.entries(settings).map(([name, value]) => [name, arrays.includes(name) && value ? array(value) : value]);
  const first = ask({ type: "start", settings: Object.fromEntries(given) });
  const begun = performance.now();
  const state = ask({ type: "advance" });
  const seconds = (performance.now() - begun) / 1000;
  const { samples, scores, digest, digest16, published } = ask({ type: "result" });
  return {
    first: text(first.scores), history: text(state.history.scores), samples: text(samples), scores: text(scores), digest,
    digest16, published, seconds, undecided: state.undecided, exact: state.exact, generation: state.generation,
  };
});
console.log(JSON.stringify({ loaded: { ...loaded, type: undefined }, results }));
