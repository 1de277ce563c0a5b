use centrale_config::Sha256Pin;

use crate::Home;

fn pin(number: u8) -> Sha256Pin {
    Sha256Pin::from_octets([number; 32])
}

#[test]
fn the_pictures_that_were_chosen_last_are_kept_over_a_restart_and_older_ones_go() {
    let home = Home::new();
    for number in 0..20 {
        home.store.put_picture(pin(number), vec![number; 40]).unwrap();
    }
    home.store.put_picture(pin(0), vec![0; 40]).unwrap();
    home.store.put_picture(pin(20), vec![20; 40]).unwrap();
    let home = home.restarted();
    let kept: Vec<u8> = (0..22).filter(|number| home.store.picture(pin(*number)).unwrap().is_some()).collect();
    assert_eq!(kept, [&[0][..], &(2..21).collect::<Vec<_>>()].concat(), "the one that was chosen again is new again");
    assert_eq!(home.store.picture(pin(20)).unwrap(), Some(vec![20; 40]));
}
