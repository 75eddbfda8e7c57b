//! `-k` and `-m` expressions, as in pytest: words, `not`, `and`, `or`, parentheses.

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression(Node);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Word(String),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
}

/// Text that is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an expression ({why}): write it like \"concurrent and not slow\"")]
pub struct ExpressionError {
    text: String,
    why: &'static str,
}

/// Deepest nesting accepted.
const DEEPEST: usize = 50;

impl Expression {
    /// Reads an expression; `not` binds strongest, `or` weakest.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut words = words.as_slice();
        let wrong = |why| ExpressionError { text: text.to_owned(), why };
        let node = either(&mut words, 0).map_err(wrong)?;
        if words.is_empty() { Ok(Self(node)) } else { Err(wrong("words left over")) }
    }

    /// Whether it holds, when `word` says which words do.
    pub fn holds(&self, word: impl Fn(&str) -> bool) -> bool {
        self.0.holds(&word)
    }
}

impl Node {
    fn holds(&self, word: &impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Word(text) => word(text),
            Self::Not(inner) => !inner.holds(word),
            Self::And(a, b) => a.holds(word) && b.holds(word),
            Self::Or(a, b) => a.holds(word) || b.holds(word),
        }
    }
}

fn either(words: &mut &[&str], depth: usize) -> Result<Node, &'static str> {
    let mut node = both(words, depth)?;
    while take(words, "or") {
        node = Node::Or(Box::new(node), Box::new(both(words, depth)?));
    }
    Ok(node)
}

fn both(words: &mut &[&str], depth: usize) -> Result<Node, &'static str> {
    let mut node = single(words, depth)?;
    while take(words, "and") {
        node = Node::And(Box::new(node), Box::new(single(words, depth)?));
    }
    Ok(node)
}

fn single(words: &mut &[&str], depth: usize) -> Result<Node, &'static str> {
    if depth > DEEPEST {
        return Err("nested too deeply");
    }
    if take(words, "not") {
        return Ok(Node::Not(Box::new(single(words, depth + 1)?)));
    }
    if take(words, "(") {
        let node = either(words, depth + 1)?;
        return if take(words, ")") { Ok(node) } else { Err("a `)` is missing") };
    }
    match words.split_first() {
        Some((&word, rest)) if !matches!(word, "and" | "or" | ")") => {
            *words = rest;
            Ok(Node::Word(word.to_owned()))
        }
        _ => Err("a word is missing"),
    }
}

fn take(words: &mut &[&str], wanted: &str) -> bool {
    match words.split_first() {
        Some((&word, rest)) if word == wanted => {
            *words = rest;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, true_words: &[&str]) -> bool {
        Expression::parse(text).expect(text).holds(|word| true_words.contains(&word))
    }

    #[test]
    fn words_bind_as_in_python() {
        assert!(holds("not slow", &[]));
        assert!(!holds("not slow", &["slow"]));
        assert!(holds("a or b and c", &["a"]));
        assert!(!holds("(a or b) and c", &["a"]));
        assert!(holds("not a and not (b or c)", &["d"]));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "and", "a b", "(a", "a)", "not", "a or", &"(".repeat(1000)] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
