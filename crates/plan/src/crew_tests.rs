use super::*;
use crate::SpawnSchedule;
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

fn all(mut crew: Crew) -> Vec<Move> {
    std::iter::from_fn(|| crew.next_if_due(Duration::MAX)).collect()
}

/// Users there are at `at`.
fn level(moves: &[Move], at: Duration) -> i64 {
    let before = moves.iter().filter(|one| one.at <= at);
    before.map(|one| if one.comes.is_some() { 1 } else { -1 }).sum()
}

fn staged(text: &str) -> SpawnSchedule {
    SpawnSchedule::staged(crate::parse_stages(text).expect("stages")).expect("valid")
}

#[test]
fn stages_lead_up_hold_and_lead_down() {
    let moves = all(staged("10s:10,10s:10,5s:30,0:5,10s:0").for_shard(0, 1));
    let at = |seconds: f64| level(&moves, Duration::from_secs_f64(seconds));
    assert_eq!((at(0.0), at(4.5), at(9.5), at(19.0)), (1, 5, 10, 10));
    assert_eq!((at(22.6), at(24.9), at(25.0)), (21, 30, 4), "a jump is at once");
    assert_eq!((at(30.1), at(34.0)), (2, 0));
}

#[test]
fn stages_with_a_pace_reach_their_level_and_hold_it() {
    let moves = all(staged("10s:20@5,10s:2@10,1s:100@10").for_shard(0, 1));
    let at = |seconds: f64| level(&moves, Duration::from_secs_f64(seconds));
    assert_eq!((at(2.0), at(4.0), at(9.9)), (11, 20, 20));
    assert_eq!((at(10.95), at(12.0), at(19.9)), (10, 2, 2));
    assert_eq!(at(30.0), 12, "a stage too short for its pace ends where it is");
}

#[test]
fn the_newest_leaves_first_and_no_number_is_given_twice() {
    let moves = all(staged("0:3,1s:3,0:1,1s:1,0:3,1s:3").for_shard(0, 1));
    let told: Vec<(u64, Option<u64>)> = moves.iter().map(|one| (one.place, one.comes)).collect();
    let came = [(0, Some(0)), (1, Some(1)), (2, Some(2))];
    assert_eq!(told[..3], came);
    assert_eq!(told[3..], [(2, None), (1, None), (1, Some(3)), (2, Some(4))]);
}

#[test]
fn a_steady_schedule_starts_user_i_at_i_over_rate() {
    let crew = SpawnSchedule::try_new(4, 2.0).expect("valid").for_shard(1, 2);
    let at = |ms| Duration::from_millis(ms);
    let told: Vec<_> = all(crew).iter().map(|one| (one.place, one.at)).collect();
    assert_eq!(told, [(1, at(500)), (3, at(1500))]);
}

#[test]
fn a_redirected_crew_goes_on_from_where_it_is() {
    let mut crew = SpawnSchedule::try_new(100, 10.0).expect("valid").for_shard(0, 1);
    let mut moves = Vec::new();
    moves.extend(std::iter::from_fn(|| crew.next_if_due(SECOND)));
    // 11 are there; two more come until 1.2 s.
    crew.redirect(Duration::from_millis(1201), 3, 5.0);
    moves.extend(std::iter::from_fn(|| crew.next_if_due(10 * SECOND)));
    assert_eq!(level(&moves, Duration::from_millis(1200)), 13);
    assert_eq!(level(&moves, Duration::from_millis(2300)), 7);
    assert_eq!((level(&moves, 10 * SECOND), crew.due()), (3, None));
    crew.redirect(20 * SECOND, 4, 1.0);
    assert_eq!(crew.due(), Some(20 * SECOND));
}

fn stages() -> impl Strategy<Value = Vec<Stage>> {
    let stage =
        (0_u64..5000, 0_u32..40, prop::option::of(0.5_f64..50.0)).prop_map(|(ms, level, pace)| {
            Stage { length: Duration::from_millis(ms), level: level.into(), pace }
        });
    prop::collection::vec(stage, 1..6)
        .prop_filter("a load", |stages| SpawnSchedule::staged(stages.clone()).is_ok())
}

proptest! {
    #[test]
    fn shards_partition_the_schedule_exactly(
        stages in stages(), shards in 1_u32..5, redirect in prop::option::of((0_u64..9000, 0_u64..30)),
    ) {
        let schedule = SpawnSchedule::staged(stages).expect("valid");
        let moves = |shard, shards| {
            let mut crew = schedule.for_shard(shard, shards);
            let mut moves = Vec::new();
            if let Some((ms, users)) = redirect {
                // Told a little before, as shards are, when some moves have been handed out.
                let told = Duration::from_millis(ms);
                moves.extend(std::iter::from_fn(|| crew.next_if_due(told)));
                crew.redirect(told + Duration::from_millis(20), users, 7.0);
            }
            moves.extend(all(crew));
            moves
        };
        let whole = moves(0, 1);
        let mut parts: Vec<Move> = (0..shards).flat_map(|shard| moves(shard, shards)).collect();
        parts.sort_by_key(|one| (one.at, one.comes.is_none(), one.comes));
        let mut sorted = whole.clone();
        sorted.sort_by_key(|one| (one.at, one.comes.is_none(), one.comes));
        prop_assert_eq!(parts.len(), sorted.len());
        for one in &parts {
            prop_assert!(sorted.contains(one), "{:?}", one);
        }
        // In order, every place is taken before it is left, and nobody is there twice.
        prop_assert!(whole.windows(2).all(|pair| pair[0].at <= pair[1].at));
        let mut there = Vec::new();
        for one in &whole {
            match one.comes {
                Some(_) => { prop_assert_eq!(there.len() as u64, one.place); there.push(one.place); }
                None => prop_assert_eq!(there.pop(), Some(one.place)),
            }
        }
    }

    #[test]
    fn long_ramps_end_at_their_level(users in 1_u64..500, ms in 1_u64..100_000) {
        let ramp = Stage::ramp(Duration::from_millis(ms), 0.0);
        #[expect(clippy::cast_precision_loss, reason = "small numbers of a test")]
        let stages = vec![Stage { level: users as f64, ..ramp }];
        let moves = all(SpawnSchedule::staged(stages).expect("valid").for_shard(0, 1));
        prop_assert_eq!(moves.len() as u64, users);
        prop_assert!(moves.iter().all(|one| one.at < Duration::from_millis(ms)));
    }
}
