//! Repeating a tag: "include the tag X", "repeat the tag X" in any message.

use super::text::{after_each, name};

/// Adds to `answer` each tag that `asked` wants and that it does not hold yet.
pub(super) fn include(answer: &mut String, asked: &str) {
    for cue in ["include the tag ", "repeat the tag "] {
        for tag in after_each(asked, cue).filter_map(name) {
            if !answer.contains(tag) {
                answer.push_str(" [");
                answer.push_str(tag);
                answer.push(']');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::says;

    #[test]
    fn tags_ride_on_every_kind_of_answer() {
        assert!(says(&["How are you? Include the tag u7-t3."]).ends_with("[u7-t3]"));
        let both = says(&["Message 4: hi. Please repeat the tag `a.b`, and include the tag c"]);
        assert_eq!(both, "Message 4 noted. [c] [a.b]");
        assert!(!says(&["How are you?"]).contains('['));
    }
}
