// The address of the next state of the explorer, from the present one. Pure; the server reads what is written here.

const edited = (url, edit) => {
  const next = new URL(url);
  edit(next.searchParams);
  next.searchParams.delete("page");
  return readable(next);
};

// Colons and tildes mean nothing special within a query, and names of nodes are full of them.
const readable = (url) => url.href.replaceAll("%3A", ":").replaceAll("%7E", "~");

const without = (params, name, drop) => {
  const kept = params.getAll(name).filter((value) => !drop(value));
  params.delete(name);
  for (const value of kept) params.append(name, value);
};

const isPin = (node) => (value) => value.replace(/~-?\d+~-?\d+$/, "") === node;
const isStep = (node) => (value) => value.replace(/~[A-Za-z]+$/, "") === node || value === node;

export const choose = (url, node, edge) => edited(url, (params) => {
  params.delete("node");
  params.delete("edge");
  if (node) params.set("node", node);
  if (edge) params.set("edge", edge);
});

export const expand = (url, node) => edited(url, (params) => {
  const folded = params.getAll("fold").includes(node);
  if (folded) without(params, "fold", (value) => value === node);
  else params.append("expand", node);
  params.delete("edge");
  params.set("node", node);
});

/** Takes back what was expanded from a node; folds its leaves in where nothing was. */
export const collapse = (url, node) => edited(url, (params) => {
  if (params.getAll("expand").some(isStep(node))) without(params, "expand", isStep(node));
  else if (!params.getAll("fold").includes(node)) params.append("fold", node);
});

export const hide = (url, node) => edited(url, (params) => {
  params.append("hide", node);
  without(params, "pin", isPin(node));
  if (params.get("node") === node) params.delete("node");
});

export const pin = (url, places) => edited(url, (params) => {
  for (const [node, { x, y }] of Object.entries(places)) {
    without(params, "pin", isPin(node));
    params.append("pin", `${node}~${Math.round(x)}~${Math.round(y)}`);
  }
});

export const togglePin = (url, node, place) =>
  new URL(url).searchParams.getAll("pin").some(isPin(node))
    ? edited(url, (params) => without(params, "pin", isPin(node)))
    : pin(url, { [node]: place });

/** What a form sends, without the fields that were left empty or as usual. */
export const ofForm = (form, submitter) => {
  const next = new URL(form.action);
  for (const [name, value] of new FormData(form, submitter)) if (value !== "" && value !== form.elements[name]?.dataset?.usual) next.searchParams.append(name, value);
  return readable(next);
};
