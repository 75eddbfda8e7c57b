//! The reference page of the tests, made from the catalogue.

use super::catalogue;

/// `docs/reference/scale.md`.
#[must_use]
pub fn reference_page() -> String {
    let mut page = String::from(
        "# `victor scale`: tests and their parameters\n\n\
         <!-- Generated from the catalogue: `VICTOR_BLESS=1 cargo test -p victor-suite` writes it. -->\n\n\
         `--set TEST.PARAM=VALUE` changes a parameter. A test that is not marked slow belongs to\n\
         `-m \"not slow\"`. Times are about those with the defaults, on a target that answers in time.\n",
    );
    let mut group = "";
    for case in catalogue() {
        if case.group != group {
            group = case.group;
            page.push_str(&format!("\n## {group}\n"));
        }
        let mark = if case.slow { "slow, " } else { "" };
        page.push_str(&format!(
            "\n### `{}`\n\n{} ({mark}about {} s)\n\n| Parameter | Default | Meaning |\n|---|---|---|\n",
            case.name, case.about, case.seconds
        ));
        for param in case.params {
            page.push_str(&format!("| `{}` | {} | {} |\n", param.name, param.default, param.help));
        }
    }
    page
}
