// The network explorer. The server makes each state of it as a page; this shows the next one without leaving the page:
// what a link, a form, a key or a click in the picture asks for is fetched, and its parts put in place of the old.
import { Picture } from "./graph-picture.js";
import * as address from "./graph-address.js";

const stage = document.getElementById("network");
const status = document.getElementById("graph-said");
if (stage) start();

function start() {
  const picture = new Picture(stage, read(document), {
    choose: (node, edge) => go(address.choose(location.href, node, edge), { replace: true }),
    expand: (node) => go(address.expand(location.href, node)),
    collapse: (node) => go(address.collapse(location.href, node)),
    hide: (node) => go(address.hide(location.href, node)),
    move: (places) => go(address.pin(location.href, places)),
    pin: (node, place) => go(address.togglePin(location.href, node, place)),
    say: (text) => { status.textContent = text; },
  });
  let turn = 0;
  picture.select(chosen());
  stage.dataset.ready = "true";
  window.ivigraph = { picture, go };

  async function go(url, { replace = false, restore = false } = {}) {
    const mine = ++turn;
    stage.setAttribute("aria-busy", "true");
    const text = await fetch(url, { headers: { Accept: "text/html" } }).then((answer) => answer.text(), () => null);
    if (mine !== turn) return;
    stage.removeAttribute("aria-busy");
    if (text === null) {
      status.textContent = "The server did not answer. Try again in a moment.";
      return;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!page.getElementById("network")) {  // an error, or nothing to draw: a page of its own
      location.assign(url);
      return;
    }
    if (!restore) history[replace ? "replaceState" : "pushState"](null, "", url);
    const data = read(page);
    put(page);
    picture.show(data, { fit: !replace });
    picture.select(chosen());
    status.textContent = document.getElementById("panel").dataset.says || document.getElementById("graph-summary").textContent.trim();
    stage.dataset.shown = String(mine);
  }

  // A link or form of this page that leads to another state of it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.pathname !== "/graph" || url.searchParams.has("format") || !link.closest("[data-part]")) return;
    event.preventDefault();
    const quiet = link.dataset.quiet !== undefined;
    go(url.href, { replace: quiet }).then(() => { if (link.dataset.to) document.getElementById(link.dataset.to).focus(); });
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[action='/graph']")) return;
    event.preventDefault();
    go(address.ofForm(event.target, event.submitter));
  });
  window.addEventListener("popstate", () => go(location.href, { restore: true }));
  document.getElementById("save-png").addEventListener("click", () => picture.save("network.png"));
  for (const [id, action] of [["zoom-in", "zoomIn"], ["zoom-out", "zoomOut"], ["zoom-fit", "fit"]]) {
    document.getElementById(id).addEventListener("click", () => picture[action]());
  }
}

function read(page) {
  return JSON.parse(page.getElementById("network-data").textContent);
}

function chosen() {
  const { node, edge } = document.getElementById("panel").dataset;
  return { node, edge };
}

/** The parts of the new page in place of those of this one; open details stay open. */
function put(page) {
  document.title = page.title;
  const open = new Set([...document.querySelectorAll("details[id][open]")].map((details) => details.id));
  for (const part of document.querySelectorAll("[data-part]")) {
    const made = page.getElementById(part.id);
    if (!made) continue;
    for (const details of made.querySelectorAll("details[id]")) if (open.has(details.id)) details.open = true;
    for (const { name, value } of made.attributes) part.setAttribute(name, value);
    for (const name of part.getAttributeNames()) if (!made.hasAttribute(name)) part.removeAttribute(name);
    part.replaceChildren(...made.childNodes);
  }
}
