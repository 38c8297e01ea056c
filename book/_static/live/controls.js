// The settings of a search, whose defaults are those of `EvolutionConfig` and `GradientConfig`, and controls for them.
(() => {
  const { make } = anogenLive;
  const NOISE = [["uniform", "uniform noise"], ["normal", "normal noise"]], HALF = ["half-normal", "half real images"];
  const number = (name, label, value, min, max, step = 1) => ({ name, label, value, min, max, step });
  const EVOLUTION = [
    number("population_size", "Population", 150, 2, 1000),
    number("mutation_std", "Standard deviation of the mutation", 0.01, 0, 1, "any"),
    number("mutation_rate", "Mutation rate", 0.5, 0, 1, "any"),
    { name: "selection", label: "Selection", value: "linear", options: ["linear", "tournament", "truncation"] },
    number("n_elites", "Elites", 0, 0, 999),
    number("mutation_half_life", "Half-life of the mutation", null, 1, 1e7),
    { name: "initial_distribution", label: "First population", value: "uniform", options: NOISE },
  ];
  const GRADIENT = [
    number("learning_rate", "Learning rate", 0.01, 1e-9, 1e3, "any"),
    { name: "rule", label: "Rule", value: "adam", options: ["adam", "plain"] },
  ];
  const METHOD = { name: "method", label: "Method", value: "evolution", options: ["evolution", "gradient"] };
  const CLIP = { name: "clip", label: "Pixels stay between 0 and 1", value: true };

  const option = (one) => {
    const [value, textContent] = Array.isArray(one) ? one : [one, one];
    return make("option", { value, textContent });
  };
  const READ = { number: (input) => (input.value === "" ? null : input.valueAsNumber), checkbox: (input) => input.checked };

  // Return a labelled control of a setting, and functions that read and set its value, and the choices of a list.
  function control({ name, label, value, options, min, max, step, placeholder = "" }, changed) {
    const type = typeof value === "boolean" ? "checkbox" : "number";
    const input = options
      ? make("select", {}, ...options.map(option))
      : make("input", { type, min, max, step, placeholder, required: type === "number" && value !== null });
    const set = (v) => (type === "checkbox" ? (input.checked = String(v) === "true") : (input.value = v ?? ""));
    if (value !== undefined) set(value);
    input.addEventListener("change", () => input.reportValidity() && changed(name));
    return {
      name, input, set, initial: value,
      element: make("label", {}, `${label} `, input),
      get: () => (READ[input.type] ?? (() => input.value))(input),
      choices: (list) => input.replaceChildren(...list.map(option)),
    };
  }

  // Return the controls of a search's settings, and a function that hides those that the chosen method does not have.
  function settings(changed) {
    const of = (fields) => fields.map((field) => control(field, changed));
    const [method, clip] = of([METHOD, CLIP]), evolution = of(EVOLUTION), gradient = of(GRADIENT);
    const controls = [method, ...evolution, ...gradient, clip];
    const follow = () => {
      const other = method.get() === "gradient" ? evolution : gradient;
      controls.forEach((one) => (one.element.hidden = other.includes(one)));
    };
    return { controls, follow };
  }
  Object.assign(anogenLive, { control, settings, FIRST_POPULATIONS: { NOISE, HALF } });
})();
