// What every view is made of: elements, words, grids that are walked by key, files to take away.

/** @typedef {string | Node | null | undefined | false} Part */
/**
 * @typedef {{text: string, look?: string, tell?: string, open?: string, part?: number,
 *   under?: string}} Cell `part` is a share of the most, drawn by its look
 * @typedef {{cells: (Cell | null)[], look?: string}} Row a cell is null where nothing is
 * @typedef {{caption: string, look: string, headings: Cell[], rows: Row[], nothing?: string}} Grid
 *   `nothing` says what a cell without anything in it means
 * @typedef {{headings: string[], rows: (string | number)[][]}} Sheet
 */

/**
 * Make an element. Text comes in as text only, so that no label can become markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | null>} attributes
 * @param {Part[]} parts
 * @returns {HTMLElementTagNameMap[T]}
 */
function el(tag, attributes = {}, ...parts) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : `${value}`);
  made.append(...parts.filter((p) => p !== null && p !== undefined && p !== false));
  return made;
}

const NUMBER = new Intl.NumberFormat("en");

/**
 * A number with its noun.
 * @param {number} n
 * @param {string} noun
 * @param {string} [many]
 */
function counted(n, noun, many = `${noun}s`) {
  return `${NUMBER.format(n)} ${n === 1 ? noun : many}`;
}

/**
 * Names in a sentence: a, b and c; the rest counted.
 * @param {string[]} names
 * @param {number} most
 */
function listed(names, most = 6) {
  if (names.length > most + 1)
    return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** @type {WeakMap<Element, Cell>} What is drawn in a cell. */
const BEHIND = new WeakMap();

/**
 * Draw a table that is the picture: walked with the arrow keys, told on hover and focus, opened by
 * Enter. Only cells that differ from what stands there are touched.
 * @param {HTMLTableElement} table
 * @param {Grid | null} grid
 */
function drawGrid(table, grid) {
  const { look, caption, headings, rows, nothing } = grid ?? {
    look: "", caption: "", headings: [], rows: [], nothing: "",
  };
  const [head, body] = [table.tHead?.rows[0], table.tBodies[0]];
  if (!head) return;
  if (table.className !== look) {
    table.className = look;
    head.replaceChildren();
    body.replaceChildren();
  }
  table.hidden = !grid;
  table.dataset.nothing = nothing ?? "nothing";
  if (table.caption) table.caption.textContent = caption;
  table.style.setProperty("--columns", `${headings.length}`);
  table.querySelector("[tabindex]")?.removeAttribute("tabindex");
  drawLine(head, headings, true);
  rows.forEach((row, at) => {
    const line = body.rows[at] ?? body.appendChild(el("tr", { role: "row" }));
    if (line.className !== (row.look ?? "")) line.className = row.look ?? "";
    drawLine(line, row.cells, false);
  });
  while (body.rows.length > rows.length) body.lastElementChild?.remove();
  body.rows[0]?.cells[0]?.setAttribute("tabindex", "0");
}

/**
 * @param {HTMLTableRowElement} line
 * @param {(Cell | null)[]} cells
 * @param {boolean} heading
 */
function drawLine(line, cells, heading) {
  let at = line.firstElementChild;
  cells.forEach((cell, place) => {
    const here = at ?? line.appendChild(el(heading || !place ? "th" : "td",
      { role: heading ? "columnheader" : place ? "gridcell" : "rowheader" }));
    drawCell(/** @type {HTMLElement} */ (here), cell);
    at = here.nextElementSibling;
  });
  while (line.children.length > cells.length) line.lastElementChild?.remove();
}

/**
 * @param {HTMLElement} here
 * @param {Cell | null} cell
 */
function drawCell(here, cell) {
  const old = BEHIND.get(here);
  if (!cell && !old) return;
  if (cell) BEHIND.set(here, cell);
  else BEHIND.delete(here);
  const { text = "", look = "", part, under } = cell ?? {};
  const turned = old?.look !== look;
  if (turned) here.className = look;
  if (old?.part !== part) here.style.setProperty("--part", part === undefined ? "" : `${part}`);
  if (!turned && old?.text === text && old?.under === under) return;
  if (look.startsWith("tall"))
    here.replaceChildren(el("span", {}, text), under === undefined ? "" : el("small", {}, under));
  else here.textContent = text;
}

/**
 * What is told of a cell: its own words, or what stands at its row and column when it is empty.
 * @param {HTMLTableCellElement} cell
 */
function told(cell) {
  const own = BEHIND.get(cell)?.tell;
  if (own || cell.textContent) return own ?? "";
  const table = /** @type {HTMLTableElement} */ (cell.closest("table"));
  const line = /** @type {HTMLTableRowElement} */ (cell.parentElement);
  const heading = table.rows[0].cells[cell.cellIndex].textContent;
  return `${line.cells[0].textContent}, ${heading}: ${table.dataset.nothing}`;
}

/**
 * Where a key leads from a cell of a grid.
 * @param {HTMLTableCellElement} cell
 * @param {KeyboardEvent} event
 * @returns {HTMLTableCellElement | null}
 */
function nextCell(cell, event) {
  const line = /** @type {HTMLTableRowElement} */ (cell.parentElement);
  const { rows } = /** @type {HTMLTableElement} */ (cell.closest("table"));
  const [row, column] = [line.rowIndex, cell.cellIndex];
  const last = line.cells.length - 1;
  const far = event.ctrlKey || event.metaKey;
  /** @type {Record<string, [number, number]>} */
  const places = {
    ArrowRight: [row, column + 1],
    ArrowLeft: [row, column - 1],
    ArrowDown: [row + 1, column],
    ArrowUp: [row - 1, column],
    Home: [far ? 0 : row, 0],
    End: [far ? rows.length - 1 : row, last],
    PageDown: [Math.min(row + 10, rows.length - 1), column],
    PageUp: [Math.max(row - 10, 0), column],
  };
  const place = places[event.key];
  return (place && rows[place[0]]?.cells[place[1]]) ?? null;
}

/**
 * Move the one tab stop of a grid to a cell, and the focus with it.
 * @param {HTMLTableCellElement} cell
 */
function focusCell(cell) {
  cell.closest("table")?.querySelector("[tabindex]")?.removeAttribute("tabindex");
  cell.tabIndex = 0;
  cell.focus();
}

/**
 * A choice among named values.
 * @param {string} name
 * @param {string} label
 * @param {[string, string][]} options
 * @param {string} chosen
 */
function choice(name, label, options, chosen) {
  const select = el("select", { name });
  for (const [value, words] of options)
    select.append(el("option", { value, selected: value === chosen }, words));
  return el("label", {}, el("span", {}, label), select);
}

/**
 * Rows as a file of comma-separated values that no spreadsheet takes for formulas.
 * @param {string} first
 * @param {Sheet} sheet
 */
function asCsv(first, sheet) {
  const guard = (/** @type {string | number} */ cell) => {
    const text = `${cell}`.replace(/\r?\n/g, " ");
    const safe = typeof cell === "string" && /^\s*[=+\-@\t]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const lines = [[first], sheet.headings, ...sheet.rows].map((row) => row.map(guard).join(","));
  return `\uFEFF${lines.join("\r\n")}\r\n`;
}

/**
 * Hand a file to the reader.
 * @param {string} name
 * @param {string} text
 */
function hand(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
