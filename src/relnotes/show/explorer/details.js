// What opens behind a mark: wording, meaning, relation, basis and reason, work, place and link.

/**
 * @typedef {{title: string, parts: Part[]}} Details
 */

/**
 * A button for something else that opens here.
 * @param {string} open
 * @param {string} words
 */
function opens(open, words) {
  return el("button", { type: "button", class: "link", "data-open": open }, words);
}

/** @param {[string, Part][]} pairs */
function pairsOf(pairs) {
  return el("dl", {}, ...pairs.filter(([, said]) => said).flatMap(([name, said]) => [
    el("dt", {}, name), el("dd", {}, said)]));
}

/**
 * @param {Facts} facts
 * @param {Source[]} sources
 */
function sourcesOf(facts, sources) {
  if (!sources.length) return el("p", {}, "No source of its own.");
  return el("ul", {}, ...sources.map(([at, where]) => {
    const work = facts.works[at];
    const place = (at === facts.page && facts.passages[where]) || where;
    return el("li", {}, opens(`work:${work.key}`, work.label), place ? `, ${place} ` : " ", outside(work));
  }));
}

/** @param {Work} work */
function outside(work) {
  return /^https?:\/\//.test(work.address)
    ? el("a", { href: work.address, rel: "noreferrer", target: "_blank" }, `open ${work.label} elsewhere`) : null;
}

/**
 * One judgement: who names what in which words, how, why, and where that was read.
 * @param {Facts} facts
 * @param {Judgement} j
 */
function judgementOf(facts, j) {
  const others = j.element.judgements.filter((o) => o.concept === j.concept && o.coding !== j.coding);
  const silent = facts.codings.filter((c) => c !== j.coding && !others.some((o) => o.coding === c));
  const counts = admits(facts, j, now());
  const [about] = now().open.split(":");
  return el(
    "section", { class: "judgement" },
    el("blockquote", {}, j.element.wording),
    pairsOf([
      ["Meaning", j.element.gloss],
      ["Concept", about === "concept" ? "" : j.concept ? opens(`concept:${j.concept.id}`, j.concept.label) : "none of the codebook"],
      ["Framework", about !== "framework" && opens(`framework:${j.framework.id}`, j.framework.short)],
      ["Relation", j.concept && `${j.relation}: the wording ${MEANS[j.relation]}`],
      ["Basis", j.concept && `${j.basis}: ${MEANS[j.basis]}`],
      ["Reason", `${j.reason} (coding ${j.coding})`],
      ["Other codings", [
        ...others.map((o) => `${o.coding}: ${o.relation}, ${o.basis}. ${o.reason}`),
        silent.length ? `${listed(silent)}: does not find it here.` : ""].filter(Boolean).join(" ")],
      ["How sure", `${sure(j)}; the wording is ${j.element.certainty.replaceAll("_", " ")}`],
      ["Counted", counts ? "" : "no, not under this lens"],
      ["Read in", sourcesOf(facts, j.element.sources)],
    ]),
    pageLink("crosswalk", [j.element.id, j.concept?.id ?? "no-concept", j.coding], "This judgement’s own page"),
  );
}

/**
 * The name of a row's own page in a site, as the site gives it.
 * @param {string} table
 * @param {string[]} ids
 */
function pageName(table, ids) {
  const parts = ids.map((id) => id.replace(/[^A-Za-z0-9._-]|^[.-]|(?<=-)-|-$/gu,
    (found) => `~${found.codePointAt(0)?.toString(16)};`));
  return `${FACTS.folders[table]}/${parts.join("--")}.html`;
}

/**
 * A link to a row's own page, where the explorer stands in a site.
 * @param {string} table
 * @param {string[]} ids
 * @param {string} words
 */
function pageLink(table, ids, words) {
  return FACTS.site === null ? null
    : el("p", {}, el("a", { href: FACTS.site + pageName(table, ids), target: "_top" }, words));
}

/**
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {Concept} c
 * @returns {Details}
 */
function conceptDetails(facts, selection, c) {
  const here = selection.judgements.filter((j) => j.concept === c);
  const frameworks = new Set(here.map((j) => j.framework));
  const bears = bearing(facts, { ...selection, concepts: [c] }).get(c);
  const claims = [...(bears?.claims ?? [])];
  return {
    title: c.label,
    parts: [
      el("p", {}, c.definition),
      pairsOf([
        ["Theme", c.theme],
        ["Named by", `${counted(frameworks.size, "framework")} of ${selection.frameworks.length} compared in this selection; ${voices(here)}`],
        ["Works", counted(apart([...bears?.works ?? []]), "work") + " here bear on it, reports of one study counted once"],
      ]),
      el("h3", {}, "In what words, on whose evidence"),
      here.length ? null : el("p", {}, "No wording of this selection names it under this lens."),
      ...here.map((j) => judgementOf(facts, j)),
      ...DIRECTIONS.flatMap((direction) => {
        const some = claims.filter(([, d]) => d === direction);
        return some.length ? [el("h3", {}, direction === "mixed" ? "Claims that are mixed" : `Claims ${direction} it`),
          claimList(facts, some.map(([claim]) => claim), c)] : [];
      }),
      bears?.works.size ? el("h3", {}, "Works that bear on it") : null,
      bears?.works.size ? workList([...bears.works]) : null,
      pageLink("concepts", [c.id], "This concept’s own page"),
    ],
  };
}

/**
 * @param {Facts} facts
 * @param {Claim[]} claims
 * @param {Concept} [about] the concept they are listed for
 */
function claimList(facts, claims, about) {
  const reason = (/** @type {Claim} */ c) => c.bearings.find((b) => b.concept === about)?.reason;
  return el("ul", {}, ...claims.map((c) => el("li", {}, `${c.statement} `, reason(c) && `${reason(c)} `,
    c.cites.length ? "Cites " : "", ...c.cites.flatMap((w, i) => [
      i ? ", " : "", opens(`work:${facts.works[w].key}`, facts.works[w].label)]), sourcesOf(facts, c.sources))));
}

/** @param {Work[]} works */
function workList(works) {
  return el("ul", {}, ...works.map((w) => el("li", {}, opens(`work:${w.key}`, w.label), ` ${w.title} `,
    ...w.findings.map((f) => el("span", {}, `Found: ${f.words}. `)))));
}

/**
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {Framework} f
 * @returns {Details}
 */
function frameworkDetails(facts, selection, f) {
  const kin = f.family === "not_applicable" ? []
    : facts.frameworks.filter((o) => o !== f && o.family === f.family);
  const left = selection.notCompared[f.at];
  return {
    title: f.label,
    parts: [
      pairsOf([
        ["Kind", namesOf(facts, f, "kind")], ["Setting", namesOf(facts, f, "setting")],
        ["People", namesOf(facts, f, "people")], ["Jurisdiction", namesOf(facts, f, "jurisdiction")], ["Year", f.year === null ? "not known" : `${f.year}`],
        ["Elements", `${f.elements.length} here${f.stated === null ? "" : `, ${f.stated} stated by the source`}`],
        ["Certainty", f.certainty.replaceAll("_", " ")], ["Note", f.note],
        ["Not compared", left ?? ""],
        ["Relatives", kin.length ? el("span", {}, ...kin.flatMap((o, i) => [i ? ", " : "", opens(`framework:${o.id}`, o.short)])) : ""],
        ["Read in", sourcesOf(facts, f.sources)],
      ]),
      el("h3", {}, "Its elements, and what they name"),
      ...f.elements.map((e) => {
        const own = e.judgements.filter((j) => j.coding === now().coding);
        return el("details", {}, el("summary", {}, `“${e.wording}” `,
          el("span", { class: "names" }, own.filter((j) => j.concept).map((j) => j.concept?.label).join(", ") || "names no concept")),
        ...own.map((j) => judgementOf(facts, j)),
        own.length ? null : el("p", {}, `No judgement in the coding ${now().coding}. ${e.gloss}`));
      }),
      pageLink("frameworks", [f.id], "This framework’s own page"),
    ],
  };
}

/**
 * @param {Facts} facts
 * @param {Work} w
 * @returns {Details}
 */
function workDetails(facts, w) {
  const elements = facts.elements.filter((e) => e.sources.some(([at]) => at === w.at));
  const frameworks = facts.frameworks.filter((f) => f.keys.has(w.at));
  const claims = facts.claims.filter((c) => c.cites.includes(w.at));
  return {
    title: w.label,
    parts: [
      el("p", {}, w.title),
      pairsOf([
        ["Year", w.year === null ? "not known" : `${w.year}`], ["What it is", `${labelOf(facts, "document_type", w.type)}; ${labelOf(facts, "design", w.design)}`],
        ["Role here", w.role], ["Setting", namesOf(facts, w, "setting")], ["Jurisdiction", namesOf(facts, w, "jurisdiction")],
        ["Who was asked", namesOf(facts, w, "voices")], ["Publisher", namesOf(facts, w, "publisher")],
        ["Checked", w.verification.replaceAll("_", " ")], ["Elsewhere", outside(w)],
      ]),
      w.findings.length ? el("h3", {}, "What it found") : null,
      ...w.findings.map((f) => el("p", {}, `${f.words}. Compared: ${f.comparison || "not said"}. ${f.certainty.replaceAll("_", " ")}.`)),
      el("h3", {}, "What rests on it"),
      el("p", {}, `${counted(frameworks.length, "framework")}, ${counted(elements.length, "element")}, ${counted(claims.length, "claim")}.`),
      el("ul", {}, ...frameworks.map((f) => el("li", {}, opens(`framework:${f.id}`, f.short), " ",
        elements.filter((e) => e.framework === f).map((e) => `“${e.wording}”`).join(", ")))),
      claims.length ? el("h3", {}, "Claims that cite it") : null,
      claims.length ? claimList(facts, claims) : null,
      pageLink("studies", [w.key], "This work’s own page"),
    ],
  };
}

/**
 * @param {Facts} facts
 * @param {Event_} e
 * @returns {Details}
 */
function eventDetails(facts, e) {
  return {
    title: e.label,
    parts: [pairsOf([
      ["Year", e.year === null ? "not known" : `${e.year}`], ["Kind of event", e.kind], ["Jurisdiction", namesOf(facts, e, "jurisdiction")],
      ["Certainty", e.certainty.replaceAll("_", " ")], ["Note", e.note], ["Read in", sourcesOf(facts, e.sources)],
    ])],
  };
}

/**
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {string} conceptId
 * @param {string} value
 * @returns {Details | null}
 */
function gapDetails(facts, selection, conceptId, value) {
  const c = facts.concepts.find((one) => one.id === conceptId);
  const bears = c && bearing(facts, { ...selection, concepts: [c] }).get(c);
  if (!c || !bears) return null;
  const { by } = now();
  const of = (/** @type {any[]} */ things) => things.filter((t) => valuesOf(t, by).includes(value));
  const [frameworks, works] = [of(SIDES[by].includes("frameworks") ? [...bears.frameworks] : []), of(SIDES[by].includes("works") ? [...bears.works] : [])];
  const claims = of(SIDES[by].includes("claims") ? [...bears.claims.keys()] : []);
  return {
    title: `${c.label}, ${labelOf(facts, by, value)}`,
    parts: [
      el("p", {}, opens(`concept:${c.id}`, `Everything about ${c.label}`)),
      el("h3", {}, counted(frameworks.length, "framework")),
      el("ul", {}, ...frameworks.map((f) => el("li", {}, opens(`cell:${c.id}|${f.id}`, f.short)))),
      el("h3", {}, counted(claims.length, "claim")), claimList(facts, claims),
      el("h3", {}, counted(apart(works), "work")), workList(works),
    ],
  };
}

/**
 * What stands behind the mark that is open.
 * @param {Facts} facts
 * @param {Chosen} selection
 * @param {string} open
 * @returns {Details | null}
 */
function detailsOf(facts, selection, open) {
  const kind = open.slice(0, open.indexOf(":"));
  const ids = open.slice(kind.length + 1).split("|");
  const concept = facts.concepts.find((c) => c.id === ids[kind === "judgement" ? 1 : 0]);
  const framework = facts.frameworks.find((f) => f.id === ids[kind === "cell" ? 1 : 0]);
  const work = facts.works.find((w) => w.key === ids[0]);
  const judged = facts.judgements.filter((j) =>
    kind === "cell" ? j.concept === concept && j.framework === framework && j.coding === now().coding
      : j.element.id === ids[0] && j.concept === concept && j.coding === ids[2]);
  if (kind === "concept" && concept) return conceptDetails(facts, selection, concept);
  if (kind === "framework" && framework) return frameworkDetails(facts, selection, framework);
  if (kind === "work" && work) return workDetails(facts, work);
  const event = facts.events.find((e) => e.id === ids[0]);
  if (kind === "event" && event) return eventDetails(facts, event);
  if (kind === "gap") return gapDetails(facts, selection, ids[0], ids[1]);
  if ((kind === "cell" || kind === "judgement") && concept && judged.length)
    return {
      title: kind === "cell" && framework ? `${concept.label} in ${framework.short}` : `${concept.label}: one judgement`,
      parts: judged.map((j) => judgementOf(facts, j)),
    };
  if (kind !== "sets") return null;
  const row = combine(facts, selection, now()).rows.find((r) => r.sets.join("|") === ids.join("|"));
  return row ? {
    title: `${counted(row.members.length, "concept")} ${MODES[now().mode]}: ${listed(row.sets.map((n) => labelOf(facts, now().sets, n)), 20)}`,
    parts: [el("ul", {}, ...row.members.map((c) => el("li", {}, opens(`concept:${c.id}`, c.label), ` ${c.definition}`)))],
  } : null;
}
