//! Partitions on their way out.

use super::*;

#[test]
fn partitions_that_go_are_committed_at_once_and_others_when_it_is_time() {
    let mut world = World::new(false);
    for partition in 0..2 {
        world.assign(partition, 0, false);
        let assignment = world.mine[&partition].assignment;
        let ticket = world.committer.open(&name(partition), assignment, 0..5, 1).unwrap();
        world.committer.settle(&name(partition), ticket, fates(5));
    }
    let stands = || Input::Outcome(Outcome::Stands { refused: vec![] });
    let actions = world.committer.actions(world.now, true);
    assert!(matches!(&actions[..], [Action::Commit(offsets)] if offsets.len() == 2), "{actions:?}");
    world.committer.handle(world.now, stands());
    let ticket = world.committer.open(&name(0), world.mine[&0].assignment, 5..6, 1).unwrap();
    world.committer.settle(&name(0), ticket, fates(1));
    assert_eq!(world.committer.actions(world.now, true), [], "not before its time");
    let until = world.now + Duration::from_secs(10);
    world.committer.handle(world.now, Input::Revoking { partitions: vec![name(0)], lost: false, until });
    assert_eq!(world.committer.actions(world.now, false), [], "where nothing may be committed");
    let actions = world.committer.actions(world.now, true);
    assert!(matches!(&actions[..], [Action::Commit(offsets)] if offsets[0].offset == 6), "{actions:?}");
    world.committer.handle(world.now, stands());
    let released = Action::Released { partitions: vec![name(0)], unfinished: 0 };
    assert_eq!(world.committer.actions(world.now, true), [released]);
}

#[test]
fn a_partition_that_goes_is_recorded_at_once_and_committed_as_soon_as_that_stands() {
    let mut world = World::new(true);
    for partition in 0..2 {
        world.assign(partition, 0, false);
    }
    assert_eq!(world.committer.actions(world.now, true), []);
    for partition in 0..2 {
        let assignment = world.mine[&partition].assignment;
        let ticket = world.committer.open(&name(partition), assignment, 0..5, 1).unwrap();
        world.committer.settle(&name(partition), ticket, fates(5));
    }
    assert_eq!(world.committer.actions(world.now, true), [], "not before its time");
    let until = world.now + Duration::from_secs(10);
    world.committer.handle(world.now, Input::Revoking { partitions: vec![name(0)], lost: false, until });
    assert_eq!(world.committer.actions(world.now, false), [], "where nothing may be committed");
    let assignment = world.mine[&0].assignment;
    let range = Range { partition: name(0), assignment, from: 0, to: 5, generation: 1, fates: fates(5) };
    assert_eq!(world.committer.actions(world.now, true), [Action::Record(vec![range])]);
    assert_eq!(world.committer.actions(world.now, true), [], "it is not recorded yet");
    world.committer.handle(world.now, Input::Recorded { partition: name(0), assignment, to: 5 });
    let commit = Action::Commit(vec![Offset { partition: name(0), offset: 5, generation: 1 }]);
    assert_eq!(world.committer.actions(world.now, true), [commit]);
    world.committer.handle(world.now, Input::Outcome(Outcome::Stands { refused: vec![] }));
    let released = Action::Released { partitions: vec![name(0)], unfinished: 0 };
    assert_eq!(world.committer.actions(world.now, true), [released]);
}

#[test]
fn a_partition_whose_range_cannot_be_recorded_is_let_go_when_its_time_is_over() {
    let mut world = World::new(true);
    world.assign(0, 0, false);
    let assignment = world.mine[&0].assignment;
    let ticket = world.committer.open(&name(0), assignment, 0..5, 1).unwrap();
    world.committer.settle(&name(0), ticket, fates(5));
    let until = world.now + Duration::from_secs(10);
    world.committer.handle(world.now, Input::Revoking { partitions: vec![name(0)], lost: false, until });
    assert!(matches!(&world.committer.actions(world.now, true)[..], [Action::Record(_)]));
    assert_eq!(world.committer.actions(until - Duration::from_millis(1), true), []);
    let released = Action::Released { partitions: vec![name(0)], unfinished: 1 };
    assert_eq!(world.committer.actions(until, true), [released]);
    // Now it is somebody else's.
    world.committer.handle(until, Input::Recorded { partition: name(0), assignment, to: 5 });
    assert_eq!(world.committer.actions(until, true), []);
}
