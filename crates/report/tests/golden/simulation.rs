//! Fifty simulated users against a server that has two seconds of trouble.
//!
//! Only whole numbers and the four operations are used, so every machine makes the same turns.

use victor_types::FailureKind;

/// Users, as `VictorLoadTest` has them.
pub(crate) const USERS: u64 = 50;
/// Users started a second.
pub(crate) const SPAWN_RATE: u64 = 10;
/// Length of the run in microseconds.
pub(crate) const END: u64 = 30_000_000;

/// The four request names with their weights and the latency of each in microseconds, by
/// equally spaced quantiles (0, 10 … 100 %).
pub(crate) const TASKS: [Task; 4] = [
    Task {
        name: "/api/v1/chat (concurrent)",
        weight: 1,
        quantiles: [
            31_200, 44_000, 52_500, 60_100, 67_400, 76_000, 86_900, 101_000, 124_000, 171_000,
            402_000,
        ],
    },
    Task {
        name: "/api/v1/chat (large_context)",
        weight: 1,
        quantiles: [
            88_000, 109_000, 124_000, 138_000, 151_000, 166_000, 184_000, 207_000, 243_000,
            318_000, 655_000,
        ],
    },
    Task {
        name: "/api/v1/chat (simple)",
        weight: 3,
        quantiles: [
            28_400, 40_100, 47_300, 54_000, 60_700, 68_000, 77_200, 89_500, 109_000, 149_000,
            361_000,
        ],
    },
    Task {
        name: "/api/v1/chat (tool_call)",
        weight: 2,
        quantiles: [
            41_000, 56_300, 66_100, 75_500, 85_000, 95_400, 108_000, 126_000, 153_000, 210_000,
            478_000,
        ],
    },
];

/// One request name.
pub(crate) struct Task {
    pub(crate) name: &'static str,
    weight: u64,
    quantiles: [u64; 11],
}

/// One simulated turn; instants in microseconds from the start of the run.
pub(crate) struct Turn {
    pub(crate) task: usize,
    pub(crate) user: u64,
    pub(crate) planned: u64,
    pub(crate) done: u64,
    /// Time the turn waited in the generator before it was sent.
    pub(crate) queued: u64,
    /// From sending to the first byte.
    pub(crate) first_byte: u64,
    pub(crate) failure: Option<FailureKind>,
    pub(crate) bytes: u64,
    pub(crate) tokens: u64,
}

impl Turn {
    /// In flight when the run ended.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.done > END
    }

    pub(crate) fn succeeded(&self) -> bool {
        !self.is_incomplete() && self.failure.is_none()
    }

    pub(crate) fn failed(&self) -> bool {
        !self.is_incomplete() && self.failure.is_some()
    }

    pub(crate) fn latency(&self) -> u64 {
        self.done - self.planned
    }
}

/// `SplitMix64`: small, seeded, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform from `low` up to, but without, `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }
}

/// All turns of the run, by planned instant.
pub(crate) fn turns(random: &mut Random) -> Vec<Turn> {
    let mut turns = Vec::new();
    for user in 0..USERS {
        let mut at = user * 1_000_000 / SPAWN_RATE + random.between(0, 4_000);
        while at < END {
            let turn = turn(random, user, at);
            at = turn.done + random.between(1_000_000, 3_000_000);
            turns.push(turn);
        }
    }
    turns.sort_by_key(|turn| (turn.planned, turn.user));
    turns
}

fn turn(random: &mut Random, user: u64, planned: u64) -> Turn {
    let task = draw_task(random);
    let queued = random.between(20, 400);
    let mut service = draw_service(random, &TASKS[task]);
    let mut failure = None;
    let mut tokens = random.between(24, 190);
    let trouble = (12_000_000..14_000_000).contains(&planned);
    if trouble && random.between(0, 100) < 24 {
        failure = Some(FailureKind::HttpStatus(503));
        service = random.between(2_100, 6_900);
        tokens = 0;
    } else if task == 0 && random.between(0, 100) < 4 {
        failure = Some(FailureKind::WrongSession);
    }
    Turn {
        task,
        user,
        planned,
        done: planned + queued + service,
        queued,
        first_byte: service - service / random.between(4, 9),
        failure,
        bytes: 310 + tokens * 4,
        tokens,
    }
}

fn draw_task(random: &mut Random) -> usize {
    let mut drawn = random.between(0, TASKS.iter().map(|task| task.weight).sum());
    for (index, task) in TASKS.iter().enumerate() {
        if drawn < task.weight {
            return index;
        }
        drawn -= task.weight;
    }
    TASKS.len() - 1
}

fn draw_service(random: &mut Random, task: &Task) -> u64 {
    let at = random.between(0, 10_000);
    let (step, rest) = ((at / 1000) as usize, at % 1000);
    let (low, high) = (task.quantiles[step], task.quantiles[step + 1]);
    low + (high - low) * rest / 1000
}
