# Derives the edges of the network from the claims: all claims with the same therapy, relation and object become one
# edge with its counts. Claims are read from every graph; a curated claim counts like one that was read, and one of a
# retracted document counts for nothing.
# <derived:> and <edge:> stand for the graph and for the start of an edge's IRI (catalogue.derivation fills them in);
# The store keeps them up with what changed and gives the same edges (ivigraph.store.edges), other engines run this;
# the IRI ends in the digest that ivigraph.namespaces.Minter.edge takes of the three terms.

PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX ivo: <https://w3id.org/ivigraph/ontology#>

DROP SILENT GRAPH <derived:> ;

INSERT { GRAPH <derived:> {
  ?edge a ivo:Edge ; ivo:from ?from ; ivo:relation ?relation ; ivo:to ?to ;
        ivo:claimCount ?claims ; ivo:negatedCount ?negations ; ivo:documentCount ?documents ; ivo:caseCount ?cases .
} } WHERE {
  { SELECT ?from ?relation ?to
           (COUNT(DISTINCT ?affirmed) AS ?claims) (COUNT(DISTINCT ?denied) AS ?negations)
           (COUNT(DISTINCT ?document) AS ?documents) (COUNT(DISTINCT ?case) AS ?cases)
    WHERE {
      GRAPH ?graph {
        ?claim a ivo:Claim ; biolink:subject ?from ; biolink:predicate ?relation ; biolink:object ?to ;
               biolink:negated ?negated ; biolink:publications ?source .
        FILTER NOT EXISTS { ?claim ivo:retracted true }
        OPTIONAL { ?claim ivo:case ?patient }
      }
      # An IF without a value leaves its variable unbound, and COUNT passes over it.
      BIND(IF(?negated, ?none, ?claim) AS ?affirmed)
      BIND(IF(?negated, ?claim, ?none) AS ?denied)
      BIND(IF(?negated, ?none, ?source) AS ?document)
      BIND(IF(?negated, ?none, ?patient) AS ?case)
    }
    GROUP BY ?from ?relation ?to }
  BIND(IRI(CONCAT(STR(<edge:>), SUBSTR(SHA256(CONCAT(
    STR(?from), "\u001F", STR(?relation), "\u001F", STR(?to))), 1, 24))) AS ?edge)
} ;

# The diseases in whose patients an edge was reported.
INSERT { GRAPH <derived:> { ?edge biolink:disease_context_qualifier ?disease } } WHERE {
  GRAPH ?graph {
    ?claim a ivo:Claim ; biolink:subject ?from ; biolink:predicate ?relation ; biolink:object ?to ;
           biolink:negated false ; biolink:publications ?source ; biolink:disease_context_qualifier ?disease .
    FILTER NOT EXISTS { ?claim ivo:retracted true }
  }
  BIND(IRI(CONCAT(STR(<edge:>), SUBSTR(SHA256(CONCAT(
    STR(?from), "\u001F", STR(?relation), "\u001F", STR(?to))), 1, 24))) AS ?edge)
}
