// A view of answers as a network: the triples of a graph, or the first two columns of rows that name things.

const MOST = 300;
const LABELLED = 40; // more edges than these show their label only under the pointer
const COLOURS = ["#2f7fb8", "#c1603a", "#3d8f5f", "#8a5fb0", "#a8862a", "#5d6b7a"];
const tail = (iri) => decodeURIComponent(iri.replace(/[#/]+$/, "").split(/[#/]/).pop() || iri);
const LABELS = /#label$|#prefLabel$|\/title$/;

export class Network {
  label = "Network";
  priority = 1;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return this.edges().edges.length > 0;
  }

  // The edges as [from, to, label], and names for the nodes.
  edges() {
    const { results } = this.yasr;
    if (this.read?.results === results) return this.read;
    const read = { results, edges: [], names: new Map() };
    const quads = results?.getStatements?.();
    if (quads) {
      for (const { subject, predicate, object } of quads) {
        if (object.termType !== "Literal") read.edges.push([subject.value, object.value, tail(predicate.value)]);
        else if (LABELS.test(predicate.value)) read.names.set(subject.value, object.value);
      }
    } else {
      const rows = results?.getBindings() ?? [];
      const variables = results?.getVariables() ?? [];
      const names = variables.filter((name) => rows.some((row) => row[name]?.type === "uri"));
      // columns that come with a label are the things, as in the catalogue's queries; else the first two
      const labelled = names.filter((name) => variables.includes(`${name}Label`));
      const [from, to] = labelled.length > 1 ? labelled : names;
      const by = variables.find((name) => name !== from && name !== to && !/Label$|Kind$/.test(name));
      for (const row of to ? rows : []) {
        if (row[from]?.type !== "uri" || row[to]?.type !== "uri") continue;
        read.edges.push([row[from].value, row[to].value, row[by] ? (row[by].type === "uri" ? tail(row[by].value) : row[by].value) : ""]);
        for (const name of [from, to]) if (row[`${name}Label`]) read.names.set(row[name].value, row[`${name}Label`].value);
      }
    }
    return (this.read = read);
  }

  async draw() {
    if (!window.vis) await this.yasr.utils.addScript("/static/vis-network.min.js");
    const { edges, names } = this.edges();
    const ids = new Map();
    const lines = [];
    let left = 0;
    for (const [from, to, label] of edges) {
      const fresh = [from, to].filter((iri, index, both) => !ids.has(iri) && both.indexOf(iri) === index);
      if (ids.size + fresh.length > MOST) {
        left += 1;
        continue;
      }
      for (const iri of fresh) ids.set(iri, ids.size);
      lines.push({ from: ids.get(from), to: ids.get(to), title: label, label: edges.length > LABELLED ? undefined : label.slice(0, 24) });
    }
    const kinds = new Map();
    const kind = (iri) => iri.slice(0, iri.length - tail(iri).length).replace(/[A-Z]+_$/, "");
    const nodes = [...ids].map(([iri, id]) => {
      const group = kind(iri);
      if (!kinds.has(group)) kinds.set(group, COLOURS[kinds.size % COLOURS.length]);
      const name = names.get(iri) ?? tail(iri);
      return { id, label: name.length > 32 ? `${name.slice(0, 31)}…` : name, title: iri, color: kinds.get(group) };
    });
    const note = Object.assign(document.createElement("p"), { className: "muted" });
    note.textContent = `${nodes.length} things, ${lines.length} edges${left ? `; ${left} more edges would not be readable and are left out` : ""}. The table has all of them.`;
    const canvas = Object.assign(document.createElement("div"), { className: "result-network" });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The answer as a network; the table has the same content");
    this.yasr.resultsEl.append(note, canvas);
    const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
    this.network = new window.vis.Network(canvas, { nodes, edges: lines }, {
      nodes: { shape: "dot", size: 12, font: { color: ink, strokeWidth: 0 } },
      edges: { arrows: "to", font: { color: ink, size: 11, strokeWidth: 0, align: "middle" }, color: { opacity: 0.6 } },
      layout: { randomSeed: 7 },
      physics: { stabilization: { iterations: 200 } },
      interaction: { keyboard: { enabled: true, bindToWindow: false } },
    });
    this.network.once("stabilizationIterationsDone", () => {
      this.network.setOptions({ physics: false });
      canvas.dataset.ready = "true";
    });
  }

  destroy() {
    this.network?.destroy();
    this.network = undefined;
  }
}
