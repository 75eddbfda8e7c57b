use super::document::document;
use super::operations::operations;
use super::page::page;
use super::{Docs, Facts};
use crate::routes::listed;
use serde_json::Value;
use std::collections::BTreeSet;

fn facts(keys: bool) -> Facts {
    Facts {
        message: 262_144,
        history: 4000,
        body: 1 << 20,
        rate_limit: keys,
        keys,
        admin: keys,
        tools: vec!["read_file"],
    }
}

#[test]
fn the_document_has_the_paths_of_the_router_and_no_others() {
    let document = document(&facts(false));
    let described: BTreeSet<&str> =
        document["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    let routed: BTreeSet<&str> = listed().paths().iter().copied().collect();
    assert_eq!(described, routed);
}

#[test]
fn every_reference_leads_somewhere_and_every_id_is_its_own() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document(&facts(true));
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        let place = reference.trim_start_matches('#');
        assert!(document.pointer(place).is_some(), "{reference}");
    }
    assert!(found.len() > 20, "{found:?}");
    let named = operations(&facts(true)).len();
    let ids: BTreeSet<String> = operations(&facts(true))
        .iter()
        .map(|operation| operation.object(&facts(true))["operationId"].to_string())
        .collect();
    assert_eq!(ids.len(), named);
}

#[test]
fn keys_are_asked_for_in_the_document_where_they_are_set() {
    let chat = |keys| document(&facts(keys))["paths"]["/api/v1/chat"]["post"].clone();
    assert!(chat(true)["responses"]["401"].is_object());
    assert!(chat(true)["responses"]["429"].is_object());
    assert!(chat(false)["responses"]["401"].is_null());
    assert!(chat(false)["responses"]["429"].is_null());
    assert!(document(&facts(true))["paths"]["/health"]["get"]["responses"]["401"].is_null());
}

#[test]
fn the_page_tells_all_and_loads_nothing() {
    let document = document(&facts(true));
    let page = page(&document);
    for operation in operations(&facts(true)) {
        assert!(
            page.contains(&format!(">{}</span>", operation.path.replace('/', "&#x2f;"))),
            "{}",
            operation.path
        );
    }
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(page.contains(&format!("<section id=\"{name}\">")), "{name}");
    }
    for outside in ["<script", "<link", "<img", "src=", "@import", "http"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("maxLength 262144"));
    assert_eq!(Docs::new(&facts(true)).page, page);
}
