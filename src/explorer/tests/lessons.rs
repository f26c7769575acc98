//! Every lesson can be completed, by its stored solution and not before its end.

use dhcpfo_explorer::goal::Goal;
use dhcpfo_explorer::lesson::Lesson;
use dhcpfo_explorer::source::prepared;
use dhcpfo_explorer::walk::Walk;

fn is_reached(lesson: &Lesson, steps: &[String]) -> bool {
    let model = prepared(&lesson.source.file.model);
    let goals: Vec<Goal> = lesson.goal.iter().map(|goal| Goal::parse(&model, goal).expect("a goal")).collect();
    let path = [lesson.source.start.clone(), steps.to_vec()].concat();
    let walk = Walk::along(&model, &path);
    assert!(walk.unfit.is_none(), "{}: {:?}", lesson.key, walk.unfit);
    let refuted: Vec<&'static str> = walk.refuted().iter().map(|(name, _)| *name).collect();
    goals.iter().all(|goal| goal.is_met(&model, &walk.end, &refuted))
}

#[test]
fn every_lesson_is_completed_by_its_solution_and_not_before() {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
    let lessons = Lesson::all("scenarios/lessons").unwrap_or_else(|why| panic!("{why}"));
    assert!(lessons.len() >= 8, "{} lessons", lessons.len());
    for lesson in &lessons {
        for count in 0..lesson.solution.len() {
            assert!(!is_reached(lesson, &lesson.solution[..count]), "{} is over after {count} steps", lesson.key);
        }
        assert!(is_reached(lesson, &lesson.solution), "{} is not over", lesson.key);
    }
}
