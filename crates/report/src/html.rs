//! The report as one page (`--html`): no script, no request to anywhere, light or dark as the
//! reader's system is.
//!
//! The order is that of questions: is it valid and did it pass, what is in doubt, what to do about
//! it; then the numbers; then the evidence. Text from users and servers is escaped by the template
//! engine. The whole report is in the page as JSON (`<script type="application/json" id="report">`,
//! which no browser runs), so a page can be read by machines as well.

mod charts;
mod failures;
mod figures;
mod page;
mod tables;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use victor_types::RunReport;

/// The page as text.
///
/// ```
/// # let report = victor_report::json::read(
/// #     include_str!("../tests/golden/report_v1.json")).expect("the golden report");
/// let page = victor_report::html::render(&report);
/// assert!(page.starts_with("<!doctype html>"));
/// ```
#[must_use]
pub fn render(report: &RunReport) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the default marks are valid"));
    environment.add_template("page", include_str!("html/page.html")).expect("the template parses");
    let template = environment.get_template("page").expect("it was just added");
    let page = template.render(context! {
        page => Value::from(Serde(page::Page::of(report))),
        charts => charts::charts(report).iter().map(figures::figure).collect::<Vec<_>>(),
        style => Value::from_safe_string(include_str!("html/page.css").to_owned()),
        document => Value::from_safe_string(embedded(report)),
    });
    page.expect("the template names only what the page holds") + "\n"
}

/// JSON that cannot end the element it stands in: every sign that HTML or JavaScript could mistake
/// for its own is written as an escape.
fn embedded(report: &RunReport) -> String {
    let mut out = String::new();
    for c in serde_json::to_string(report).expect("a run report is JSON").chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out += &format!("\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
