"""The catalogue read as linked data by rdflib, and asked for what DCAT-AP 3.0.0 makes mandatory.

    target/python-api/bin/python tests/clients/dcat.py BASE_URL
"""

import json
import sys
import urllib.request

from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, Graph, Literal, URIRef

base = sys.argv[1].rstrip("/")


def fetch(path):
    with urllib.request.urlopen(f"{base}{path}") as answer:
        return answer.headers.get_content_type(), answer.read()


media_type, document = fetch("/ogc/dcat")
assert media_type == "application/ld+json", media_type
graph = Graph().parse(data=document, format="json-ld")

# Class by class: what must be there (DCAT-AP 3.0.0, "mandatory"), and what we promise beyond it.
MANDATORY = {
    DCAT.Catalog: [DCTERMS.title, DCTERMS.description, DCTERMS.publisher],
    DCAT.Dataset: [DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.theme, DCTERMS.spatial,
                   DCTERMS.modified, DCAT.distribution, DCAT.landingPage],
    DCAT.Distribution: [DCAT.accessURL, DCTERMS.license, DCAT.mediaType],
    DCAT.DataService: [DCTERMS.title, DCAT.endpointURL, DCAT.servesDataset],
    FOAF.Agent: [FOAF.name],
    SKOS.Concept: [SKOS.prefLabel],
    SKOS.ConceptScheme: [DCTERMS.title],
}
counts = {}
for kind, properties in MANDATORY.items():
    things = set(graph.subjects(RDF.type, kind))
    assert things, f"no {kind}"
    counts[kind] = len(things)
    for thing in things:
        for name in properties:
            assert graph.value(thing, name) is not None or list(graph.objects(thing, name)), f"{thing} lacks {name}"

assert counts[DCAT.Catalog] == 1, counts
layers = {c["id"]: c for c in json.loads(fetch("/ogc/collections")[1])["collections"]}
listed = {str(name) for name in graph.objects(None, DCTERMS.identifier)}
assert listed == set(layers), listed ^ set(layers)
for dataset in graph.subjects(RDF.type, DCAT.Dataset):
    for name in [DCTERMS.title, DCTERMS.description]:
        languages = sorted(text.language for text in graph.objects(dataset, name))
        assert languages == ["en", "vi"], f"{dataset} {name} {languages}"
    theme = graph.value(dataset, DCAT.theme)
    assert (theme, RDF.type, SKOS.Concept) in graph, theme
    box = graph.value(graph.value(dataset, DCTERMS.spatial), DCAT.bbox)
    assert isinstance(box, Literal) and str(box).startswith("POLYGON(("), box
for address in graph.objects(None, DCAT.accessURL):
    assert isinstance(address, URIRef) and str(address).startswith(base), address

# One layer's ways, each of which leads somewhere.
ward = URIRef(f"{base}/ogc/collections/admin_unit")
for way in graph.objects(ward, DCAT.distribution):
    address = str(graph.value(way, DCAT.accessURL)).removeprefix(base)
    assert fetch(address)[1], address

print(f"ok: rdflib reads {counts[DCAT.Dataset]} datasets and {counts[DCAT.Distribution]} distributions of DCAT-AP")
