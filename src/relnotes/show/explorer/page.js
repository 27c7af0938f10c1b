// The page itself: one state, held in the address, drawn anew whenever it changes.

/**
 * @typedef {Record<string, string> & {view: string, coding: string, strictness: string,
 *   basis: string, words: string, theme: string, from: string, to: string, order: string,
 *   against: string, sets: string, mode: string, by: string, count: string, silent: string,
 *   named: string, was: string, open: string, people: string, kind: string}} State
 */

/** @type {Facts} Read before anything is drawn. */
let FACTS;
/** @type {Record<string, [string, (f: Facts, s: Chosen, t: State) => View]>} */
const VIEWS = {
  combinations: ["Combinations", combinationsView],
  matrix: ["Matrix", matrixView],
  timeline: ["Timeline", timelineView],
  gaps: ["Gap map", gapsView],
  wordings: ["Wordings", wordingsView],
};
/** @type {[string, string, ("frameworks" | "works" | "claims")[]][]} */
const FILTERS = [
  ["setting", "Setting", ["frameworks", "works", "claims"]],
  ["people", "People", ["frameworks", "claims"]],
  ["jurisdiction", "Jurisdiction", ["frameworks", "works"]],
  ["voices", "Who was asked", ["works"]],
  ["publisher", "Publisher", ["works"]],
  ["kind", "Kind of framework", ["frameworks"]],
];
/** @type {State} */
const DEFAULT = {
  view: "combinations", coding: "", strictness: "close", basis: "any",
  setting: "", people: "", jurisdiction: "", voices: "", publisher: "", kind: "", theme: "",
  from: "", to: "", words: "", order: "most", against: "", sets: "setting", mode: "exactly",
  by: "setting", count: "frameworks", silent: "", named: "", was: "", open: "", page: "1", across: "1",
};
const NARROWS = [...FILTERS.map(([name]) => name), "theme", "from", "to", "words"];
/** @type {Record<string, Record<string, any>>} Where only these values mean anything. */
const KNOWN = { view: VIEWS, strictness: { exact: 1, close: 1, kin: 1, any: 1 }, basis: { any: 1, explicit: 1 }, mode: MODES, by: SIDES };

/** @type {State} */
let state = { ...DEFAULT };
let linkVersion = "";
/** @type {View | null} */
let shown = null;
/** @type {Chosen} */
let selection;
let drawn = "";
/** @type {HTMLElement | null} */
let openedFrom = null;

function now() {
  return state;
}

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * The fragment that says what differs from the default, and of which version.
 * @param {State} of
 */
function address(of) {
  const told = Object.entries(of).filter(([name, value]) => value !== DEFAULT[name]);
  return `#${new URLSearchParams([...told, ["v", FACTS.version]])}`;
}

/** @param {string} fragment */
function readAddress(fragment) {
  const told = new URLSearchParams(fragment.replace(/^#/, ""));
  /** @type {State} */
  const read = { ...DEFAULT };
  for (const name of Object.keys(DEFAULT)) {
    const value = told.get(name);
    const meant = value !== null && (!(name in KNOWN) || Object.hasOwn(KNOWN[name], value));
    if (meant && (name !== "coding" || FACTS.codings.includes(value))) read[name] = value;
  }
  linkVersion = told.get("v") ?? "";
  return read;
}

/**
 * Change the state, remember it in the address, draw.
 * @param {Record<string, string>} change
 * @param {boolean} [quietly] without a step for Back, as while typing
 */
function go(change, quietly = false) {
  const turned = "page" in change || "across" in change || "open" in change;
  state = { ...state, ...(turned ? {} : { page: "1", across: "1" }), ...change };
  linkVersion = FACTS.version;
  try {
    history[quietly ? "replaceState" : "pushState"](null, "", address(state));
  } catch {
    // A frame without an address of its own: the state is kept here alone.
  }
  draw();
}

/** The version that a link was made for, where it is another than this one. */
function otherVersion() {
  return linkVersion === FACTS.version ? "" : linkVersion;
}

/** @param {Lens} lens */
function lensWords(lens) {
  const basis = lens.basis === "explicit" ? ", said in so many words" : "";
  return `${lens.coding || "nothing coded"}, ${lens.strictness}${basis}`;
}

/**
 * How many independent voices, in words.
 * @param {Judgement[]} judgements
 */
function voices(judgements) {
  const { least, most } = independence(FACTS, judgements);
  if (least === null || most === null) {
    const number = least ?? most;
    return number === null ? "an uncounted number of independent voices"
      : `at ${least === null ? "most" : "least"} ${counted(number, "independent voice")}`;
  }
  if (least === most) return counted(most, "independent voice");
  return `${NUMBER.format(least)} to ${counted(most, "independent voice")}`;
}

/** @param {Chosen} s */
function summary(s) {
  const b = (/** @type {string} */ name, /** @type {number} */ n) =>
    el("b", { "data-count": name }, NUMBER.format(n));
  const some = (/** @type {string} */ noun, /** @type {number} */ n) =>
    [b(`${noun}s`, n), ` ${n === 1 ? noun : `${noun}s`}`];
  const named = new Set(s.judgements.map((j) => j.concept));
  const naming = new Set(s.judgements.map((j) => j.framework));
  const elements = new Set(s.judgements.map((j) => j.element));
  const inCoding = s.reachable.filter((j) => j.coding === state.coding).length;
  const out = grouped(s.inside.filter((f) => f.at in s.notCompared), (f) => s.notCompared[f.at]);
  return [
    b("concepts", named.size), ` of ${counted(s.concepts.length, "concept")} named by `,
    b("frameworks", naming.size), ` of `, b("compared", s.frameworks.length),
    ` framework${s.frameworks.length === 1 ? "" : "s"} in `, ...some("wording", elements.size), " and ",
    ...some("judgement", s.judgements.length), ": ", voices(s.judgements), ". ", ...some("work", s.works.length), ", ",
    ...some("claim", s.claims.length), ". ",
    `Left out: `, counted(inCoding - s.judgements.length, "judgement"), ` that the lens does not admit`,
    ...[...out].map(([reason, fs]) => `, ${counted(fs.length, "framework")} (${reason})`),
    s.inside.length < FACTS.frameworks.length
      ? `, ${counted(FACTS.frameworks.length - s.inside.length, "framework")} by the filters` : "", ".",
  ];
}

/** Say why nothing is left, and offer the way back. */
function nothingLeft() {
  const narrowing = NARROWS.filter((name) => state[name]);
  if (!FACTS.codings.length && state.view !== "timeline")
    return el("p", { class: "empty" }, "Nothing has been judged yet: this collection has no row in its crosswalk.");
  if (!narrowing.length)
    return el("p", { class: "empty" }, "Under this lens this view has nothing to show. ",
      el("a", { href: address({ ...DEFAULT, view: state.view, strictness: "any" }) }, "Let every relation count"));
  const ways = narrowing.map((name) => {
    const s = select(FACTS, { ...state, [name]: "" });
    const n = state.view === "timeline" ? counted(s.works.length, "work") : counted(s.judgements.length, "judgement");
    return el("li", {}, el("a", { href: address({ ...state, [name]: "" }) }, `Without ${said(name)}`), `: ${n}`);
  });
  return el("div", { class: "empty" }, el("p", {}, "Nothing passes all of these filters together."),
    el("ul", {}, ...ways, el("li", {}, el("a", { href: address({ ...DEFAULT, view: state.view }) }, "Without any filter"))));
}

/**
 * A filter in words.
 * @param {string} name
 */
function said(name) {
  const label = FILTERS.find(([n]) => n === name)?.[1].toLowerCase() ?? { words: "the words" }[name] ?? name;
  return `${label}: ${labelOf(FACTS, name, state[name])}`;
}

/** What the folded filters hold: the lens, and how many filters narrow. */
function foldedWords() {
  const narrowing = NARROWS.filter((name) => state[name]).length;
  return `${lensWords(state)}${narrowing ? `; ${counted(narrowing, "filter")}` : ""}`;
}

/** Draw what differs from what is drawn. */
function draw() {
  const wanted = address({ ...state, open: "" }) + otherVersion();
  if (wanted !== drawn) drawView();
  drawn = wanted;
  drawDetails();
}

function drawView() {
  selection = select(FACTS, state);
  const [title, view] = VIEWS[state.view];
  shown = view(FACTS, selection, state);
  const focus = /** @type {HTMLInputElement | null} */ (document.activeElement);
  const kept = focus?.closest("#view") ? focus.name : "";
  byId("summary").replaceChildren(...summary(selection).filter((p) => p !== null));
  byId("says").replaceChildren(...shown.says.filter((p) => p !== null && p !== undefined && p !== false),
    state.was ? el("a", { href: address({ ...state, was: "" }) }, "Take the marks away") : "");
  byId("old").textContent = otherVersion()
    ? `This link was made for version ${otherVersion()}; this page holds ${FACTS.version}, so its numbers may differ.` : "";
  byId("chips").replaceChildren(...NARROWS.filter((name) => state[name]).map((name) =>
    el("a", { href: address({ ...state, [name]: "" }) }, `${said(name)} `, el("span", { "aria-hidden": "true" }, "×"),
      el("span", { class: "unseen" }, "take away"))));
  byId("view-title").textContent = title;
  byId("controls").replaceChildren(...(shown.grid ? shown.controls ?? [] : []));
  byId("above").replaceChildren(...(shown.grid ? shown.above ?? [] : [nothingLeft()]).filter((p) => p !== null && p !== undefined && p !== false));
  drawGrid(/** @type {HTMLTableElement} */ (byId("picture")), shown.grid);
  for (const link of document.querySelectorAll("nav a")) {
    const to = /** @type {HTMLAnchorElement} */ (link);
    to.href = address({ ...state, view: to.dataset.view ?? "", open: "", page: "1", across: "1" });
    to.toggleAttribute("aria-current", to.dataset.view === state.view);
    if (to.dataset.view === state.view) to.setAttribute("aria-current", "page");
  }
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#filters [name]")))
    if (field !== focus || field.tagName === "SELECT") field.value = state[field.name];
  byId("folded").textContent = foldedWords();
  if (kept) /** @type {HTMLElement | null} */ (document.querySelector(`#view [name="${kept}"]`))?.focus();
}

function drawDetails() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("details"));
  const found = state.open ? detailsOf(FACTS, selection, state.open) : null;
  if (!found) {
    if (dialog.open) dialog.close();
    return;
  }
  byId("details-title").textContent = found.title;
  byId("details-body").replaceChildren(...found.parts.filter((p) => p !== null && p !== undefined && p !== false));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  byId("details-title").focus();
}

/** @param {Event} event */
function tell(event) {
  const cell = /** @type {HTMLTableCellElement | null} */ (
    /** @type {Element} */ (event.target).closest?.("th, td"));
  byId("tell").textContent = cell ? told(cell) : "";
}

/** @param {Element} target */
function openFrom(target) {
  const cell = /** @type {HTMLTableCellElement | null} */ (target.closest("th, td"));
  const open = cell && BEHIND.get(cell)?.open;
  if (!cell || !open) return false;
  focusCell(cell);
  openedFrom = cell;
  go({ open });
  return true;
}

/** Download the rows of this view: headings in words, first line what and when. */
function download() {
  if (!shown) return;
  const sheet = shown.sheet();
  const first = [`${FACTS.title}, ${FACTS.version}: ${VIEWS[state.view][0]}`, `lens: ${lensWords(state)}`,
    ...NARROWS.filter((name) => state[name]).map(said), `${sheet.rows.length} rows`, address(state)].join("; ");
  hand(`${state.view}-${FACTS.version}.csv`, asCsv(first, sheet));
}

async function copyLink() {
  const link = location.href.split("#")[0] + address(state);
  const box = /** @type {HTMLInputElement} */ (byId("link"));
  box.value = link;
  box.hidden = false;
  box.select();
  try {
    await navigator.clipboard.writeText(link);
    byId("copied").textContent = "The link is copied.";
  } catch {
    byId("copied").textContent = "Copy the link from the field.";
  }
}

/** Fill the choices that depend on the collection. */
function fillFilters() {
  const filters = byId("filters");
  /** @type {[string, string][]} */
  const any = [["", "any"]];
  const values = (/** @type {string} */ name, /** @type {any[]} */ tables) => {
    const used = new Set(tables.flatMap((t) => /** @type {any} */ (FACTS)[t]
      .filter((/** @type {any} */ row) => !row.role).flatMap((/** @type {any} */ row) => row[name])));
    for (const term of [...used]) for (const b of FACTS.within[name]?.[term] ?? []) used.add(b);
    return sorted(used, (v) => [EMPTY.indexOf(v), labelOf(FACTS, name, v)])
      .map((v) => /** @type {[string, string]} */ ([v, labelOf(FACTS, name, v)]));
  };
  byId("lens").append(
    choice("coding", "Coding", FACTS.codings.map((c) => [c, c]), state.coding),
    choice("strictness", "Strictness", [["exact", "exact"], ["close", "close, and exact"],
      ["kin", "kin: narrower and broader too"], ["any", "any: related too"]], state.strictness),
    choice("basis", "Basis", [["any", "any"], ["explicit", "said in so many words"]], state.basis));
  byId("narrow").append(
    ...FILTERS.map(([name, label, tables]) => ({ name, label, options: values(name, tables) }))
      .filter(({ options }) => options.some(([v]) => !EMPTY.includes(v)))
      .map(({ name, label, options }) => choice(name, label, [...any, ...options], state[name])),
    choice("theme", "Theme", [...any, ...sorted(new Set(FACTS.concepts.map((c) => c.theme)), (t) => [t])
      .map((t) => /** @type {[string, string]} */ ([t, t]))], state.theme),
    ...["from", "to"].map((name) => el("label", { class: "year" }, el("span", {}, `${name === "from" ? "From" : "To"} year`),
      el("input", { name, type: "number", min: "1500", max: "2199", inputmode: "numeric" }))));
  byId("arrange").append(
    choice("order", "Order by", [["most", "most first"], ["name", "name"], ["year", "year"],
      ["theme", "theme and setting"]], state.order),
    choice("against", "One framework against all", [["", "none"],
      ...sorted(FACTS.frameworks, (f) => [f.short]).map((f) => /** @type {[string, string]} */ ([f.id, f.short]))], state.against));
  /** @type {HTMLDetailsElement} */ (byId("more")).open = matchMedia("(min-width: 1000px)").matches;
  filters.addEventListener("submit", (event) => event.preventDefault());
}

/** @param {Event} event */
function changed(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (!(field.name in DEFAULT)) return;
  const lens = ["coding", "strictness", "basis"];
  const was = [state.strictness, state.basis, state.coding].join(".");
  go({ [field.name]: field.value, ...(lens.includes(field.name) ? { was } : {}) });
}

function listen() {
  const view = byId("view");
  const dialog = /** @type {HTMLDialogElement} */ (byId("details"));
  document.addEventListener("change", changed);
  byId("filters").addEventListener("input", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.name === "words") go({ words: field.value }, true);
  });
  for (const name of ["mouseover", "focusin"]) view.addEventListener(name, tell);
  view.addEventListener("click", (event) => openFrom(/** @type {Element} */ (event.target)));
  view.addEventListener("submit", (event) => event.preventDefault());
  view.addEventListener("keydown", (event) => {
    const cell = /** @type {HTMLTableCellElement | null} */ (
      /** @type {Element} */ (event.target).closest("th, td"));
    if (!cell) return;
    const next = nextCell(cell, event);
    if (next) focusCell(next);
    else if (event.key === "Escape") /** @type {HTMLElement | null} */ (view.querySelector("h2"))?.focus();
    else if (event.key !== "Enter" || !openFrom(cell)) return;
    event.preventDefault();
  });
  // A link moves the state; the browser's own jump would lose the place on the page.
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest?.("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    if (link.id !== "skip") go(readAddress(link.getAttribute("href") ?? ""));
    /** @type {HTMLElement | null} */ (view.querySelector("h2"))?.focus();
  });
  dialog.addEventListener("close", () => {
    if (state.open) go({ open: "" });
    openedFrom?.focus();
  });
  dialog.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest("[data-open]"));
    if (button) go({ open: button.dataset.open ?? "" });
  });
  byId("close").addEventListener("click", () => dialog.close());
  byId("help").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("keys")).showModal());
  byId("keys-close").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("keys")).close());
  byId("download").addEventListener("click", download);
  byId("copy").addEventListener("click", copyLink);
  window.addEventListener("popstate", start);
}

function start() {
  state = readAddress(location.hash);
  draw();
}

async function begin() {
  try {
    FACTS = readFacts(await unpack(byId("facts").textContent ?? ""));
  } catch (error) {
    byId("summary").textContent = `This browser cannot open the tables of the page (${error}).`;
    return;
  }
  DEFAULT.coding = FACTS.codings[0] ?? "";
  fillFilters();
  listen();
  start();
}

begin();
