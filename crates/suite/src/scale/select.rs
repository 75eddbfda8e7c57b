//! Which tests to run.

use super::{Case, Expression, ExpressionError, catalogue};

/// Names and expressions, as given to `victor scale`.
#[derive(Debug, Clone)]
pub struct Selection {
    names: Vec<String>,
    keyword: Option<Expression>,
    mark: Option<Expression>,
}

/// A selection that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// A name that no test has.
    #[error("no test is named `{0}`: `victor scale --list` shows them")]
    UnknownName(String),
    /// `-k` or `-m` is no expression.
    #[error("{flag}: {error}")]
    Expression {
        /// The flag.
        flag: &'static str,
        /// What is wrong with it.
        error: ExpressionError,
    },
}

impl Selection {
    /// Reads names (`Group`, `Group::test`, `test`, each also behind the old suite's file name and
    /// `::`), a `-k` and a `-m` expression.
    ///
    /// # Errors
    /// When a name is unknown or an expression is none.
    pub fn parse(
        names: &[String],
        keyword: Option<&str>,
        mark: Option<&str>,
    ) -> Result<Self, SelectionError> {
        let read = |flag, text: Option<&str>| {
            let parsed = text.map(Expression::parse).transpose();
            parsed.map_err(|error| SelectionError::Expression { flag, error })
        };
        let selection = Self {
            names: names.iter().map(|name| without_file(name)).collect(),
            keyword: read("-k", keyword)?,
            mark: read("-m", mark)?,
        };
        for (given, name) in names.iter().zip(&selection.names) {
            if !catalogue().iter().any(|case| case.is_named(name)) {
                return Err(SelectionError::UnknownName(given.clone()));
            }
        }
        Ok(selection)
    }

    /// Whether it takes this test.
    #[must_use]
    pub fn takes(&self, case: &Case) -> bool {
        let named = self.names.is_empty() || self.names.iter().any(|name| case.is_named(name));
        let id = case.id().to_lowercase();
        let keyword =
            |expression: &Expression| expression.holds(|word| id.contains(&word.to_lowercase()));
        let mark = |expression: &Expression| expression.holds(|word| word == "slow" && case.slow);
        named && self.keyword.as_ref().is_none_or(keyword) && self.mark.as_ref().is_none_or(mark)
    }
}

/// Strips `tests/load_test/test_scalability.py::` and the like.
fn without_file(name: &str) -> String {
    match name.split_once("::") {
        Some((file, rest)) if file.ends_with(".py") => rest.to_owned(),
        _ if name.ends_with(".py") => String::new(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str], keyword: Option<&str>, mark: Option<&str>) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let selection = Selection::parse(&names, keyword, mark).expect("selection");
        catalogue().iter().filter(|case| selection.takes(case)).map(Case::id).collect()
    }

    #[test]
    fn tests_are_selected_as_with_pytest() {
        let ten = ["TestConcurrentRequests::test_10_concurrent_requests"];
        assert_eq!(ids(&ten, None, None), ten);
        assert_eq!(ids(&["test_10_concurrent_requests"], None, None), ten);
        let old = "tests/load_test/test_scalability.py::TestConcurrentRequests::test_10_concurrent_requests";
        assert_eq!(ids(&[old], None, None), ten);
        assert!(ids(&["TestConcurrentRequests"], None, None).len() >= 3);
        assert_eq!(
            ids(&["tests/load_test/test_scalability.py"], None, None).len(),
            catalogue().len()
        );
        assert_eq!(ids(&[], Some("isolation"), None), ["TestIntegrity::test_session_isolation"]);
        assert!(!ids(&[], None, Some("not slow")).iter().any(|id| id.contains("500")));
    }

    #[test]
    fn an_unknown_name_is_an_error_not_an_empty_run() {
        let error = Selection::parse(&["test_typo".to_owned()], None, None).expect_err("unknown");
        assert!(error.to_string().contains("--list"));
    }
}
