// The SPARQL editor: Yasgui set up for this graph. Everything it asks for comes from this server.
import { Chart } from "./editor-chart.js";
import { Network } from "./editor-network.js";
import { completers } from "./editor-completion.js";
import { compact, problem } from "./editor-results.js";
import { tableView } from "./editor-table.js";

const { Yasgui } = window;
const data = JSON.parse(document.getElementById("editor-data").textContent);
const endpoint = `${location.origin}/sparql`;
const plain = document.getElementById("plain");
const answer = document.getElementById("answer");
const holder = document.getElementById("editor");
const [run, cancel, link, another, state] = ["run", "cancel", "link", "another", "state"].map((id) => document.getElementById(id));
const VIEWS = ["table", "response", "chart", "network"];

const { Yasqe } = Yasgui;
const name = compact(data.prefixes);
Yasgui.Yasr.registerPlugin("table", tableView(data, name));
Chart.spell = name;
Yasgui.Yasr.registerPlugin("chart", Chart);
Yasgui.Yasr.registerPlugin("network", Network);
Yasgui.Yasr.defaults.errorRenderers = [problem];
Yasqe.defaults.autocompleters.length = 0;
for (const completer of completers(Yasqe, data.prefixes, name)) Yasqe.registerAutocompleter(completer);
// The server knows the prefixes, so a query that does not declare them is no error.
Yasqe.defineMode("sparql-ivigraph", (config) => {
  const mode = Yasqe.getMode(config, "sparql11");
  const { startState } = mode;
  return { ...mode, startState: (...place) => Object.assign(startState(...place), { prefixes: { ...data.prefixes } }) };
});

// A link holds the query as the protocol writes it, so that it also works without scripts; the view is the fragment.
Yasgui.Tab.prototype.getShareableLink = function () {
  const view = this.getYasr().getSelectedPluginName();
  return `${endpoint}?query=${encodeURIComponent(this.getQuery())}${view === "table" ? "" : `#${view}`}`;
};

holder.hidden = false;
plain.hidden = true;
const yasgui = new Yasgui(holder, {
  persistenceId: "ivigraph-sparql",
  populateFromUrl: false,
  autofocus: false,
  requestConfig: {
    endpoint,
    method: "POST",
    acceptHeaderGraph: "text/turtle,*/*;q=0.5",
    acceptHeaderSelect: "application/sparql-results+json,*/*;q=0.5",
  },
  endpointCatalogueOptions: { getData: () => [], keys: [] },
  yasqe: { mode: "sparql-ivigraph", value: document.getElementById("query").defaultValue, editorHeight: "20rem" },
  // answers are not kept in the browser: the graph may have changed when the page is opened again
  yasr: { prefixes: data.prefixes, pluginOrder: VIEWS, maxPersistentResponseSize: 0 },
});

const current = () => yasgui.getTab();
const running = () => current().getYasqe().req !== undefined;

function show(text, busy = false) {
  state.textContent = text;
  cancel.disabled = !busy;
  holder.dataset.state = busy ? "running" : "idle";
}

let stopped = false;
function stop() {
  if (!running()) return;
  stopped = true; // Yasgui tells of it as of an answer that failed
  current().getYasqe().abortQuery();
}

run.addEventListener("click", () => current().query().catch(() => {}));
cancel.addEventListener("click", stop);
link.addEventListener("click", async () => {
  const address = current().getShareableLink();
  history.replaceState(null, "", address);
  try {
    await navigator.clipboard.writeText(address);
    state.textContent = "Link copied.";
  } catch {
    state.textContent = "The link is in the address bar.";
  }
});

yasgui.on("query", () => {
  answer.replaceChildren();
  stopped = false;
  show("Running …", true);
});
yasgui.on("queryResponse", () => show(stopped ? "Cancelled." : ""));
yasgui.on("tabSelect", () => show(running() ? "Running …" : "", running()));

// What Yasgui leaves without a name or a way by keyboard.
function tidy() {
  for (const tab of Object.values(yasgui._tabs)) {
    const yasqe = tab.getYasqe();
    if (!yasqe || yasqe.tidied) continue;
    yasqe.tidied = true;
    if (tab.getEndpoint() !== endpoint) tab.setEndpoint(endpoint); // kept from a server at another port
    yasqe.getInputField().setAttribute("aria-label", "SPARQL query");
    yasqe.getWrapperElement().addEventListener("keydown", (event) => {
      if (event.key === "Escape") stop();
    });
  }
}
yasgui.on("tabChange", tidy);
yasgui.on("tabSelect", tidy);
tidy();

const open = (query, title) => {
  const tab = yasgui.addTab(true, { yasqe: { value: query }, ...(title && { name: title }) }, { avoidDuplicateTabs: true });
  tidy();
  return tab;
};

// Yasgui's own button for it stands in the list of tabs, where only tabs may be.
another.addEventListener("click", () => {
  yasgui.addTab(true);
  tidy();
});

for (const example of document.querySelectorAll("#examples a")) {
  example.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(new URL(example.href).searchParams.get("query"), example.textContent).query().catch(() => {});
    holder.scrollIntoView();
  });
}

const asked = answer.dataset.query;
if (asked !== undefined) {
  if (current().getQuery() !== asked) open(asked);
  const view = location.hash.slice(1);
  if (VIEWS.includes(view)) {
    current().getYasr().selectPlugin(view);
    current().query().catch(() => {});
  }
}
window.ivigraphEditor = yasgui;
holder.dataset.ready = "true";
