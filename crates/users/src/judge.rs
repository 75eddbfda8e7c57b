//! Whether an answer is right.

use crate::Marker;
use victor_dialect::{Answer, Failure, excerpt};
use victor_types::{FailureKind, OtherHalf};

/// What a right answer looks like, beyond being an answer at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The session it must name as its own.
    pub session_id: Option<String>,
    /// The conversation it belongs to; the marker of any other conversation must not be in it.
    pub marker: Option<Marker>,
    /// A fact told earlier in the session that it must hold.
    pub recalls: Option<String>,
    /// A tool must have run for it.
    pub tool: bool,
}

/// Judges an answer.
///
/// # Errors
/// The gravest fault first: another session's answer, then a lost fact, then a tool that did not
/// run.
pub fn judge(expectation: &Expectation, answer: &Answer) -> Result<(), Failure> {
    let seen = || excerpt(&answer.text);
    if let Some(foreign) = expectation.marker.as_ref().and_then(|own| own.foreign_in(&answer.text))
    {
        return Err(Failure {
            kind: FailureKind::WrongSession,
            seen: seen(),
            expected: expectation.marker.as_ref().map(ToString::to_string),
            other: Some(OtherHalf {
                marker: foreign.to_string(),
                session_id: foreign.session_id(),
            }),
        });
    }
    if let Some(wanted) = &expectation.session_id
        && answer.session_id.as_ref() != Some(wanted)
    {
        let expected = Some(format!("session_id `{wanted}`"));
        return Err(match &answer.session_id {
            // Not naming a session is no sign of another's answer.
            None => Failure {
                expected,
                ..Failure::new(FailureKind::MalformedBody, "the answer names no session_id")
            },
            Some(named) => {
                let named = excerpt(named);
                let other = OtherHalf { marker: String::new(), session_id: named.clone() };
                let seen = format!("session_id `{named}`");
                Failure {
                    expected,
                    other: Some(other),
                    ..Failure::new(FailureKind::WrongSession, seen)
                }
            }
        });
    }
    if let Some(fact) = &expectation.recalls
        && !answer.text.contains(fact.as_str())
    {
        let expected = Some(format!("an answer with `{fact}`"));
        return Err(Failure { expected, ..Failure::new(FailureKind::LostContext, seen()) });
    }
    if expectation.tool && !answer.tools.iter().any(|tool| tool.ran) {
        let used: Vec<&str> = answer.tools.iter().map(|tool| tool.name.as_str()).collect();
        let seen = if used.is_empty() { seen() } else { format!("not run: {}", used.join(", ")) };
        let expected = Some("a tool that ran".to_owned());
        return Err(Failure { expected, ..Failure::new(FailureKind::ToolNotRun, seen) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Run;
    use victor_dialect::ToolUse;

    fn answer(text: &str, session: Option<&str>) -> Answer {
        Answer { text: text.into(), session_id: session.map(Into::into), ..Answer::default() }
    }

    #[test]
    fn each_fault_is_named_and_the_gravest_wins() {
        let run = Run::new("ab", 1);
        let own = run.marker(1, 0);
        let expectation = Expectation {
            session_id: Some("s".into()),
            marker: Some(own.clone()),
            recalls: Some(own.to_string()),
            tool: true,
        };
        let kind = |answer: &Answer| judge(&expectation, answer).map_err(|failure| failure.kind);
        let right = Answer {
            tools: vec![ToolUse { name: "read_file".into(), ran: true }],
            ..answer("it is vmkabu1c0", Some("s"))
        };
        assert_eq!(kind(&right), Ok(()));
        assert_eq!(kind(&Answer { tools: vec![], ..right.clone() }), Err(FailureKind::ToolNotRun));
        assert_eq!(kind(&answer("I do not know", Some("s"))), Err(FailureKind::LostContext));
        assert_eq!(kind(&answer("it is vmkabu1c0", Some("t"))), Err(FailureKind::WrongSession));
        assert_eq!(kind(&answer("it is vmkabu1c0", None)), Err(FailureKind::MalformedBody));
        let failure = judge(&expectation, &answer("it is vmkabu2c0", None)).expect_err("foreign");
        assert_eq!(failure.kind, FailureKind::WrongSession);
        let other = failure.other.expect("both halves");
        assert_eq!((other.marker.as_str(), other.session_id.as_str()), ("vmkabu2c0", "vs-ab-2-0"));
    }

    #[test]
    fn nothing_is_asked_of_a_turn_without_expectations() {
        assert_eq!(judge(&Expectation::default(), &answer("anything", None)), Ok(()));
    }
}
