// The results of the search page that have a title: figures, tables, statements, chapters, sections, detectors, terms.
// Sphinx lists below them the pages that contain the words. An entry is [kind, number, title, line, address, words].

// How much a field counts, and how much a kind does, so that a chapter comes before its sections.
const FIELDS = { number: 12, source: 3, title: 5, words: 4, line: 1.5, digits: 0.5 };
const KINDS = {
  figure: 1.1, table: 1.1, chapter: 1.35, page: 1.3, detector: 1.15, term: 1.2, section: 1, statement: 0.8, reference: 0.6,
};
const SAME = {
  figure: "fig", figures: "fig", figs: "fig", tables: "table", tab: "table", claim: "statement", license: "licence",
  licences: "licence", licenses: "licence", setup: "install", installation: "install", chapter: "sec", section: "sec",
};
const UNTITLED = new Set("a an and are as at by do does for from how i in is it of on or the to what where which with".split(" "));
const NUMBERED = new Set(["figure", "table", "statement"]);  // by their sources; numbers of sections are only shown
const LEAST = 0.05;  // of the value of the best result
const SHOWN = 8;

// Return the words of a text; an id such as thesis-fig-6.17 is a word, and so are its parts, and "Fig. 2" as a whole.
function wordsOf(text) {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\b(fig|figure|table)\.?\s*(?=\d)/g, "$1 ");
  const whole = plain.match(/[\p{L}\p{N}]+(?:[.\-_][\p{L}\p{N}]+)*/gu) ?? [];
  const parts = whole.filter((word) => /[-_]/.test(word)).flatMap((word) => word.split(/[-_]/));
  const words = [...whole, ...parts].map((word) => SAME[word] ?? word);
  return [...words, ...words.flatMap((word, i) => (/^(fig|table)$/.test(word) && /^\d/.test(words[i + 1]) ? [word + words[i + 1]] : []))];
}

function stem(word) {
  return /^\p{L}{4,}s$/u.test(word) && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

// Tell whether one insertion, deletion, replacement or exchange of neighbours turns one word into the other.
function nearlySame(a, b) {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const [restA, restB] = [a.slice(i), b.slice(i)];
  return restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1)
    || (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2));
}

// Return the index of entries: for each word the entries that have it, with the weight of the best field.
function makeIndex(entries) {
  const index = new Map();
  entries.forEach(([kind, number, title, line, , words], place) => {
    const add = (text, weight, wanted = /./) => {
      for (const word of wordsOf(text).map(stem).filter((one) => wanted.test(one))) {
        if (!index.has(word)) index.set(word, new Map());
        const known = index.get(word);
        const counts = /^[\d.]+$/.test(word) && weight < FIELDS.number ? FIELDS.digits : weight;  // a number in a sentence
        known.set(place, Math.max(known.get(place) ?? 0, counts));
      }
    };
    if (NUMBERED.has(kind)) {
      add(number, FIELDS.source);
      add(number, FIELDS.number, /\d/);
    }
    add(title, FIELDS.title);
    add(words, FIELDS.words);
    add(line, FIELDS.line);
  });
  return index;
}

// Return the entries with a word, each with its weight: the word itself, longer words, or else words with one typo.
function matches(index, word) {
  const found = new Map();
  const take = (known, factor) => {
    for (const [place, weight] of known) found.set(place, Math.max(found.get(place) ?? 0, weight * factor));
  };
  if (index.has(word)) take(index.get(word), 1);
  if (word.length >= 3 && !/\d/.test(word)) {
    for (const [other, known] of index) if (other !== word && other.startsWith(word)) take(known, 0.6);
  }
  if (!found.size && word.length >= 4 && !/\d/.test(word)) {
    for (const [other, known] of index) {
      if (nearlySame(word, other) || (other.length > word.length && nearlySame(word, other.slice(0, word.length)))) take(known, 0.5);
    }
  }
  return found;
}

// Return the places of the entries for a query, best first. Rare words count more, and so does having all words. A page
// gains from the entries on it, since it has all of them.
function find(query, entries, index = makeIndex(entries)) {
  const asked = [...new Set(wordsOf(query).map(stem))];
  const meant = asked.filter((word) => !UNTITLED.has(word));
  const words = meant.length ? meant : asked;
  const score = new Map();
  const count = new Map();
  for (const word of words) {
    const found = matches(index, word);
    const rarity = Math.log(1 + entries.length / (1 + found.size));
    for (const [place, weight] of found) {
      score.set(place, (score.get(place) ?? 0) + weight * rarity);
      count.set(place, (count.get(place) ?? 0) + 1);
    }
  }
  const value = new Map();
  const onPage = new Map();
  for (const [place, sum] of score) {
    const [kind, , title, , address] = entries[place];
    const complete = (count.get(place) / words.length) ** 2;
    value.set(place, (sum * KINDS[kind] * complete) / (1 + 0.02 * title.split(" ").length));
    const page = address.split("#")[0];
    onPage.set(page, (onPage.get(page) ?? 0) + value.get(place));
  }
  for (const place of value.keys()) {
    const own = value.get(place);
    const others = (onPage.get(entries[place][4]) ?? own) - own;
    value.set(place, own * (1 + others / (others + 4 * own)));
  }
  const best = Math.max(...value.values());
  const good = [...value.keys()].filter((place) => value.get(place) >= LEAST * best);
  return mixed(good.sort((a, b) => value.get(b) - value.get(a) || a - b), value, entries);
}

// Return the places in the order of their values, each of which falls with every better entry of the same page.
function mixed(places, value, entries) {
  const before = new Map();
  const fallen = new Map();
  for (const place of places) {
    const [kind, number, , , address] = entries[place];
    const group = kind === "statement" ? number.split("-")[0] : address.split("#")[0];
    fallen.set(place, value.get(place) * 0.75 ** (before.get(group) ?? 0));
    before.set(group, (before.get(group) ?? 0) + 1);
  }
  return places.sort((a, b) => fallen.get(b) - fallen.get(a) || a - b);
}

// Show the results above those of Sphinx.
function show(query, entries, below) {
  const places = find(query, entries);
  const heading = document.createElement("h2");
  heading.textContent = "Pages that contain the words";
  below.before(heading);
  const list = document.createElement("ol");
  list.className = "entries";
  places.forEach((place, rank) => {
    const [kind, number, title, line, address] = entries[place];
    const link = document.createElement("a");
    link.href = address;
    const label = document.createElement("span");
    label.textContent = [kind, number].filter(Boolean).join(" · ");
    const text = document.createElement("p");
    text.textContent = line;
    link.append(title);
    const item = document.createElement("li");
    item.append(label, link, text);
    item.hidden = rank >= SHOWN;
    list.append(item);
  });
  heading.before(list);
  if (places.length > SHOWN) {
    const more = document.createElement("button");
    more.type = "button";
    more.textContent = `Show all ${places.length}`;
    more.addEventListener("click", () => {
      for (const item of list.children) item.hidden = false;
      more.remove();
    });
    heading.before(more);
  }
}

if (typeof document === "undefined") {
  module.exports = { find };
} else {
  const query = new URLSearchParams(location.search).get("q")?.trim();
  const results = document.getElementById("search-results");
  if (query && results) show(query, ENTRIES, results);
}
