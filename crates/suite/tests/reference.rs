//! The reference page says what the catalogue says.

use std::path::Path;
use victor_suite::scale::reference_page;

#[test]
fn the_reference_page_is_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/scale.md");
    let page = reference_page();
    if std::env::var_os("VICTOR_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/reference/scale.md differs from the catalogue: run \
         `VICTOR_BLESS=1 cargo test -p victor-suite` and commit the page"
    );
}
