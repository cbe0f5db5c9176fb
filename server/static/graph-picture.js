// Draws the network with vis-network. The server has placed the nodes, so nothing moves by itself.
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const still = matchMedia("(prefers-reduced-motion: reduce)");
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Picture {
  /** `on` holds what to do: choose(node, edge), expand, collapse, hide, pin(node, place), move(places), say(text). */
  constructor(stage, data, on) {
    this.stage = stage;
    this.on = on;
    this.groups = data.options.groups;
    this.nodes = new vis.DataSet(data.nodes.map((node) => this.#dressed(node)));
    this.edges = new vis.DataSet(data.edges);
    this.network = new vis.Network(stage, { nodes: this.nodes, edges: this.edges }, data.options);
    this.network.setOptions(this.#look());
    this.network.fit({ animation: false });
    this.at = undefined;  // the node that the keys are at
    this.#listen();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.network.setOptions(this.#look());
      this.nodes.update(this.nodes.get().map((node) => this.#dressed(node)));
    });
  }

  /** Another state: what is gone is taken out, what is there is moved or added. */
  show(data, { fit }) {
    const changed = data.nodes.length !== this.nodes.length || data.nodes.some((node) => !this.nodes.get(node.id));
    for (const [set, items] of [[this.edges, data.edges], [this.nodes, data.nodes]]) {
      const ids = new Set(items.map((item) => item.id));
      set.remove(set.getIds().filter((id) => !ids.has(id)));
    }
    this.nodes.update(data.nodes.map((node) => this.#dressed(node)));
    this.edges.update(data.edges.map((edge) => ({ dashes: false, smooth: false, ...edge })));
    if (fit && changed) this.fit();
  }

  select({ node, edge }) {
    this.network.unselectAll();
    if (node && this.nodes.get(node)) {
      this.network.selectNodes([node]);
      this.at = node;
    } else if (edge && this.edges.get(edge)) this.network.selectEdges([edge]);
  }

  fit() { this.network.fit({ animation: this.#animation() }); }
  zoomIn() { this.#zoom(1.25); }
  zoomOut() { this.#zoom(0.8); }

  /** The picture as PNG, on paper of the present colour. */
  save(name) {
    const drawn = this.stage.querySelector("canvas");
    const copy = document.createElement("canvas");
    copy.width = drawn.width;
    copy.height = drawn.height;
    const pen = copy.getContext("2d");
    pen.fillStyle = colour("--raised") || "#ffffff";
    pen.fillRect(0, 0, copy.width, copy.height);
    pen.drawImage(drawn, 0, 0);
    copy.toBlob((blob) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, "image/png");
  }

  #look() {
    return { nodes: { font: { color: colour("--ink"), strokeColor: colour("--raised") } } };
  }

  /** What the picture starts from is framed in ink, whatever ink is now. */
  #dressed(node) {
    const { color } = this.groups[node.group];
    return { hidden: false, borderWidth: 1, ...node, color: node.borderWidth > 1 ? { ...color, border: colour("--ink") } : color };
  }

  #animation() { return still.matches ? false : { duration: 250, easingFunction: "easeOutQuad" }; }

  #zoom(factor) { this.network.moveTo({ scale: this.network.getScale() * factor, animation: this.#animation() }); }

  #listen() {
    const { network, on } = this;
    network.on("click", ({ nodes: [node], edges: [edge], event }) => {
      // The second half of a double click is no click of its own.
      if (event.tapCount > 1) return;
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => on.choose(node, node === undefined ? edge : undefined), 220);
    });
    network.on("doubleClick", ({ nodes: [node] }) => {
      clearTimeout(this.waiting);
      if (node !== undefined) on.expand(node);
    });
    network.on("dragEnd", ({ nodes }) => { if (nodes.length) on.move(network.getPositions(nodes)); });
    this.stage.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      "+": () => this.zoomIn(), "=": () => this.zoomIn(), "-": () => this.zoomOut(), 0: () => this.fit(),
      Escape: () => this.on.choose(),
    };
    const atNode = {
      Enter: () => (this.network.getSelectedNodes().includes(this.at) && document.getElementById("panel").dataset.node === this.at ? this.on.expand(this.at) : this.on.choose(this.at)),
      e: () => this.on.expand(this.at), c: () => this.on.collapse(this.at), h: () => this.on.hide(this.at),
      p: () => this.on.pin(this.at, this.network.getPosition(this.at)),
    };
    if (ARROWS[event.key]) this.#step(ARROWS[event.key]);
    else if (does[event.key]) does[event.key]();
    else if (atNode[event.key] && this.at !== undefined && this.nodes.get(this.at)) atNode[event.key]();
    else return;
    event.preventDefault();
  }

  /** To the nearest node in a direction; the first time to the one with most neighbours. */
  #step([right, down]) {
    const shown = this.nodes.get({ filter: (node) => !node.hidden });
    if (!shown.length) return;
    const places = this.network.getPositions(shown.map((node) => node.id));
    const from = places[this.at];
    let best = from ? undefined : shown.reduce((a, b) => (b.size > a.size ? b : a));
    let least = Infinity;
    for (const node of from ? shown : []) {
      const dx = places[node.id].x - from.x;
      const dy = places[node.id].y - from.y;
      const along = dx * right + dy * down;
      const cost = along + 2.5 * Math.abs(dx * down - dy * right);
      if (node.id !== this.at && along > 0 && cost < least) [best, least] = [node, cost];
    }
    if (!best) { this.on.say("No node further that way."); return; }
    this.at = best.id;
    this.network.selectNodes([best.id]);
    this.network.moveTo({ position: places[best.id], animation: this.#animation() });
    this.on.say(`${best.title.replace("\n", ", ")}. Enter: what it is; e: expand; h: hide; p: pin.`);
  }
}
