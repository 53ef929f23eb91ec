"""OWSLib as a client of OGC API Features.

    ogc_owslib.py http://127.0.0.1:8400/ogc
"""

import sys

from owslib.ogcapi.features import Features


def main(address):
    features = Features(address)
    assert any(uri.endswith("ogcapi-features-1/1.0/conf/core") for uri in features.conformance()["conformsTo"])
    names = features.feature_collections()
    assert {"admin_unit", "building", "road_segment"} <= set(names), names
    assert "title" in features.collection("admin_unit")
    queryables = features.collection_queryables("admin_unit")
    assert queryables["properties"]["area_km2"]["type"] == "number", queryables
    page = features.collection_items("admin_unit", limit=5)
    assert page["numberReturned"] == 5 and page["numberMatched"] == 94, page["numberMatched"]
    one = features.collection_item("admin_unit", page["features"][0]["id"])
    assert one["properties"] == page["features"][0]["properties"]
    ward = features.collection_items("admin_unit", filter="name = 'Hải Châu'", limit=1)
    assert ward["features"][0]["properties"]["code"] == "20242", ward
    boxed = features.collection_items("admin_unit", bbox=[108.2, 16.04, 108.24, 16.08], limit=100)
    assert 0 < boxed["numberMatched"] < 94, boxed["numberMatched"]
    assert features.api()["openapi"].startswith("3.0.")
    print("ok: OWSLib reads collections, queryables, features, one feature, filters and the definition")


main(*sys.argv[1:])
