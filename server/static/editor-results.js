// What answers are shown with: links that lead to the pages here, and problems told as the server tells them.

// Where the page about an IRI is, or undefined: `Minter.page` says the same on the server.
export function page(iri, { base, identifiers }) {
  if (iri.startsWith(`${base}id/`)) return `/${encodeURI(iri.slice(base.length).split("#")[0]).replaceAll("?", "%3F")}`;
  const fitting = Object.entries(identifiers).filter(([, start]) => iri.startsWith(start) && iri !== start);
  const [prefix, start] = fitting.sort((a, b) => b[1].length - a[1].length)[0] ?? [];
  return prefix && `/id/concept/${prefix}:${encodeURIComponent(iri.slice(start.length))}`;
}

// An IRI as queries write it: with the longest of the prefixes, or in angle brackets.
export function compact(prefixes) {
  const starts = Object.entries(prefixes).sort((a, b) => b[1].length - a[1].length);
  return (iri) => {
    const [prefix, start] = starts.find(([, start]) => iri.startsWith(start)) ?? [];
    const local = prefix && iri.slice(start.length);
    return local && /^[\w-]+$/.test(local) ? `${prefix}:${local}` : `<${iri}>`;
  };
}

// RFC 9457 problem details as the other pages show them; anything else is an answer that did not arrive whole.
export async function problem(error) {
  if (/abort/i.test(error.text)) return Object.assign(document.createElement("p"), { className: "note", textContent: "The query was cancelled; there is no answer." });
  let details;
  try {
    details = JSON.parse(error.text);
  } catch {
    details = {
      detail: "The answer did not arrive whole, so nothing of it is shown.",
      remedy: "Ask for less, with LIMIT or a narrower pattern, and see whether the server is still running.",
    };
  }
  const box = Object.assign(document.createElement("div"), { className: "problem" });
  box.setAttribute("role", "alert");
  for (const [tag, text] of [["strong", details.detail ?? details.title], ["span", details.remedy]]) {
    if (!text) continue;
    const line = document.createElement("p");
    line.append(Object.assign(document.createElement(tag), { textContent: text }));
    box.append(line);
  }
  return box;
}
