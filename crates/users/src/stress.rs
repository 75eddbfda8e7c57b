//! `StressTestUser`: rapid fire.

use crate::user::{Asked, Behaviour, Me};
use crate::{Expectation, TaskInfo};
use victor_dialect::Turn;

const REQUEST: &str = "/api/v1/chat (stress)";

pub(crate) const TASKS: [TaskInfo; 1] =
    [TaskInfo { task: "rapid_fire", request: REQUEST, weight: 1 }];

#[derive(Debug)]
pub(crate) struct Stress;

impl Behaviour for Stress {
    fn ask(&mut self, _me: &mut Me) -> Asked {
        let turn = Turn { message: "Quick check: are you there?".into(), ..Turn::default() };
        Asked { name: REQUEST, turn, expectation: Expectation::default() }
    }

    fn hear(&mut self, _me: &mut Me, _asked: &Asked, _right: bool) {}
}
