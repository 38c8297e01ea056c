// Sort a table by a column: a button in each heading, so that keyboard and screen reader work. Without this script
// the table stands in the order of the sources.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.className = "sort";
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.hasAttribute("aria-sort") && other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (cell) => cell.querySelector("data")?.value ?? cell.textContent.trim();  // what its words stand for
      const key = (row) => value(row.cells[column]);
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (up ? 1 : -1) * key(a).localeCompare(key(b), undefined, { numeric: true }));
      table.tBodies[0].append(...rows);
    });
  });
}

// An address that names a claim opens its details, and so does printing.
const openTarget = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.matches("details.claim")) target.open = true;
};
addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => document.querySelectorAll("details.claim").forEach((claim) => (claim.open = true)));
openTarget();

// Several pictures in one figure: a slider shows one of them. Without this script, and in print, all stand in a strip.
for (const strip of document.querySelectorAll(".frames")) {
  const frames = [...strip.querySelectorAll(".frame")];
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: frames.length - 1, step: 1, value: strip.dataset.start });
  const value = document.createElement("output");
  const label = document.createElement("label");
  label.className = "slider";
  label.append(strip.dataset.name, " ", slider, " ", value);
  const show = () => {
    frames.forEach((frame, number) => (frame.hidden = number !== slider.valueAsNumber));
    value.textContent = frames[slider.valueAsNumber].dataset.label;
    slider.setAttribute("aria-valuetext", value.textContent);
  };
  slider.addEventListener("input", show);
  strip.classList.add("live");
  strip.prepend(label);
  show();
}

// Return a button that copies a text, and its answer. A page that was opened as a file may not use the clipboard
// directly in every browser; then `select` selects the text for the browser's own command.
const copyButton = (name, text, select) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const selected = () => {
    select();
    return document.execCommand("copy");
  };
  button.addEventListener("click", async () => {
    const done = await navigator.clipboard?.writeText(text()).then(() => true, selected) ?? selected();
    said.textContent = done ? "Copied" : "Selected: press Ctrl+C";
  });
  return [button, said];
};

// Copy a BibTeX entry, a command or a citation.
for (const entry of document.querySelectorAll(".bibtex, .copied")) {
  const text = entry.querySelector("pre"), name = entry.matches(".bibtex") ? "Copy BibTeX" : "Copy";
  entry.prepend(...copyButton(name, () => text.textContent, () => getSelection().selectAllChildren(text)));
}

// The command of a chapter: change its parameters, then copy it.
for (const code of document.querySelectorAll(".rerun > code")) {
  const field = document.createElement("input");
  Object.assign(field, { className: "command", value: code.textContent, size: code.textContent.length + 4, spellcheck: false });
  field.setAttribute("aria-label", "Command that recomputes this chapter; change its parameters");
  code.replaceWith(field, ...copyButton("Copy", () => field.value, () => field.select()));
}

// Find a figure by its number or subject.
for (const finder of document.querySelectorAll(".finder")) {
  const field = document.createElement("input");
  Object.assign(field, { type: "search", className: "finder-filter", placeholder: "such as 6.14, table 5, cblof" });
  field.setAttribute("aria-label", "Find a figure or table by number or subject");
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of finder.querySelectorAll("li")) {
      item.hidden = !words.every((word) => item.dataset.text.includes(word));
    }
  });
  finder.before(field);
}
