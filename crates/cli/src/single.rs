//! `victor load --single`: one user, every turn shown.

use crate::talk::{self, Failure};
use crate::{host_guard, run_id};
use std::fmt::{self, Write};
use victor_config::{LoadConfig, SingleUser};
use victor_engine::{Exchange, Single};
use victor_types::ExitCode;
use victor_users::{Class, Expectation};

/// Runs the user and prints each turn when it is over. Waits between turns are left out.
pub(crate) async fn run(config: &LoadConfig, single: &SingleUser) -> Result<ExitCode, Failure> {
    let plan = &config.plan;
    host_guard::check(&plan.target.host, config.run.yes).await?;
    let class = Class::by_name(&single.class)
        .ok_or_else(|| Failure::usage(format!("--single: no class `{}`", single.class)))?;
    let started = Single::start(plan, class, &run_id::draw()).await;
    let mut user = started.map_err(|error| Failure::new(error.exit_code(), error))?;
    let mut wrong = 0_u64;
    for turn in 1..=single.turns {
        let exchange = user.turn().await;
        wrong += u64::from(exchange.judged.is_err());
        let mut text = format!("turn {turn} of {}: {}\n", single.turns, exchange.asked.name);
        // Writing to a string cannot fail.
        let _ = show(&mut text, &exchange);
        talk::print(&text);
    }
    if wrong == 0 {
        return Ok(ExitCode::Ok);
    }
    talk::say(&format!("{wrong} of {} turns went wrong", single.turns));
    Ok(ExitCode::Failed)
}

fn show(out: &mut String, exchange: &Exchange) -> fmt::Result {
    for line in String::from_utf8_lossy(&exchange.request).lines() {
        writeln!(out, "> {}", without_secret(line))?;
    }
    writeln!(out)?;
    if let Some((status, after)) = exchange.status {
        writeln!(out, "< {:>9.1} ms  status {status}", after.as_secs_f64() * 1e3)?;
    }
    for (after, piece) in &exchange.pieces {
        let text = String::from_utf8_lossy(piece);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            writeln!(out, "< {:>9.1} ms  {line}", after.as_secs_f64() * 1e3)?;
        }
    }
    writeln!(out)?;
    let took = exchange.took.as_secs_f64() * 1e3;
    match &exchange.judged {
        Ok(answer) => {
            writeln!(out, "right, after {took:.1} ms: {}", answer.text)?;
            for tool in &answer.tools {
                writeln!(
                    out,
                    "  tool {} {}",
                    tool.name,
                    if tool.ran { "ran" } else { "did not run" }
                )?;
            }
        }
        Err(failure) => {
            writeln!(out, "wrong, after {took:.1} ms: {}: {}", failure.kind, failure.seen)?;
            if let Some(expected) = &failure.expected {
                writeln!(out, "  expected: {expected}")?;
            }
        }
    }
    let wanted = wanted(&exchange.asked.expectation);
    writeln!(out, "  judged by: {}\n", wanted.join(", "))
}

/// What a right answer has to have.
fn wanted(expectation: &Expectation) -> Vec<String> {
    let mut wanted = vec!["a complete answer with text".to_owned()];
    wanted.extend(expectation.session_id.iter().map(|id| format!("session_id `{id}`")));
    wanted.extend(expectation.marker.iter().map(|_| "no other session's marker".to_owned()));
    wanted.extend(expectation.recalls.iter().map(|fact| format!("`{fact}` in it")));
    wanted.extend(expectation.tool.then(|| "a tool that ran".to_owned()));
    wanted
}

/// A header that carries a key is shown without it.
fn without_secret(line: &str) -> String {
    let secret = ["authorization:", "proxy-authorization:", "cookie:", "x-api-key:"];
    let lower = line.to_ascii_lowercase();
    match secret.iter().find(|name| lower.starts_with(**name)) {
        Some(name) => format!("{name} ***"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(without_secret("Authorization: Bearer k"), "authorization: ***");
        assert_eq!(without_secret("host: a"), "host: a");
    }
}
