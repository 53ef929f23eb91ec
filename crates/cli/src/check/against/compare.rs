//! Finds what one definition of a layer promised and a later one does not keep.

use urbis_catalog::Nearest;

use super::promise::{Attribute, Promise};

/// How a promise ends in order.
const ANNOUNCE: &str = "mark it `deprecated` and let it go in a later release";

/// Finds every broken promise, one sentence each.
pub(super) fn findings(then: &Promise, now: &Promise) -> Vec<String> {
    if then.is_deprecated() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if then.geometry != now.geometry {
        let (then, now) = (&then.geometry, &now.geometry);
        found.push(format!(
            "geometry was {then} and is {now}; give the new kind a layer of its own, and for this \
             one {ANNOUNCE}"
        ));
    }
    if now.openness() > then.openness() {
        let (then, now) = (then.openness(), now.openness());
        found.push(format!("was {then} and is {now}; keep it {then}, or {ANNOUNCE}"));
    }
    found.extend(moved(then, now));
    found.extend(hidden(then, now));
    found.extend(zooms(then, now));
    let kept = then.in_tiles().filter(|attribute| !attribute.is_deprecated());
    found.extend(kept.flat_map(|attribute| attribute_findings(then, now, attribute)));
    found
}

/// Who asks for the tiles of a theme gets its layers, and no others.
fn moved(then: &Promise, now: &Promise) -> Option<String> {
    let (was, is) = (then.theme.as_ref()?, now.theme.as_ref()?);
    (was != is).then(|| {
        format!(
            "was in the theme '{was}' and is in '{is}', so the tiles of '{was}' lose it; put it \
             back, or {ANNOUNCE}"
        )
    })
}

/// Features that those who saw them do not see any more. Where the whole layer became stricter,
/// that is said once.
fn hidden(then: &Promise, now: &Promise) -> Vec<String> {
    let mut found = Vec::new();
    for (attribute, value) in now.rules().filter(|(name, value)| then.may_have(name, value)) {
        let [was, is] = [then, now].map(|promise| promise.openness_of_value(attribute, value));
        if is > was && is > now.openness() {
            found.push(format!(
                "features with '{value}' in '{attribute}' were {was} and are {is}; keep them \
                 {was}, or {ANNOUNCE}"
            ));
        }
    }
    found
}

fn zooms(then: &Promise, now: &Promise) -> Vec<String> {
    let mut found = Vec::new();
    let (old, new) = (then.tiles.minzoom, now.tiles.minzoom);
    if new > old {
        found.push(format!("tiles began at zoom {old} and begin at {new}; put minzoom back"));
    }
    let (old, new) = (then.tiles.maxzoom, now.tiles.maxzoom);
    if new < old {
        found.push(format!("tiles ended at zoom {old} and end at {new}; put maxzoom back"));
    }
    found
}

fn attribute_findings(then: &Promise, now: &Promise, old: &Attribute) -> Vec<String> {
    let name = &old.name;
    let Some(new) = now.in_tiles().find(|attribute| attribute.name == *name) else {
        return vec![gone(then, now, name)];
    };
    let mut found = Vec::new();
    if new.kind != old.kind {
        let (old, new) = (&old.kind, &new.kind);
        found.push(format!(
            "attribute '{name}' was {old} and is {new}; give the new type an attribute of its \
             own, and for this one {ANNOUNCE}"
        ));
    }
    if new.unit != old.unit {
        let [old, new] = [old, new].map(|attribute| unit(attribute.unit.as_deref()));
        found.push(format!(
            "attribute '{name}' had {old} and has {new}; give the new unit an attribute of its \
             own, and for this one {ANNOUNCE}"
        ));
    }
    found.extend(lost_codes(old, new));
    // Where the whole layer became stricter, that is said once.
    let (was, is) = (then.openness_of(old), now.openness_of(new));
    if is > was && is > now.openness() {
        found.push(format!(
            "attribute '{name}' was {was} and is {is}; keep it {was}, or {ANNOUNCE}"
        ));
    }
    found
}

fn gone(then: &Promise, now: &Promise, name: &str) -> String {
    if now.attribute(name).is_some() {
        return format!(
            "attribute '{name}' is not in the tiles any more; put it back into tiles.attributes, \
             or {ANNOUNCE}"
        );
    }
    let new = now.in_tiles().filter(|attribute| then.attribute(&attribute.name).is_none());
    let renamed = match Nearest::find(name, new.map(|attribute| attribute.name.as_str())).0 {
        Some(new) => format!(" (is it '{new}' now? clients read the old name)"),
        None => String::new(),
    };
    format!("attribute '{name}' is gone{renamed}; bring it back, {ANNOUNCE}")
}

/// A list may grow and may come to be; what it had, clients have colours and words for.
fn lost_codes(old: &Attribute, new: &Attribute) -> Option<String> {
    let lost: Vec<String> = old
        .values
        .keys()
        .filter(|code| !new.values.contains_key(*code))
        .map(|code| format!("'{code}'"))
        .collect();
    let (name, codes) = (&old.name, lost.join(", "));
    (!lost.is_empty()).then(|| {
        format!("attribute '{name}' lost {codes}; keep the codes in its list, or {ANNOUNCE}")
    })
}

fn unit(unit: Option<&str>) -> String {
    unit.map_or_else(|| "no unit".to_owned(), |unit| format!("the unit {unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROAD: &str = r#"
        a_key_of_another_time = 1
        theme = "traffic"
        geometry = "MultiLineString"
        openness = "internal"
        tiles = { minzoom = 6, maxzoom = 14, attributes = ["class", "width_m"], more = true }
        attributes = [
            { name = "class", type = "code", values = { a = {}, b = {} } },
            { name = "width_m", type = "float", unit = "m" },
            { name = "note", type = "text" },
        ]
    "#;

    const RULE: &str = "openness_by = { attribute = \"class\", levels = { b = \"restricted\" } }";

    const NOTICE: &str = "deprecated = { since = 2026-01-01 }";

    fn changed(from: &str, to: &str) -> Vec<String> {
        assert!(ROAD.contains(from), "the case '{from}' changes nothing");
        findings(&read(ROAD), &read(&ROAD.replacen(from, to, 1)))
    }

    fn read(text: &str) -> Promise {
        Promise::read(text).unwrap()
    }

    #[test]
    fn every_broken_promise_is_one_sentence() {
        for (from, to, said) in [
            ("MultiLineString", "MultiPolygon", "geometry was MultiLineString and is MultiPolygon"),
            ("internal", "restricted", "was internal and is restricted"),
            ("theme = \"traffic\"", "theme = \"land\"", "the tiles of 'traffic' lose it"),
            ("a_key_of_another_time = 1", RULE, "'b' in 'class' were internal and are restricted"),
            ("minzoom = 6", "minzoom = 7", "began at zoom 6 and begin at 7"),
            ("maxzoom = 14", "maxzoom = 13", "ended at zoom 14 and end at 13"),
            ("[\"class\", \"width_m\"]", "[\"class\"]", "'width_m' is not in the tiles any more"),
            ("name = \"width_m\"", "name = \"size_m\"", "'width_m' is gone"),
            ("type = \"float\"", "type = \"integer\"", "'width_m' was float and is integer"),
            ("unit = \"m\"", "unit = \"km\"", "had the unit m and has the unit km"),
            (", unit = \"m\"", "", "had the unit m and has no unit"),
            ("b = {}", "c = {}", "'class' lost 'b'"),
            ("unit = \"m\"", "unit = \"m\", openness = \"restricted\"", "'width_m' was internal"),
        ] {
            let found = changed(from, to);
            assert_eq!(found.len(), 1, "{to}: {found:?}");
            assert!(found[0].contains(said) && found[0].contains("; "), "{}", found[0]);
        }
    }

    #[test]
    fn a_new_name_is_suggested() {
        let renamed = ROAD.replace("width_m", "widths_m");
        let found = findings(&read(ROAD), &read(&renamed)).join("\n");
        assert!(found.contains("is it 'widths_m' now?"), "{found}");
    }

    #[test]
    fn what_apps_do_not_notice_may_change() {
        for (from, to) in [
            ("internal", "open"),
            ("minzoom = 6", "minzoom = 5"),
            ("maxzoom = 14", "maxzoom = 15"),
            ("b = {}", "b = {}, c = {}"),
            ("{ name = \"note\", type = \"text\" },", ""),
            ("[\"class\", \"width_m\"]", "[\"width_m\", \"note\", \"class\"]"),
            ("a_key_of_another_time = 1", NOTICE),
            ("theme = \"traffic\"", ""),
            // A code that nothing had.
            ("a_key_of_another_time = 1", &RULE.replace(" b =", " c =")),
        ] {
            assert_eq!(changed(from, to), [""; 0], "{to}");
        }
    }

    #[test]
    fn a_rule_on_features_may_become_laxer_and_not_stricter() {
        let with = |attribute: &str, level: &str| {
            let open = ROAD.replace("internal", "open");
            let rule = RULE.replace("class", attribute).replace("restricted", level);
            read(&format!("{rule}\n{open}"))
        };
        let ruled = |then: &str, now: &str| findings(&with("class", then), &with("class", now));
        assert_eq!(ruled("restricted", "internal"), [""; 0]);
        assert_eq!(ruled("internal", "internal"), [""; 0]);
        let raised = ruled("internal", "restricted");
        assert!(raised[0].contains("were internal and are restricted"), "{raised:?}");
        // The rule of another attribute hides others.
        let moved = findings(&with("class", "restricted"), &with("note", "internal"));
        assert!(moved[0].contains("'b' in 'note' were open and are internal"), "{moved:?}");
        let without = read(&ROAD.replace("internal", "open"));
        assert_eq!(findings(&with("class", "internal"), &without), [""; 0]);
    }

    #[test]
    fn what_was_announced_may_go_and_nothing_else() {
        let notice = format!("unit = \"m\", {NOTICE}");
        let announced = read(&ROAD.replace("unit = \"m\"", &notice));
        let without = ROAD.replace("[\"class\", \"width_m\"]", "[\"class\"]");
        assert_eq!(findings(&announced, &read(&without)), [""; 0]);
        let other = read(&ROAD.replace("[\"class\", \"width_m\"]", "[]"));
        assert_eq!(findings(&announced, &other).len(), 1);
        let layer = read(&format!("{NOTICE}\n{ROAD}"));
        assert_eq!(findings(&layer, &other), [""; 0]);
        // A notice of the same moment is none.
        let sudden = without.replace("unit = \"m\"", &notice);
        assert_eq!(findings(&read(ROAD), &read(&sudden)).len(), 1);
    }

    #[test]
    fn a_layer_that_became_stricter_is_said_once() {
        let then =
            ROAD.replace("internal", "open").replace("unit = \"m\"", "openness = \"internal\"");
        let now = then.replacen("open\"", "restricted\"", 1).replace("openness = \"internal\"", "");
        let found = findings(&read(&then), &read(&now));
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
