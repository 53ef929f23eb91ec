"""The definition of the API, by two that others wrote: openapi-spec-validator, which knows OpenAPI
3.0, and ogcapi-registry, which knows what each conformance class wants of a definition.

    ogc_definition.py http://127.0.0.1:8400/ogc
"""

import json
import sys
from urllib.request import urlopen

from ogcapi_registry import parse_conformance_classes, validate_ogc_api
from openapi_spec_validator import OpenAPIV30SpecValidator, validate


def read(address):
    with urlopen(address) as answer:
        return json.load(answer)


def main(address):
    definition = read(f"{address}/api")
    validate(definition, cls=OpenAPIV30SpecValidator)
    print("ok: openapi-spec-validator takes the definition for OpenAPI 3.0")
    classes = parse_conformance_classes(read(f"{address}/conformance")["conformsTo"])
    assert len(classes) > 20, classes
    found = validate_ogc_api(definition, classes)
    assert found.is_valid, [str(error) for error in found.errors]
    print(f"ok: ogcapi-registry finds in it what {len(classes)} classes want")


main(*sys.argv[1:])
