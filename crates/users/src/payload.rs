//! The user of a plain burst: what it asks is in the plan, so here it has nothing to say.

use crate::Expectation;
use crate::user::{Asked, Behaviour, Me};
use victor_dialect::Turn;

#[derive(Debug)]
pub(crate) struct Payload;

impl Behaviour for Payload {
    fn ask(&mut self, _me: &mut Me) -> Asked {
        Asked { name: "payload", turn: Turn::default(), expectation: Expectation::default() }
    }

    fn hear(&mut self, _me: &mut Me, _asked: &Asked, _right: bool) {}
}
