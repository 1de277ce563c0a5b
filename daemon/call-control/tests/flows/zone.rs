//! Geographic numbers of another area than the office's.

use crate::bench::{Bench, OFFICE, OfficeText};

fn told(bench: &Bench) -> Vec<(String, String)> {
    let problems = bench.problems().into_iter().filter(|one| one.code == "use-other-zone");
    problems.map(|one| (one.subject, one.detail)).collect()
}

#[test]
fn a_094_a_geographic_number_of_another_area_is_told_and_one_without_an_area_is_not() {
    let mut bench = Bench::of(OFFICE);
    assert_eq!(told(&bench), []);
    let two = OfficeText::with_second_trunk();
    bench.settle(&two);
    assert_eq!(told(&bench), [("+31301234567".to_owned(), "030".to_owned())]);
    bench.settle(&two.replace("+31301234567", "+31881234567"));
    assert_eq!(told(&bench), [], "a company's number is for everywhere");
    bench.settle(&OFFICE.replace("area_code = \"020\"", "area_code = \"0115\""));
    assert_eq!(told(&bench).len(), 2, "the office has moved");
    bench.settle(&OFFICE.replace("area_code = \"020\"\n", ""));
    assert_eq!(told(&bench), [], "nobody said where it is");
}
