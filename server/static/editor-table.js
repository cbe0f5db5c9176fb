// The view of answers that people read: a plain table that sorts, filters and links to the pages here.
import { page } from "./editor-results.js";

const ROWS = 100;
const NUMERIC = /#(integer|decimal|double|float|int|long|short|nonNegativeInteger|positiveInteger)$/;

export const isNumber = (cell) => NUMERIC.test(cell?.datatype ?? "");

// Rows and columns of any answer; the triples of a graph are rows of three.
export function table(results) {
  const quads = results?.getStatements?.();
  if (!quads) return { columns: results?.getVariables() ?? [], rows: results?.getBindings() ?? [] };
  const cell = (term) => ({
    type: term.termType === "NamedNode" ? "uri" : term.termType === "BlankNode" ? "bnode" : "literal",
    value: term.value,
    datatype: term.datatype?.value,
    "xml:lang": term.language || undefined,
  });
  return {
    columns: ["subject", "predicate", "object"],
    rows: quads.map((quad) => ({ subject: cell(quad.subject), predicate: cell(quad.predicate), object: cell(quad.object) })),
  };
}

export const tableView = (data, name) =>
  class Table {
    label = "Table";
    priority = 10;

    constructor(yasr) {
      this.yasr = yasr;
    }

    canHandleResults() {
      return table(this.yasr.results).columns.length > 0 || this.yasr.results?.getBindings() !== null;
    }

    draw() {
      const { columns, rows } = table(this.yasr.results);
      const state = { filter: "", sorted: undefined, down: false, from: 0 };
      const holder = document.createElement("div");
      const filter = Object.assign(document.createElement("input"), { type: "search", placeholder: "Filter the rows" });
      filter.setAttribute("aria-label", "Filter the rows");
      const body = document.createElement("div");
      const draw = () => body.replaceChildren(...this.shown(columns, rows, state, draw));
      filter.addEventListener("input", () => {
        Object.assign(state, { filter: filter.value.trim().toLowerCase(), from: 0 });
        draw();
      });
      if (rows.length > 10) holder.append(filter);
      holder.append(body);
      this.yasr.resultsEl.append(holder);
      draw();
    }

    shown(columns, rows, state, draw) {
      let chosen = state.filter
        ? rows.filter((row) => columns.some((column) => row[column]?.value.toLowerCase().includes(state.filter)))
        : [...rows];
      if (state.sorted !== undefined) {
        const [column, turn] = [state.sorted, state.down ? -1 : 1];
        chosen.sort((a, b) => turn * compared(a[column], b[column]));
      }
      if (!chosen.length) return [note(rows.length ? "No row holds that text." : "The query has no solution. Check the names against the ontology.")];
      const part = chosen.slice(state.from, state.from + ROWS);
      const made = document.createElement("table");
      const head = made.createTHead().insertRow();
      for (const column of columns) head.append(heading(column, rows, state, draw));
      const tbody = made.createTBody();
      for (const row of part) {
        const line = tbody.insertRow();
        for (const column of columns) this.fill(line.insertCell(), row[column]);
      }
      const scroll = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0 });
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", "Answer");
      scroll.append(made);
      return [scroll, ...pager(state, part.length, chosen.length, draw)];
    }

    fill(cell, term) {
      if (!term) return;
      if (term.type === "uri") {
        const link = document.createElement("a");
        link.href = page(term.value, data) ?? (/^https?:/i.test(term.value) ? term.value : "");
        link.rel = "noreferrer";
        link.textContent = name(term.value).replace(/^<(.*)>$/, "$1");
        cell.append(link.getAttribute("href") ? link : link.textContent);
        cell.title = term.value;
        return;
      }
      cell.textContent = term.value;
      if (term["xml:lang"]) cell.lang = term["xml:lang"];
      if (isNumber(term)) cell.className = "number";
    }

    download(file) {
      return {
        contentType: "text/csv",
        filename: `${file || "answer"}.csv`,
        title: "Download as CSV",
        getData: () => csv(table(this.yasr.results)),
      };
    }
  };

function heading(column, rows, state, draw) {
  const cell = document.createElement("th");
  cell.scope = "col";
  if (rows.every((row) => !row[column] || isNumber(row[column]))) cell.className = "number";
  if (state.sorted === column) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "sort", textContent: column });
  button.addEventListener("click", () => {
    Object.assign(state, { down: state.sorted === column && !state.down, sorted: column, from: 0 });
    draw();
    [...document.querySelectorAll("#editor .yasr th button")].find((other) => other.textContent === column)?.focus();
  });
  cell.append(button);
  return cell;
}

function pager(state, shown, all, draw) {
  if (all <= ROWS) return [];
  const line = Object.assign(document.createElement("p"), { className: "actions" });
  const step = (text, from, disabled) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: text, disabled });
    button.addEventListener("click", () => {
      state.from = from;
      draw();
    });
    return button;
  };
  line.append(
    step("Previous", state.from - ROWS, state.from === 0),
    `${state.from + 1} to ${state.from + shown} of ${all.toLocaleString("en")}`,
    step("Next", state.from + ROWS, state.from + shown >= all),
  );
  return [line];
}

const note = (text) => Object.assign(document.createElement("p"), { className: "note", textContent: text });

function compared(a, b) {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0);
  return isNumber(a) && isNumber(b) ? Number(a.value) - Number(b.value) : a.value.localeCompare(b.value, "en");
}

function csv({ columns, rows }) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (cells) => `${cells.map(quoted).join(",")}\r\n`;
  return line(columns) + rows.map((row) => line(columns.map((column) => row[column]?.value ?? ""))).join("");
}
