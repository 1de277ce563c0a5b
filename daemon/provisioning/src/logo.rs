//! The office's logo, as it stands on phones' screens.
//!
//! In: a PNG picture that somebody chose, of bounded size. Out: for each screen a PNG of exactly its size, with the logo on
//! a white plate in the middle. It may not decide who gets it: that is the door's, in [`enrolment`](crate::enrolment).

use std::collections::BTreeMap;
use std::io::Cursor;

use bytes::Bytes;
use centrale_config::Sha256Pin;
use png::{BitDepth, ColorType, Decoder, Encoder, Limits, Transformations};
use ring::digest::{SHA256, digest};

use crate::catalogue::Screen;

/// The longest picture that is read, in bytes.
pub const LONGEST_LOGO: usize = 45 * 1024;
/// The largest side, in pixels.
pub const LARGEST_SIDE: u32 = 1024;
/// What the decoder may hold beside the picture itself, in bytes.
const DECODER_BYTES: usize = 4 * 1024 * 1024;
/// White around the logo on its plate, in pixels.
const MARGIN: u32 = 8;
const WHITE: [u8; 3] = [255; 3];

/// Why a picture is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoRefused {
    /// It is longer than [`LONGEST_LOGO`] or larger than [`LARGEST_SIDE`].
    #[error("a logo has at most {} KiB, and {LARGEST_SIDE} pixels a side", LONGEST_LOGO / 1024)]
    TooLarge,
    /// It is no PNG picture, or a damaged one.
    #[error("this is not a PNG picture")]
    NotPng,
}

/// A picture that was read, and what was drawn of it so far.
#[derive(Debug, Clone)]
pub struct Logo {
    sha256: Sha256Pin,
    picture: Picture,
    drawn: BTreeMap<Screen, Bytes>,
}

/// Pixels, row by row from the top.
#[derive(Debug, Clone)]
struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Logo {
    /// Reads a PNG picture.
    ///
    /// # Errors
    /// When it is none, or too large to be looked into.
    pub fn read(file: &[u8]) -> Result<Self, LogoRefused> {
        if file.len() > LONGEST_LOGO {
            return Err(LogoRefused::TooLarge);
        }
        let octets = digest(&SHA256, file).as_ref().try_into().map_err(|_| LogoRefused::NotPng)?;
        Ok(Self { sha256: Sha256Pin::from_octets(octets), picture: Picture::read(file)?, drawn: BTreeMap::new() })
    }

    /// The SHA-256 of the file that it was read from.
    pub const fn sha256(&self) -> Sha256Pin {
        self.sha256
    }

    /// The name of its file for phones. Another logo has another name, so that a change is fetched.
    pub(crate) fn file_name(&self) -> String {
        format!("logo-{}.png", &self.sha256.to_string()[..16])
    }

    /// A picture for a screen, drawn once.
    pub(crate) fn on(&mut self, screen: Screen) -> Bytes {
        let picture = &self.picture;
        self.drawn.entry(screen).or_insert_with(|| picture.on(screen).write().into()).clone()
    }
}

impl Picture {
    fn read(file: &[u8]) -> Result<Self, LogoRefused> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: DECODER_BYTES });
        decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
        let header = decoder.read_header_info().map_err(|_| LogoRefused::NotPng)?;
        let (width, height) = (header.width, header.height);
        if width > LARGEST_SIDE || height > LARGEST_SIDE {
            return Err(LogoRefused::TooLarge);
        }
        let mut reader = decoder.read_info().map_err(|_| LogoRefused::NotPng)?;
        let mut samples = vec![0; reader.output_buffer_size().ok_or(LogoRefused::TooLarge)?];
        let frame = reader.next_frame(&mut samples).map_err(|_| LogoRefused::NotPng)?;
        let size = frame.color_type.samples();
        let rows = samples.chunks_exact(frame.line_size).take(height as usize);
        let pixels: Vec<_> = rows.flat_map(|row| row.chunks_exact(size).take(width as usize)).map(on_white).collect();
        let whole = pixels.len() == width as usize * height as usize && width > 0;
        if whole { Ok(Self { width, height, pixels }) } else { Err(LogoRefused::NotPng) }
    }

    /// This picture on its plate in the middle of a screen, no larger than it is: half as wide as the screen and a third as
    /// high at most, so that the keys' names and the clock stay free.
    fn on(&self, screen: Screen) -> Self {
        let (width, height) = (u32::from(screen.width), u32::from(screen.height));
        let logo = self.within(width / 2, height / 3);
        let (left, top) = ((width - logo.width) / 2, (height - logo.height) / 2);
        let pixel = |(x, y): (u32, u32)| {
            let at = (x + MARGIN).checked_sub(left).zip((y + MARGIN).checked_sub(top));
            match at {
                Some((x, y)) if x < logo.width + 2 * MARGIN && y < logo.height + 2 * MARGIN => {
                    x.checked_sub(MARGIN).zip(y.checked_sub(MARGIN)).and_then(|(x, y)| logo.at(x, y)).unwrap_or(WHITE)
                }
                _ => screen.ground.0,
            }
        };
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(pixel).collect();
        Self { width, height, pixels }
    }

    /// Made smaller until it fits: each pixel is the mean of those in its place.
    fn within(&self, width: u32, height: u32) -> Self {
        let (wide, high) = (self.width.max(1), self.height.max(1));
        let by_width = width.min(wide);
        let fits = by_width * high <= height * wide;
        let new_width = if fits { by_width } else { (height * wide / high).max(1) };
        let new_height = (new_width * high / wide).clamp(1, height.max(1));
        let span = |at: u32, new: u32, old: u32| (at * old / new)..((at + 1) * old / new).max(at * old / new + 1);
        let mean = |(x, y): (u32, u32)| {
            let columns = span(x, new_width, wide);
            let cells = span(y, new_height, high).flat_map(|y| columns.clone().map(move |x| (x, y)));
            let (mut sum, mut count) = ([0u32; 3], 0u32);
            for pixel in cells.filter_map(|(x, y)| self.at(x, y)) {
                sum.iter_mut().zip(pixel).for_each(|(sum, part)| *sum += u32::from(part));
                count += 1;
            }
            sum.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
        };
        let pixels = (0..new_height).flat_map(|y| (0..new_width).map(move |x| (x, y))).map(mean).collect();
        Self { width: new_width, height: new_height, pixels }
    }

    fn at(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        if x >= self.width { None } else { self.pixels.get((y * self.width + x) as usize).copied() }
    }

    fn write(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(self.pixels.as_flattened()));
        written.expect("a picture of this size is written to memory");
        file
    }
}

/// A grey or coloured sample with its transparency, as it looks on white.
fn on_white(sample: &[u8]) -> [u8; 3] {
    let (colour, alpha) = match *sample {
        [grey, alpha] => ([grey; 3], alpha),
        [red, green, blue, alpha] => ([red, green, blue], alpha),
        _ => return WHITE,
    };
    let alpha = u32::from(alpha);
    colour.map(|part| u8::try_from((u32::from(part) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panic")]

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::catalogue::Ground;

    const RED: [u8; 3] = [200, 0, 0];

    fn screen(width: u16, height: u16) -> Screen {
        Screen { width, height, ground: Ground([16, 39, 61]) }
    }

    fn plain(width: u32, height: u32) -> Vec<u8> {
        Picture { width, height, pixels: vec![RED; (width * height) as usize] }.write()
    }

    fn drawn(file: &[u8], screen: Screen) -> Picture {
        Picture::read(&Logo::read(file).unwrap().on(screen)).unwrap()
    }

    #[test]
    fn a_logo_stands_on_its_plate_in_the_middle_of_a_picture_of_the_screens_size() {
        for (width, height) in [(320, 240), (426, 240), (480, 272), (800, 480), (1024, 600)] {
            let screen = screen(width, height);
            for (of_width, of_height) in [(300, 100), (40, 400), (1, 1), (1024, 1)] {
                let picture = drawn(&plain(of_width, of_height), screen);
                assert_eq!((picture.width, picture.height), (u32::from(width), u32::from(height)));
                let middle = ((picture.width - 1) / 2, (picture.height - 1) / 2);
                assert_eq!(picture.at(middle.0, middle.1), Some(RED), "{of_width}x{of_height}");
                assert_eq!(picture.at(0, 0), Some(screen.ground.0));
                assert!(picture.pixels.contains(&WHITE), "there is a plate");
                let red = picture.pixels.iter().filter(|pixel| **pixel == RED).count();
                assert!(red <= usize::from(width / 2) * usize::from(height / 3));
            }
        }
    }

    #[test]
    fn what_is_seen_through_is_white_and_another_picture_has_another_name() {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 2, 1);
        encoder.set_color(ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(&[200, 0, 0, 0, 0, 0, 0, 127]).unwrap();
        let picture = Picture::read(&file).unwrap();
        assert_eq!(picture.pixels, [WHITE, [128; 3]]);
        let names = [file, plain(2, 1)].map(|file| Logo::read(&file).unwrap().file_name());
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn what_is_too_large_or_no_picture_is_refused() {
        let refused = |file: &[u8]| Logo::read(file).unwrap_err();
        assert_eq!(refused(&plain(1025, 1)), LogoRefused::TooLarge);
        assert_eq!(refused(&vec![0; LONGEST_LOGO + 1]), LogoRefused::TooLarge);
        let whole = plain(20, 20);
        for bad in [&b""[..], b"GIF89a", &whole[..whole.len() / 2], &whole[1..]] {
            assert_eq!(refused(bad), LogoRefused::NotPng);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_damaged_picture_is_read_or_refused_and_nothing_else(at in 0usize..100, bit in 0u8..8, cut in 0usize..100) {
            let mut file = plain(20, 20);
            let (length, place) = (file.len(), at % file.len());
            file[place] ^= 1 << bit;
            file.truncate(length - cut % length);
            if let Ok(mut logo) = Logo::read(&file) {
                prop_assert_eq!(Picture::read(&logo.on(screen(320, 240))).unwrap().width, 320);
            }
        }
    }
}
