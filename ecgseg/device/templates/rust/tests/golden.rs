// Compares the crate with the golden vectors. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
use ecgseg::{Segmenter, Wave, FRAME_SIZE, NUM_CLASSES};
use std::sync::Mutex;

static INPUT: &[u8] = include_bytes!("golden/input.bin"); // int8, frame by frame
static OUTPUT: &[u8] = include_bytes!("golden/output.bin"); // int8
static RECORDING: &[u8] = include_bytes!("golden/recording.bin"); // float32, little endian, mV; infinity in a gap
static WAVES: &[u8] = include_bytes!("golden/waves.bin"); // kind, onset, peak, offset of each, uint32, little endian

// Parts that this export leaves out make its waves, peaks or beats differ from the golden ones.
const SAME_WAVES: bool = {{ "true" if options.scale and options.quality and options.rhythm else "false" }};
const PEAK_TOLERANCE: u32 = {{ 1 if options.peaks else peak_reach }};
const BEATS: bool = {{ "true" if options.beats else "false" }};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn signal() -> Vec<f32> {
    RECORDING.chunks(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn waves(signal: &[f32], chunk: usize) -> Vec<Wave> {
    let (mut segmenter, mut found) = (Segmenter::new().unwrap(), Vec::new());
    for part in signal.chunks(chunk) {
        segmenter.push(part, |wave| found.push(wave));
    }
    while segmenter.finish(|wave| found.push(wave)) {}
    found
}

#[test]
fn network_equals_the_golden_vectors() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let mut segmenter = Segmenter::new().unwrap();
    let frames = INPUT.chunks(FRAME_SIZE).zip(OUTPUT.chunks(FRAME_SIZE * NUM_CLASSES));
    assert!(frames.len() > 0);
    for (input, expected) in frames {
        let frame: Vec<i8> = input.iter().map(|&byte| byte as i8).collect();
        let mut logits = [[0; NUM_CLASSES]; FRAME_SIZE];
        segmenter.run_network(frame.as_slice().try_into().unwrap(), &mut logits);
        assert!(logits.iter().flatten().zip(expected).all(|(&found, &byte)| found == byte as i8));
    }
}

#[test]
fn waves_are_those_of_the_golden_recording() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let signal = signal();
    let found = waves(&signal, 7);
    let numbers: Vec<u32> =
        WAVES.chunks(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap())).collect();
    if SAME_WAVES {
        assert_eq!(found.len(), numbers.len() / 4);
        for (wave, expected) in found.iter().zip(numbers.chunks(4)) {
            assert_eq!(u32::from(wave.kind), expected[0]);
            // rounding may move a boundary to the next sample
            assert!(wave.onset.abs_diff(expected[1]) <= 1 && wave.offset.abs_diff(expected[3]) <= 1);
            assert!(wave.peak.abs_diff(expected[2]) <= PEAK_TOLERANCE);
        }
    }
    assert!(!found.is_empty());
    for wave in &found {
        assert!(wave.confidence > 0.0 && wave.confidence <= 1.0 && wave.quality <= 2);
    }
    let beats: Vec<&Wave> = found.iter().filter(|wave| wave.heart_rate > 0.0).collect();
    assert_eq!(!beats.is_empty(), BEATS);
    assert!(beats.iter().all(|wave| (wave.heart_rate * wave.rr - 60.0).abs() < 0.1));
    assert_eq!(found, waves(&signal, signal.len()));
}

#[test]
fn steps_in_between_bring_waves_earlier() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let (signal, mut segmenter, mut found) = (signal(), Segmenter::new().unwrap(), Vec::new());
    for sample in signal.chunks(1) {
        segmenter.push(sample, |wave| found.push(wave));
        while segmenter.step(|wave| found.push(wave)) {}
    }
    let in_time = found.len();
    while segmenter.finish(|wave| found.push(wave)) {}
    drop(segmenter);
    assert!(in_time > 0);
    assert_eq!(found, waves(&signal, 1));
}

#[test]
fn only_one_exists_at_a_time() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let first = Segmenter::new().unwrap();
    assert!(Segmenter::new().is_none());
    drop(first);
    assert!(Segmenter::new().is_some());
}
