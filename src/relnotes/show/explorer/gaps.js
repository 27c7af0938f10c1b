// The gap map: concepts by what the evidence is divided by.

/** Which rows say something about a division of the gap map. */
/** @type {Record<string, string[]>} */
const SIDES = {
  design: ["works"],
  setting: ["frameworks", "claims", "works"],
  jurisdiction: ["frameworks", "works"],
  people: ["frameworks", "claims"],
  voices: ["works"],
};

/**
 * The values of a thing in a division of the gap map.
 * @param {any} thing
 * @param {string} by
 * @returns {string[]}
 */
function valuesOf(thing, by) {
  return by === "design" ? [thing.design] : thing[by];
}

/**
 * Concepts by what the evidence is divided by.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {State} state
 * @returns {View}
 */
function gapsView(facts, selection, state) {
  const bears = bearing(facts, selection);
  const sides = SIDES[state.by];
  const count = sides.includes(state.count) ? state.count : sides[0];
  const things = (/** @type {Bears} */ b) => (count === "claims" ? [...b.claims.keys()]
    : count === "works" ? [...b.works] : [...b.frameworks]);
  const cells = new Map([...bears].map(([c, b]) => [
    c, new Map([...grouped(things(b).flatMap((t) => valuesOf(t, state.by).map((v) => ({ v, t }))), (x) => x.v)]
      .map(([v, xs]) => [v, xs.map((x) => x.t)])),
  ]));
  const totals = new Map();
  for (const row of cells.values())
    for (const [v, ts] of row) totals.set(v, (totals.get(v) ?? 0) + apart(ts));
  const columns = sorted(totals.keys(), (v) => [EMPTY.indexOf(v), -totals.get(v), v]);
  const has_ = (/** @type {Concept} */ c, /** @type {string} */ v) => (cells.get(c)?.get(v)?.length ?? 0) > 0;
  const asked = selection.concepts.filter(
    (c) => (!state.silent || !has_(c, state.silent)) && (!state.named || has_(c, state.named)));
  const concepts = orderedConcepts(asked, cellsOf(selection.judgements), state);
  const coded = {
    frameworks: facts.codings.length > 0 &&
      !facts.frameworks.some((f) => f.at in selection.notCompared && f.completeness !== "named_only"),
    claims: !facts.claims.length || facts.bearings.length > 0,
  };
  const gap = (/** @type {Concept} */ c) => missing(/** @type {Bears} */ (bears.get(c)), coded);
  const most = Math.max(1, ...[...cells.values()].flatMap((r) => [...r.values()].map(apart)));
  const across = paged(columns, state, "across", COLUMNS_AT_ONCE, "Columns");
  const down = paged(concepts, state, "page", ROWS_AT_ONCE, "Concepts");
  const name = (/** @type {string} */ v) => labelOf(facts, state.by, v);
  const headings = [
    { text: "Concept" },
    ...across.shown.map((v) => ({ text: name(v), look: "tall", tell: `${name(v)}: ${totals.get(v)} in all` })),
    { text: "What is missing", look: "wide" },
  ];
  const rows = down.shown.map((c) => ({
    cells: [
      { text: c.label, open: `concept:${c.id}`, tell: `${c.label}: ${VOIDS[gap(c)]}` },
      ...across.shown.map((v) => gapCell(c, [v, name(v)], cells.get(c)?.get(v) ?? [], count, most)),
      { text: gap(c) ? VOIDS[gap(c)] : "", look: "wide" },
    ],
  }));
  /** @type {Map<string, Concept[]>} */
  const voids = grouped(concepts, gap);
  const options = /** @type {[string, string][]} */ (columns.map((v) => [v, name(v)]));
  return {
    controls: [
      choice("by", "Divided by", Object.keys(SIDES).map((s) => [s, s]), state.by),
      choice("count", "Count", sides.map((s) => [s, s]), count),
      choice("silent", "Silent in", [["", "any"], ...options], state.silent),
      choice("named", "but not in", [["", "any"], ...options], state.named),
    ],
    says: [
      state.silent || state.named
        ? `${counted(concepts.length, "concept")}${state.named ? ` with ${count} in ${name(state.named)}` : ""}${state.silent ? ` and none in ${name(state.silent)}` : ""}: ${listed(concepts.map((c) => c.label), 12)}. `
        : `${counted(concepts.length, "concept")} by ${state.by}. `,
      count === "works" ? "Works that report one study count once. " : "",
      ...["unnamed", "untested", "claimed", "unsynthesised", "open"].filter((v) => voids.has(v))
        .map((v) => ({ v, n: voids.get(v)?.length ?? 0 }))
        .map(({ v, n }) => `${counted(n, "concept")} ${n === 1 ? "is" : "are"} ${v}. `),
    ],
    above: [across.pager, down.pager],
    grid: concepts.length && columns.length
      ? { caption: `${count} on each concept, by ${state.by}`, look: "gaps", headings, rows } : null,
    sheet: () => ({
      headings: ["Concept", "Theme", ...columns.map(name), "What is missing"],
      rows: concepts.map((c) => [c.label, c.theme,
        ...columns.map((v) => apart(cells.get(c)?.get(v) ?? [])), gap(c) ? VOIDS[gap(c)] : ""]),
    }),
  };
}

/**
 * @param {Concept} c
 * @param {[string, string]} value the term and its label
 * @param {any[]} things
 * @param {string} count
 * @param {number} most
 * @returns {Cell | null}
 */
function gapCell(c, [value, label], things, count, most) {
  const n = apart(things);
  if (!n) return null;
  const names = things.map((t) => t.short ?? t.label ?? t.statement);
  return {
    text: `${n}`, look: "dot", open: `gap:${c.id}|${value}`,
    tell: `${c.label}, ${label}: ${counted(n, count.slice(0, -1))}: ${listed(names, 3)}`,
    part: Math.sqrt(n / most),
  };
}
