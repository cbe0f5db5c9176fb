// Completion of prefixes, and of the classes and properties that the graph holds, from its VoID description.

const TERM = /<http:\/\/rdfs\.org\/ns\/void#(class|property)> <([^>]+)>/g;

export function completers(Yasqe, prefixes, name) {
  let asked;
  const terms = () => {
    asked ??= fetch("/.well-known/void", { headers: { Accept: "application/n-triples" } })
      .then((response) => (response.ok ? response.text() : ""))
      .then((text) => {
        const found = { class: new Set(), property: new Set() };
        for (const [, kind, iri] of text.matchAll(TERM)) found[kind].add(name(iri));
        return { class: [...found.class].sort(), property: [...found.property].sort() };
      });
    return asked;
  };
  // what begins as typed comes first, then what holds it
  const matching = (names, typed) => {
    const wanted = typed.trim().toLowerCase();
    const begins = names.filter((term) => term.toLowerCase().startsWith(wanted));
    return [...begins, ...names.filter((term) => !begins.includes(term) && term.toLowerCase().includes(wanted))];
  };
  const of = (kind) => ({
    ...Yasqe.Autocompleters[kind],
    name: `ivigraph-${kind}`,
    bulk: false,
    autoShow: true,
    preProcessToken: undefined,
    postProcessSuggestion: undefined,
    get: async (yasqe, token) => matching((await terms())[kind], token?.string ?? ""),
  });
  return [
    {
      ...Yasqe.Autocompleters.prefixes,
      name: "ivigraph-prefixes",
      persistenceId: null,
      get: () => Object.entries(prefixes).map(([prefix, start]) => `${prefix}: <${start}>`).sort(),
    },
    Yasqe.Autocompleters.variables,
    of("property"),
    of("class"),
  ];
}
