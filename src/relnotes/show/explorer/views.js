// The views: each makes a picture that is a table, a sentence about it, and the rows to take away.

/**
 * @typedef {{says: Part[], grid: Grid | null, sheet: () => Sheet, controls?: Node[],
 *   above?: Part[]}} View `above` stands between the controls and the picture
 */

const COLLATOR = new Intl.Collator("en", { numeric: true });
const ROWS_AT_ONCE = 80;
const COLUMNS_AT_ONCE = 40;
const RELATIONS = ["exact", "close", "narrower", "broader", "related"];
/** @type {Record<string, string>} */
const MEANS = {
  exact: "means the same",
  close: "means nearly the same",
  narrower: "is narrower than the concept",
  broader: "is broader than the concept",
  related: "is only related to it",
  explicit: "says so in its words",
  interpreted: "read from its meaning",
};
/** @type {Record<string, string>} */
const MODES = {
  exactly: "in exactly these",
  least: "in at least these",
  only: "in one or more of these and in no other",
  some: "in one or more of these",
};
/** @type {Record<string, string>} */
const VOIDS = {
  unnamed: "unnamed: no framework here names it",
  untested: "untested: named, but no claim, study or synthesis here bears on it",
  claimed: "claimed: no study or synthesis here bears on it",
  unsynthesised: "unsynthesised: studied, but no synthesis here bears on it",
  open: "open: something here is not known",
  "": "nothing of what is looked for",
};

/**
 * Of several judgements the one that says most.
 * @param {Judgement[]} judgements
 */
function strongest(judgements) {
  const weight = (/** @type {Judgement} */ j) =>
    RELATIONS.indexOf(j.relation) * 2 + Number(j.basis !== "explicit");
  return judgements.reduce((best, j) => (weight(j) < weight(best) ? j : best));
}

/**
 * Sort by a number, the largest first, then by name.
 * @template T
 * @param {Iterable<T>} things
 * @param {(thing: T) => (string | number)[]} key
 * @returns {T[]}
 */
function sorted(things, key) {
  const keyed = [...things].map((thing) => ({ thing, key: key(thing) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < a.key.length; i += 1) {
      const [x, y] = [a.key[i], b.key[i]];
      const order =
        typeof x === "number" ? x - Number(y) : COLLATOR.compare(x, String(y));
      if (order) return order;
    }
    return 0;
  });
  return keyed.map(({ thing }) => thing);
}

/**
 * Frameworks in the chosen order, given how much each has.
 * @param {Framework[]} frameworks
 * @param {Map<Framework, number>} counts
 * @param {State} state
 */
function orderedFrameworks(frameworks, counts, state) {
  const first = (/** @type {Framework} */ f) => Number(f.id !== state.against);
  return sorted(frameworks, (f) => [
    first(f),
    ...({
      most: [-(counts.get(f) ?? 0)],
      year: [f.year ?? 9999],
      theme: [f.setting.join()],
    }[state.order] ?? []),
    f.short,
  ]);
}

/**
 * Concepts in the chosen order.
 * @param {Concept[]} concepts
 * @param {Map<Concept, Map<Framework, Judgement[]>>} cells
 * @param {State} state
 */
function orderedConcepts(concepts, cells, state) {
  const since = (/** @type {Concept} */ c) =>
    Math.min(9999, ...[...(cells.get(c)?.keys() ?? [])].map((f) => f.year ?? 9999));
  return sorted(concepts, (c) => [
    ...({
      most: [-(cells.get(c)?.size ?? 0)],
      year: [since(c)],
      theme: [c.theme],
    }[state.order] ?? []),
    c.label,
  ]);
}

/**
 * The part of a long list that is on this page, and the links to the others.
 * @template T
 * @param {T[]} things
 * @param {State} state
 * @param {string} page name of the part of the state that counts pages
 * @param {number} atOnce
 * @param {string} noun
 * @returns {{shown: T[], pager: Part}}
 */
function paged(things, state, page, atOnce, noun) {
  const pages = Math.max(1, Math.ceil(things.length / atOnce));
  const here = Math.min(Math.max(Number(state[page]) || 1, 1), pages);
  const from = (here - 1) * atOnce;
  const shown = things.slice(from, from + atOnce);
  if (pages === 1) return { shown, pager: null };
  const turn = (/** @type {number} */ to, /** @type {string} */ words) =>
    to < 1 || to > pages ? null : el("a", { href: address({ ...state, [page]: `${to}` }) }, words);
  const pager = el(
    "p", { class: "pager" },
    `${noun} ${from + 1} to ${from + shown.length} of ${NUMBER.format(things.length)}. `,
    turn(here - 1, `Previous ${atOnce}`), " ", turn(here + 1, `Next ${atOnce}`),
  );
  return { shown, pager };
}

/**
 * Combinations of sets, on their side: a row for each, with its concepts.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {State} state
 * @returns {View}
 */
function combinationsView(facts, selection, state) {
  const made = combine(facts, selection, state);
  const against = facts.frameworks.find((f) => f.id === state.against);
  const needed = !against ? [] : state.sets === "framework" ? [against.short]
    : /** @type {any} */ (against)[state.sets];
  const rows = made.rows.filter((r) => needed.every((/** @type {string} */ n) => r.sets.includes(n)));
  const columns = paged(made.columns.map((name, at) => ({ name, size: made.sizes[at] })),
    state, "across", COLUMNS_AT_ONCE, "Sets");
  const down = paged(rows, state, "page", ROWS_AT_ONCE, "Combinations");
  const most = Math.max(1, ...rows.map((r) => r.members.length));
  const name = (/** @type {string} */ term) => labelOf(facts, state.sets, term);
  const body = down.shown.map((r) => {
    const names = r.members.map((c) => c.label);
    const tell = `${counted(names.length, "concept")} ${MODES[state.mode]}: ${listed(r.sets.map(name), 12)}`;
    const open = `sets:${r.sets.join("|")}`;
    const inside = { text: "in", look: "mark in", open, tell };
    return {
      cells: [
        { text: listed(names, 4), open, tell: `${tell}. ${listed(names, 12)}` },
        { text: `${names.length}`, look: "number bar", part: names.length / most, open, tell },
        ...columns.shown.map((set) => (r.sets.includes(set.name) ? inside : null)),
      ],
    };
  });
  const { outside } = made;
  return {
    controls: [
      choice("sets", "Sets are", [["setting", "settings"], ["people", "people"],
        ["jurisdiction", "jurisdictions"], ["kind", "kinds of framework"], ["framework", "frameworks"]],
      state.sets),
      choice("mode", "A concept belongs when it is", Object.entries(MODES), state.mode),
    ],
    says: [
      `${counted(rows.length, "combination")} of ${counted(made.columns.length, "set")}. `,
      outside.length ? `In no set: ${counted(outside.length, "concept")} (${listed(outside.map((c) => c.label))}). ` : "",
      made.unknown ? `${counted(made.unknown, "framework")} without a known value left out. ` : "",
      state.mode === "exactly" ? "" : "A concept can be in several rows. ",
    ],
    above: [columns.pager, down.pager],
    grid: rows.length ? {
      caption: `Concepts ${MODES[state.mode]}`, look: "combinations", nothing: "not in this set", rows: body,
      headings: [{ text: "Concepts" }, { text: "How many", look: "number" }, ...columns.shown.map((set) => ({
        text: name(set.name), under: `${set.size}`, look: "tall", tell: `${name(set.name)}: names ${counted(set.size, "concept")}` }))],
    } : null,
    sheet: () => ({
      headings: ["Sets", "Concepts", "Names of the concepts"],
      rows: rows.map((r) => [r.sets.map(name).join("; "), r.members.length, r.members.map((c) => c.label).join("; ")]),
    }),
  };
}

/**
 * A work's row of the timeline.
 * @param {Facts} facts
 * @param {Work} w
 * @param {number} judgements how many rest on it
 */
function workLine(facts, w, judgements) {
  const open = `work:${w.key}`;
  const what = `${labelOf(facts, "document_type", w.type)}; ${w.kind}`;
  const asked = w.voices.map((v) => labelOf(facts, "voices", v)).join(", ");
  const tell = `${w.label}, ${what}, asked: ${asked}; ${counted(judgements, "judgement")} of this selection ${judgements === 1 ? "rests" : "rest"} on it`;
  return { year: w.year, look: w.kind.replaceAll(" ", "-"), open, tell, texts: [w.label, what, asked, `${judgements}`] };
}

/**
 * An event's row of the timeline.
 * @param {Facts} facts
 * @param {Event_} e
 */
function eventLine(facts, e) {
  const where = e.jurisdiction.map((j) => labelOf(facts, "jurisdiction", j)).join(", ");
  return { year: e.year, look: "event", open: `event:${e.id}`, tell: `${e.year}: ${e.label}; ${e.kind}, ${where}`,
    texts: [e.label, `event: ${e.kind}`, "", ""] };
}

/**
 * Works by year, each at its place on the axis, and the events beside them.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {State} state
 * @returns {View}
 */
function timelineView(facts, selection, state) {
  const rests = new Map();
  for (const j of selection.judgements)
    for (const w of restsOn(j)) rests.set(w, (rests.get(w) ?? 0) + 1);
  const { events } = selection;
  const years = [...selection.works, ...events].flatMap(({ year }) => (year === null ? [] : [year]));
  const [first, last] = [Math.min(...years), Math.max(...years)];
  const works = sorted(selection.works, (w) => [
    ...({ theme: [w.setting.join()], name: [w.label] }[state.order] ?? []), w.year ?? 9999, w.label]);
  const lines = [...works.map((w) => workLine(facts, w, rests.get(w.at) ?? 0)), ...events.map((e) => eventLine(facts, e))];
  const inTime = ["name", "theme"].includes(state.order) ? lines : sorted(lines, (l) => [l.year ?? 9999]);
  const down = paged(inTime, state, "page", ROWS_AT_ONCE, "Rows");
  const rows = down.shown.map(({ year, look, open, tell, texts: [name, what, asked, judgements] }) => ({
    look: look === "event" ? look : "",
    cells: [
      { text: name, open, tell }, { text: year === null ? "no year" : `${year}`, look: "wide", open, tell },
      { text: what, look: "wide" }, { text: asked, look: "wide" },
      { text: judgements, look: "number", open, tell },
      year === null ? { text: "", look: "axis", open, tell }
        : { text: `${year}`, look: `axis dated ${look}`, open, tell, part: last === first ? 0 : (year - first) / (last - first) },
    ],
  }));
  const undated = works.filter((w) => w.year === null).length;
  return {
    says: [
      `${counted(works.length, "work")}`, years.length ? `, from ${first} to ${last}` : "",
      undated ? `; ${undated} without a year` : "",
      events.length ? `; ${counted(events.length, "event")} beside them (diamonds)` : "",
      ". A filled dot is a study, summary or synthesis, a ring no study or a design not known. Places where others were only read about are not works and not counted. ",
    ],
    above: [down.pager],
    grid: works.length ? {
      caption: "Works in time", look: "timeline", rows,
      headings: [{ text: "Work" }, ...["Year", "What it is", "Who was asked"].map((text) => ({ text, look: "wide" })),
        { text: "Judgements on it", look: "number" }, { text: years.length ? `${first} to ${last}` : "", look: "axis" }],
    } : null,
    sheet: () => ({
      headings: ["Work", "Title", "Year", "What it is", "Design", "Setting", "Jurisdiction", "Who was asked", "Judgements on it", "Address"],
      rows: [
        ...works.map((w) => [w.label, w.title, w.year ?? "", labelOf(facts, "document_type", w.type),
          labelOf(facts, "design", w.design), ...["setting", "jurisdiction", "voices"].map((c) => namesOf(facts, w, c, "; ")),
          rests.get(w.at) ?? 0, w.address]),
        ...events.map((e) => [e.label, "", e.year ?? "", `event: ${e.kind}`, "", "", namesOf(facts, e, "jurisdiction", "; "), "", "", ""]),
      ],
    }),
  };
}

/**
 * How sure a judgement is, in words.
 * @param {Judgement} j
 */
function sure(j) {
  const others = j.element.judgements.filter((o) => o.coding !== j.coding && o.concept === j.concept);
  const alike = others.filter((o) => o.relation === j.relation).length;
  const codings = !others.length ? "one coding"
    : alike === others.length ? `${others.length + 1} codings agree` : "codings differ";
  const read = new Set(j.element.sources.map(([w]) => w)).size;
  const sources = read ? counted(read, "source") : "no source of its own";
  return `${codings}, ${sources}, ${j.basis === "explicit" ? "quoted" : "interpreted"}`;
}

/**
 * Every wording that names a concept.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {State} state
 * @returns {View}
 */
function wordingsView(facts, selection, state) {
  const cells = cellsOf(selection.judgements);
  const perFramework = new Map();
  for (const j of selection.judgements) perFramework.set(j.framework, (perFramework.get(j.framework) ?? 0) + 1);
  const place = new Map(orderedConcepts([...cells.keys()], cells, state).map((c, at) => [c, at]));
  const column = new Map(orderedFrameworks([...perFramework.keys()], perFramework, state).map((f, at) => [f, at]));
  const judgements = sorted(selection.judgements, (j) => [
    place.get(/** @type {Concept} */ (j.concept)) ?? 0, column.get(j.framework) ?? 0, j.element.id]);
  const down = paged(judgements, state, "page", ROWS_AT_ONCE, "Wordings");
  const read = (/** @type {Judgement} */ j) =>
    [...new Set(j.element.sources.map(([w]) => facts.works[w].label))];
  const rows = down.shown.map((j) => {
    const concept = /** @type {Concept} */ (j.concept);
    const open = `judgement:${j.element.id}|${concept.id}|${j.coding}`;
    const tell = `“${j.element.wording}” ${MEANS[j.relation]}. ${j.reason}`;
    return {
      cells: [
        { text: concept.label, open, tell }, { text: `“${j.element.wording}”`, open, tell },
        { text: j.framework.short, open, tell }, { text: j.relation, open, tell },
        { text: sure(j), open, tell }, { text: listed(read(j), 2), open, tell },
      ],
    };
  });
  const elements = new Set(judgements.map((j) => j.element));
  return {
    says: [`${counted(elements.size, "wording")} in ${counted(judgements.length, "judgement")}. `],
    above: [down.pager],
    grid: judgements.length ? {
      caption: "Wordings that name a concept", look: "wordings", rows,
      headings: ["Concept", "Wording", "Framework", "Relation", "How sure", "Read in"].map((text) => ({ text })),
    } : null,
    sheet: () => ({
      headings: ["Concept", "Wording", "Meaning", "Framework", "Relation", "Basis", "Reason", "Coding", "How sure", "Read in"],
      rows: judgements.map((j) => [
        /** @type {Concept} */ (j.concept).label, j.element.wording, j.element.gloss, j.framework.short,
        j.relation, j.basis, j.reason, j.coding, sure(j),
        j.element.sources.map(([w, where]) => facts.works[w].label + (where ? `, ${where}` : "")).join("; ")]),
    }),
  };
}
