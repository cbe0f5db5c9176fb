// A view of answers as bars: the first column that is no number names them, one that is a number measures them.

import { isNumber, table } from "./editor-table.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST = 60;

const make = (tag, attributes, text) => {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
};

export class Chart {
  static spell = (iri) => iri;
  label = "Chart";
  priority = 1;

  constructor(yasr) {
    this.yasr = yasr;
  }

  columns() {
    const { columns: names, rows } = table(this.yasr.results);
    const measures = names.filter((name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || isNumber(row[name])));
    const labels = names.filter((name) => !measures.includes(name));
    // of `event` and `eventLabel` people read the second; numbers such as years may name the bars of other numbers
    const label = labels.find((name) => name.endsWith("Label")) ?? labels[0] ?? (measures.length > 1 ? measures[0] : undefined);
    return { rows, label, measures: measures.filter((name) => name !== label) };
  }

  canHandleResults() {
    const { rows, label, measures } = this.columns();
    return rows.length > 0 && label !== undefined && measures.length > 0;
  }

  draw() {
    const { rows, label, measures } = this.columns();
    const chosen = measures.includes(this.measure) ? this.measure : measures[0];
    const controls = document.createElement("p");
    if (measures.length > 1) {
      const field = document.createElement("label");
      const select = document.createElement("select");
      for (const name of measures) select.append(new Option(name, name, false, name === chosen));
      select.addEventListener("change", () => {
        this.measure = select.value;
        this.yasr.draw();
      });
      field.append("Measure ", select);
      controls.append(field);
    }
    if (rows.length > MOST) controls.append(` The first ${MOST} of ${rows.length} rows.`);
    const figure = document.createElement("div");
    figure.className = "chart";
    figure.append((this.svg = bars(rows.slice(0, MOST), label, chosen)));
    this.yasr.resultsEl.append(controls, figure);
  }

  download(name) {
    return {
      contentType: "image/svg+xml",
      filename: `${name || "chart"}.svg`,
      title: "Download the chart as SVG",
      getData: () => new XMLSerializer().serializeToString(this.svg),
    };
  }
}

function bars(rows, label, measure) {
  const [height, left, width, right] = [22, 260, 520, 70];
  const values = rows.map((row) => Number(row[measure]?.value) || 0);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (value) => left + ((value - low) / (high - low || 1)) * width;
  const svg = make("svg", {
    xmlns: SVG, viewBox: `0 0 ${left + width + right} ${rows.length * height + 8}`, role: "img",
    "aria-label": `${measure} by ${label}, ${rows.length} bars; the table has the same numbers`,
    "font-family": "sans-serif", "font-size": "12", fill: "currentColor",
  });
  rows.forEach((row, index) => {
    const cell = row[label] ?? { value: "" };
    const [value, name] = [values[index], cell.type === "uri" ? Chart.spell(cell.value) : cell.value];
    const [y, at] = [index * height + 4, x(value)];
    const group = make("g", {});
    group.append(
      make("title", {}, `${name}: ${value}`),
      make("text", { x: left - 8, y: y + 14, "text-anchor": "end" }, name.length > 38 ? `${name.slice(0, 37)}…` : name),
      make("rect", { x: Math.min(at, x(0)), y, width: Math.max(1, Math.abs(at - x(0))), height: height - 6, fill: "#2f7fb8" }),
      make("text", { x: Math.max(at, x(0)) + 6, y: y + 14 }, value.toLocaleString("en")),
    );
    svg.append(group);
  });
  return svg;
}
