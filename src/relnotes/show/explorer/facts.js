// What the page is given, read back into rows, and what is counted of it under a lens and filters.

/**
 * @typedef {{id: string, label: string, theme: string, definition: string, at: number}} Concept
 * @typedef {[number, string]} Source a place in a work: which work, and where in it
 * @typedef {{at: number, id: string, short: string, label: string, kind: string[],
 *   setting: string[], jurisdiction: string[], people: string[], family: string,
 *   year: number | null, stated: number | null, completeness: string, certainty: string,
 *   note: string, sources: Source[], elements: Element_[], keys: Set<number>}} Framework
 * @typedef {{at: number, id: string, framework: Framework, wording: string, gloss: string,
 *   certainty: string, sources: Source[], judgements: Judgement[]}} Element_
 * @typedef {{at: number, element: Element_, framework: Framework, concept: Concept | null,
 *   relation: string, basis: string, reason: string, coding: string, hay: string}} Judgement
 * @typedef {{at: number, key: string, label: string, title: string, address: string, role: string,
 *   year: number | null, publisher: string[], study: string, kind: string, setting: string[],
 *   jurisdiction: string[], voices: string[], type: string, design: string,
 *   verification: string, hay: string, findings: Finding[]}} Work
 * @typedef {{at: number, id: string, statement: string, setting: string[], people: string[],
 *   sources: Source[], cites: number[], hay: string, bearings: Bearing[]}} Claim
 * @typedef {{claim: Claim, concept: Concept, direction: string, reason: string}} Bearing
 * @typedef {{id: string, work: Work, words: string, comparison: string, certainty: string}} Finding
 * @typedef {{id: string, label: string, kind: string, jurisdiction: string[], year: number | null,
 *   certainty: string, note: string, sources: Source[], hay: string}} Event_
 * @typedef {{coding: string, strictness: string, basis: string}} Lens
 * @typedef {{title: string, version: string, fingerprint: string, codings: string[],
 *   ladder: Record<string, string[]>, site: string | null, folders: Record<string, string>,
 *   left_out: Record<string, Record<string, string>>, passages: Record<string, string>,
 *   within: Record<string, Record<string, string[]>>,
 *   labels: Record<string, Record<string, string>>, events: Event_[], page: number | null,
 *   concepts: Concept[], frameworks: Framework[], elements: Element_[], judgements: Judgement[],
 *   works: Work[], claims: Claim[], bearings: Bearing[], findings: Finding[]}} Facts
 */

/** Which column of which rows a filter asks. */
const ASKED = {
  frameworks: ["setting", "people", "jurisdiction", "kind"],
  works: ["setting", "jurisdiction", "voices", "publisher"],
  claims: ["setting", "people"],
  events: ["jurisdiction"],
};
const EMPTY = ["not reported", "does not apply", "not yet coded"];
const DIRECTIONS = ["for", "against", "mixed"];
/** A study whose reports are of several kinds is of the first of them. */
const KINDS = ["synthesis", "study", "summary", "no study", "not known"];

/**
 * How many things there are, reports of one study counted once.
 * @param {any[]} things
 */
function apart(things) {
  return new Set(things.map((t) => t.study ?? t)).size;
}

/**
 * Words to look for, or to be found in: lower case, without accents.
 * @param {string} text
 */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * Read a table, packed by columns, into rows.
 * @param {Record<string, any>} table
 * @returns {any[]}
 */
function rowsOf(table) {
  const columns = Object.entries(table).map(([name, c]) => [
    name,
    Array.isArray(c) ? c : c.at.map((/** @type {number} */ place) => c.of[place]),
  ]);
  return columns[0][1].map((/** @type {unknown} */ _, /** @type {number} */ at) => ({
    ...Object.fromEntries(columns.map(([name, cells]) => [name, cells[at]])),
    at,
  }));
}

/**
 * Unpack what Python packed: JSON, deflated, in base 64.
 * @param {string} text
 * @returns {Promise<any>}
 */
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(inflated).text());
}

/**
 * Read the facts: rows that point to one another instead of naming places.
 * @param {any} given
 * @returns {Facts}
 */
function readFacts(given) {
  const facts = { ...given };
  const tables = ["concepts", "frameworks", "elements", "judgements", "works", "claims"];
  for (const name of [...tables, "bearings", "findings", "events"]) facts[name] = rowsOf(given[name]);
  for (const f of facts.frameworks) f.elements = [];
  for (const e of facts.elements) {
    e.framework = facts.frameworks[e.framework];
    e.framework.elements.push(e);
    e.judgements = [];
  }
  for (const f of facts.frameworks) {
    const own = f.elements.flatMap((/** @type {Element_} */ e) => e.sources);
    f.keys = new Set([...f.sources, ...own].map(([work]) => work));
  }
  for (const j of facts.judgements) {
    j.element = facts.elements[j.element];
    j.framework = j.element.framework;
    j.concept = j.concept === null ? null : facts.concepts[j.concept];
    j.coding = facts.codings[j.coding];
    j.element.judgements.push(j);
    j.hay = plain(
      [j.element.wording, j.element.gloss, j.concept?.label, j.framework.short, j.framework.label]
        .join("\n"),
    );
  }
  for (const w of facts.works) {
    w.hay = plain(`${w.label}\n${w.title}`);
    w.findings = [];
  }
  for (const f of facts.findings) {
    f.work = facts.works[f.work];
    f.work.findings.push(f);
  }
  for (const e of facts.events) e.hay = plain(e.label);
  for (const c of facts.claims) {
    c.hay = plain(c.statement);
    c.bearings = [];
  }
  for (const b of facts.bearings) {
    b.claim = facts.claims[b.claim];
    b.concept = facts.concepts[b.concept];
    b.claim.bearings.push(b);
  }
  return facts;
}

/**
 * What readers see of a term.
 * @param {Facts} facts
 * @param {string} column
 * @param {string} term
 */
function labelOf(facts, column, term) {
  return facts.labels[column]?.[term] ?? term;
}

/**
 * What readers see of the terms that a row has in a column.
 * @param {Facts} facts
 * @param {any} row
 * @param {string} column
 * @param {string} between
 */
function namesOf(facts, row, column, between = ", ") {
  return row[column].map((/** @type {string} */ term) => labelOf(facts, column, term)).join(between);
}

/**
 * Whether a row has a term, or a narrower one, in a column.
 * @param {Facts} facts
 * @param {any} row
 * @param {string} column
 * @param {string} term
 */
function has(facts, row, column, term) {
  const broader = facts.within[column] ?? {};
  return row[column].some((/** @type {string} */ t) => t === term || broader[t]?.includes(term));
}

/**
 * Whether a judgement counts under a lens.
 * @param {Facts} facts
 * @param {Judgement} judgement
 * @param {Lens} lens
 */
function admits(facts, judgement, lens) {
  return (
    judgement.coding === lens.coding &&
    facts.ladder[lens.strictness].includes(judgement.relation) &&
    (lens.basis === "any" || judgement.basis === lens.basis)
  );
}

/**
 * What is selected by the filters and counted under the lens.
 * @param {Facts} facts
 * @param {State} state
 */
function select(facts, state) {
  const words = plain(state.words).split(/\s+/).filter(Boolean);
  const found = (/** @type {string} */ hay) => words.every((word) => hay.includes(word));
  const passes = (/** @type {any} */ row, /** @type {keyof typeof ASKED} */ table) =>
    ASKED[table].every((c) => !state[c] || has(facts, row, c, state[c]));
  const [from, to] = [Number(state.from) || -Infinity, Number(state.to) || Infinity];
  const inYears = (/** @type {number | null} */ year) =>
    (!state.from && !state.to) || (year !== null && year >= from && year <= to);
  const heard = (/** @type {Framework} */ f) =>
    ["voices", "publisher"].every(
      (c) => !state[c] || [...f.keys].some((w) => has(facts, facts.works[w], c, state[c])),
    );

  const notCompared = facts.left_out[state.coding] ?? {};
  const inside = facts.frameworks.filter(
    (f) => passes(f, "frameworks") && inYears(f.year) && heard(f),
  );
  const frameworks = inside.filter((f) => !(f.at in notCompared));
  const concepts = facts.concepts.filter((c) => !state.theme || c.theme === state.theme);
  const compared = new Set(frameworks);
  const asked = new Set(concepts);
  const reachable = facts.judgements.filter(
    (j) => j.concept && compared.has(j.framework) && asked.has(j.concept) && found(j.hay),
  );
  const judgements = reachable.filter((j) => admits(facts, j, state));

  const claims = facts.claims.filter(
    (c) =>
      passes(c, "claims") && found(c.hay) &&
      (!state.theme || c.bearings.some((b) => asked.has(b.concept))),
  );
  const behind = new Set(judgements.flatMap((j) => [...restsOn(j)]));
  for (const c of claims) for (const w of c.cites) behind.add(w);
  const narrowed = state.people || state.kind || state.theme;
  const eligible = new Set(
    facts.works.filter((w) => !w.role && passes(w, "works") && inYears(w.year)),
  );
  const works = [...eligible].filter(
    (w) => (narrowed ? behind.has(w.at) : true) && (found(w.hay) || behind.has(w.at)),
  );
  const aside = ["setting", "people", "voices", "publisher", "kind", "theme"].some((c) => state[c]);
  const events = aside ? [] : facts.events.filter((e) => passes(e, "events") && inYears(e.year) && found(e.hay));
  return { frameworks, inside, concepts, reachable, judgements, claims, works, events, eligible, notCompared };
}

/** @typedef {ReturnType<typeof select>} Chosen */

/**
 * The works that a judgement rests on: where its element, and where its framework, was read.
 * @param {Judgement} j
 */
function restsOn(j) {
  return new Set([...j.element.sources, ...j.framework.sources].map(([work]) => work));
}

/**
 * Sort things into groups.
 * @template T, K
 * @param {Iterable<T>} things
 * @param {(thing: T) => K} key
 * @returns {Map<K, T[]>}
 */
function grouped(things, key) {
  const groups = new Map();
  for (const thing of things) {
    const name = key(thing);
    const group = groups.get(name);
    if (group) group.push(thing);
    else groups.set(name, [thing]);
  }
  return groups;
}

/**
 * The cells of the matrix: concept, framework, and the judgements that connect them.
 * @param {Judgement[]} judgements
 * @returns {Map<Concept, Map<Framework, Judgement[]>>}
 */
function cellsOf(judgements) {
  const rows = grouped(judgements, (j) => /** @type {Concept} */ (j.concept));
  return new Map([...rows].map(([c, js]) => [c, grouped(js, (j) => j.framework)]));
}

/**
 * The combinations: sets, and the concepts that are in exactly, or at least, or any of them.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {State} state
 */
function combine(facts, selection, state) {
  /** @type {Map<string, Set<Concept>>} */
  const sets = new Map();
  const names = (/** @type {Framework} */ f) =>
    state.sets === "framework" ? [f.short] : /** @type {any} */ (f)[state.sets];
  let unknown = 0;
  for (const f of selection.frameworks) {
    const known = names(f).filter((/** @type {string} */ n) => !EMPTY.includes(n));
    if (!known.length) unknown += 1;
    for (const n of known) if (!sets.has(n)) sets.set(n, new Set());
  }
  for (const j of selection.judgements)
    for (const n of names(j.framework)) sets.get(n)?.add(/** @type {Concept} */ (j.concept));
  const columns = [...sets.keys()].sort(
    (a, b) => size(sets, b) - size(sets, a) || a.localeCompare(b, "en"),
  );
  const held = new Map(selection.concepts.map((c) => [c, columns.filter((n) => sets.get(n)?.has(c))]));
  const exact = grouped([...held].filter(([, ns]) => ns.length), ([, ns]) => ns.join("\n"));
  const rows = [...exact.values()].map(([[, ns]]) => ({
    sets: ns,
    members: [...held].filter(([, own]) => belongs(own, ns, state.mode)).map(([c]) => c),
  }));
  rows.sort((a, b) => b.members.length - a.members.length || a.sets.length - b.sets.length);
  const outside = [...held].filter(([, ns]) => !ns.length).map(([c]) => c);
  return { columns, sizes: columns.map((n) => size(sets, n)), rows, outside, unknown };
}

/**
 * @param {Map<string, Set<Concept>>} sets
 * @param {string} name
 */
function size(sets, name) {
  return sets.get(name)?.size ?? 0;
}

/**
 * Whether a concept that is in the sets `own` belongs to a combination of sets.
 * @param {string[]} own
 * @param {string[]} combination
 * @param {string} mode
 */
function belongs(own, combination, mode) {
  if (mode === "exactly" || mode === "least") {
    const all = combination.every((n) => own.includes(n));
    return all && (mode === "least" || own.length === combination.length);
  }
  const some = combination.some((n) => own.includes(n));
  return some && (mode === "some" || own.every((n) => combination.includes(n)));
}

/**
 * What bears on each concept: frameworks, claims by direction, works.
 * @param {Facts} facts
 * @param {Chosen} selection
 */
function bearing(facts, selection) {
  const onConcept = new Map(
    selection.concepts.map((c) => [c, {
      frameworks: /** @type {Set<Framework>} */ (new Set()),
      claims: /** @type {Map<Claim, string>} */ (new Map()),
      works: /** @type {Set<Work>} */ (new Set()),
    }]),
  );
  for (const j of selection.judgements) {
    const here = onConcept.get(/** @type {Concept} */ (j.concept));
    here?.frameworks.add(j.framework);
    for (const w of restsOn(j))
      if (selection.eligible.has(facts.works[w])) here?.works.add(facts.works[w]);
  }
  for (const claim of selection.claims)
    for (const b of claim.bearings) {
      const here = onConcept.get(b.concept);
      here?.claims.set(claim, b.direction);
      for (const w of claim.cites)
        if (selection.eligible.has(facts.works[w])) here?.works.add(facts.works[w]);
    }
  return onConcept;
}

/** @typedef {ReturnType<typeof bearing> extends Map<any, infer B> ? B : never} Bears */

/**
 * What is missing about a concept, in the words of the gap maps.
 * @param {Bears} bears
 * @param {{frameworks: boolean, claims: boolean}} coded
 * @returns {string}
 */
function missing(bears, coded) {
  const kinds = new Set([...grouped([...bears.works], (w) => w.study).values()]
    .map((reports) => KINDS.find((kind) => reports.some((w) => w.kind === kind))));
  if (!bears.frameworks.size) return coded.frameworks ? "unnamed" : "open";
  if (kinds.has("synthesis")) return "";
  if (kinds.has("study")) return kinds.has("not known") ? "open" : "unsynthesised";
  if (kinds.has("not known")) return "open";
  if (bears.claims.size) return "claimed";
  return coded.claims ? "untested" : "open";
}

/**
 * How many independent voices name something: at least the publishers of the works that the words
 * were read in, at most the families; counted as `relnotes.analysis.independence` counts.
 * @param {Facts} facts
 * @param {Judgement[]} judgements
 * @returns {{least: number | null, most: number | null}}
 */
function independence(facts, judgements) {
  /** @type {Map<string, Set<number>>} */
  const units = new Map();
  /** @type {Set<string>} */
  const uncoded = new Set();
  for (const [f, js] of grouped(judgements, (j) => j.framework)) {
    const own = js.flatMap((j) => j.element.sources);
    const alone = ["", "not_applicable", "not_reported", "not_coded"].includes(f.family);
    const unit = alone ? ` ${f.id}` : f.family;
    if (["", "not_coded"].includes(f.family)) uncoded.add(unit);
    const works = units.get(unit) ?? new Set();
    for (const [work] of own.length ? own : f.sources) works.add(work);
    units.set(unit, works);
  }
  const publishers = (/** @type {number} */ at) => facts.works[at].publisher;
  const every = [...units.values()].flatMap((works) => [...works]);
  const known = (/** @type {number} */ at) => !publishers(at).some((p) => EMPTY.includes(p));
  const told = [...units].filter(([unit, works]) => !uncoded.has(unit) && works.size && [...works].every(known))
    .map(([, works]) => [...new Set([...works].flatMap(publishers))].sort());
  const coded = !units.size || every.some((at) => publishers(at).join() !== "not yet coded");
  return {
    least: coded ? Math.max(fewest(told), Math.min(units.size, 1)) : null,
    most: uncoded.size ? null : units.size,
  };
}

/**
 * The fewest names that meet every unit; where there are too many ways, a bound below it.
 * @param {string[][]} units
 */
function fewest(units) {
  const single = new Set(units.filter((u) => u.length === 1).flat());
  const open = units.filter((u) => u.length && !u.some((name) => single.has(name)));
  const different = new Map(open.map((u) => [u.join("\n"), u]));
  return single.size + search([...different.values()]);
}

/**
 * @param {string[][]} units
 * @returns {number}
 */
function search(units) {
  if (!units.length) return 0;
  if (units.length > 20) {
    const taken = new Set();
    let apart = 0;
    const order = (/** @type {string[]} */ u) => `${String(u.length).padStart(6, "0")}${u.join("\n")}`;
    for (const unit of [...units].sort((a, b) => (order(a) < order(b) ? -1 : 1)))
      if (!unit.some((name) => taken.has(name))) {
        for (const name of unit) taken.add(name);
        apart += 1;
      }
    return apart;
  }
  const smallest = units.reduce((a, b) => (b.length < a.length ? b : a));
  return 1 + Math.min(...smallest.map((name) => search(units.filter((u) => !u.includes(name)))));
}
