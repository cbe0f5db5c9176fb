// Draws the network of the page and shows what is behind a node or an edge. All text is set as text, never as markup.
"use strict";

const holder = document.getElementById("network-data");
if (holder) {
  const data = JSON.parse(holder.textContent);
  const panel = document.getElementById("panel");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const nodes = new vis.DataSet(data.nodes);
  const edges = new vis.DataSet(data.edges);
  const font = () => ({ color: colour("--ink"), strokeColor: colour("--raised") });
  Object.assign(data.options.nodes.font, font());

  const network = new vis.Network(document.getElementById("network"), { nodes, edges }, data.options);
  network.once("stabilizationIterationsDone", () => {
    network.setOptions({ physics: false });
    document.getElementById("network").dataset.ready = "true";
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    network.setOptions({ nodes: { font: font() } });
  });

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  let latest = 0;
  const showEdge = async (edge) => {
    const turn = ++latest;
    const [heading, ...counts] = edge.title.split("\n");
    panel.replaceChildren(element("h2", heading), element("p", counts.join(", "), { class: "muted" }));
    try {
      const response = await fetch(edge.page, { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error(response.status);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (turn !== latest) return;
      panel.append(...page.querySelectorAll("#claims > .claims, #claims > .note"), element("a", "All of them on a page", { href: edge.page }));
    } catch {
      if (turn === latest) panel.append(element("p", "The sentences could not be read. Try again in a moment.", { class: "problem" }));
    }
  };

  const showNode = (node) => {
    latest += 1;
    const [label, about] = node.title.split("\n");
    const list = document.createElement("ul");
    for (const id of network.getConnectedEdges(node.id)) {
      const edge = edges.get(id);
      const item = document.createElement("li");
      const link = element("a", edge.title.split("\n")[0], { href: edge.page });
      link.addEventListener("click", (event) => { event.preventDefault(); choose(id); });
      item.append(link);
      list.append(item);
    }
    const links = element("p", "", { class: "actions" });
    links.append(element("a", "Its page", { href: node.page }), element("a", "Only its network", { href: node.only }));
    panel.replaceChildren(element("h2", label), element("p", about, { class: "muted" }), links, list);
  };

  const choose = (id) => {
    network.selectEdges([id]);
    showEdge(edges.get(id));
  };

  network.on("click", ({ nodes: [node], edges: [edge] }) => {
    if (node !== undefined) showNode(nodes.get(node));
    else if (edge !== undefined) choose(edge);
  });
  for (const link of document.querySelectorAll("a.sentences")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose(link.dataset.edge);
      panel.scrollTop = 0;
      panel.focus();
    });
  }
  window.ivigraphNetwork = { network, nodes, edges };
}
