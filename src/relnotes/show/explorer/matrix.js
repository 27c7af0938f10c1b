// The matrix: concepts by frameworks, what a switch of the lens changes, one framework against all.

/**
 * Which cells appear and vanish when the lens is switched.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {State} state
 */
function switched(facts, selection, state) {
  const [strictness, basis, ...coding] = state.was.split(".");
  const was = { strictness, basis, coding: coding.join(".") };
  if (!(strictness in facts.ladder) || !facts.codings.includes(was.coding)) return null;
  const before = cellsOf(select(facts, { ...state, ...was }).judgements);
  const now = cellsOf(selection.judgements);
  const only = (/** @type {typeof now} */ a, /** @type {typeof now} */ b) =>
    [...a].flatMap(([c, fs]) => [...fs.keys()].filter((f) => !b.get(c)?.has(f)).map((f) => ({ c, f })));
  return { was, before, appeared: only(now, before), vanished: only(before, now) };
}

/**
 * Concepts by frameworks.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {State} state
 * @returns {View}
 */
function matrixView(facts, selection, state) {
  const cells = cellsOf(selection.judgements);
  const change = state.was ? switched(facts, selection, state) : null;
  const perFramework = new Map(selection.frameworks.map((f) => [f, 0]));
  for (const row of cells.values())
    for (const f of row.keys()) perFramework.set(f, (perFramework.get(f) ?? 0) + 1);
  const frameworks = orderedFrameworks(selection.frameworks, perFramework, state);
  const concepts = orderedConcepts(selection.concepts, cells, state);
  const across = paged(frameworks, state, "across", COLUMNS_AT_ONCE, "Frameworks");
  const down = paged(concepts, state, "page", ROWS_AT_ONCE, "Concepts");
  const against = facts.frameworks.find((f) => f.id === state.against);
  const headings = [
    { text: "Concept" },
    { text: "Frameworks", look: "tall" },
    ...across.shown.map((f) => ({
      text: f.short,
      look: f === against ? "tall against" : "tall",
      tell: `${f.label}: names ${counted(perFramework.get(f) ?? 0, "concept")} of this selection`,
      open: `framework:${f.id}`,
    })),
  ];
  const rows = down.shown.map((c) => {
    const row = cells.get(c);
    return {
      look: against && row?.has(against) ? "shared" : undefined,
      cells: [
        {
          text: c.label, open: `concept:${c.id}`,
          tell: `${c.label}: named by ${counted(row?.size ?? 0, "framework")} of this selection`,
        },
        { text: `${row?.size ?? 0}`, look: "number" },
        ...across.shown.map((f) => matrixCell(c, f, row?.get(f), change?.before.get(c)?.get(f), change)),
      ],
    };
  });
  const named = concepts.filter((c) => cells.has(c));
  return {
    says: [
      `${counted(named.length, "concept")} of ${concepts.length} named by `,
      `${counted([...perFramework.values()].filter(Boolean).length, "framework")}. `,
      change && saysSwitched(change, cells), against && saysAgainst(against, cells, selection),
    ],
    above: [legend(Boolean(change)), across.pager, down.pager],
    grid: concepts.length && frameworks.length
      ? { caption: "Which framework names which concept", look: "matrix", headings, rows, nothing: "not named" } : null,
    sheet: () => ({
      headings: ["Concept", "Theme", "Frameworks", ...frameworks.map((f) => f.short)],
      rows: concepts.map((c) => [
        c.label, c.theme, cells.get(c)?.size ?? 0,
        ...frameworks.map((f) => {
          const here = cells.get(c)?.get(f);
          return here ? `${strongest(here).relation}, ${strongest(here).basis}` : "";
        }),
      ]),
    }),
  };
}

/**
 * @param {Concept} c
 * @param {Framework} f
 * @param {Judgement[] | undefined} now
 * @param {Judgement[] | undefined} before
 * @param {object | null} change
 * @returns {Cell | null}
 */
function matrixCell(c, f, now, before, change) {
  const here = now ?? before;
  if (!here) return null;
  const best = strongest(here);
  const marked = change && !now ? "vanished " : change && !before ? "appeared " : "";
  const words = here.map((j) => `“${j.element.wording}”`);
  return {
    text: `${marked}${best.relation}`,
    look: `mark ${best.relation} ${best.basis} ${marked}`,
    tell: `${c.label}, ${f.short}: ${marked}${listed(words, 3)} ${MEANS[best.relation]}, ${MEANS[best.basis]}`,
    open: `cell:${c.id}|${f.id}`,
  };
}

/** @param {boolean} change */
function legend(change) {
  const key = (/** @type {string} */ look, /** @type {string} */ words) =>
    el("li", {}, el("span", { class: `mark ${look}`, "aria-hidden": "true" }), words);
  return el(
    "ul", { class: "legend", "aria-label": "Key" },
    key("exact explicit", "exact"), key("close explicit", "close"),
    key("narrower explicit", "narrower or broader"), key("related explicit", "related"),
    el("li", {}, "square: says so in its words; round: read from its meaning"),
    change && key("close explicit appeared", "appeared"),
    change && key("close explicit vanished", "vanished"),
  );
}

/**
 * @param {NonNullable<ReturnType<typeof switched>>} change
 * @param {Map<Concept, Map<Framework, Judgement[]>>} now
 */
function saysSwitched(change, now) {
  const { appeared, vanished, before, was } = change;
  const gone = [...before.keys()].filter((c) => !now.has(c)).map((c) => c.label);
  const come = [...now.keys()].filter((c) => !before.has(c)).map((c) => c.label);
  return el(
    "span", { class: "switched" },
    `Since the lens “${lensWords(was)}”, ${counted(appeared.length, "cell")} appeared and `,
    `${counted(vanished.length, "cell")} vanished`,
    gone.length ? `; no longer named: ${listed(gone)}` : "",
    come.length ? `; newly named: ${listed(come)}` : "", ". ",
  );
}

/**
 * @param {Framework} against
 * @param {Map<Concept, Map<Framework, Judgement[]>>} cells
 * @param {Chosen} selection
 */
function saysAgainst(against, cells, selection) {
  if (!selection.frameworks.includes(against))
    return `${against.short} is not among the frameworks compared. `;
  const own = [...cells].filter(([, row]) => row.has(against));
  const alone = own.filter(([, row]) => row.size === 1).map(([c]) => c.label);
  const shared = new Map();
  for (const [, row] of own)
    for (const f of row.keys()) if (f !== against) shared.set(f, (shared.get(f) ?? 0) + 1);
  const [nearest] = sorted(shared, ([f, n]) => [-n, f.short]);
  return [
    `${against.short} names ${counted(own.length, "concept")}`,
    alone.length ? `, of which no other names ${listed(alone)}` : "",
    nearest ? `; it shares most with ${nearest[0].short} (${nearest[1]})` : "", ". ",
  ].join("");
}
