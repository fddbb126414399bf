//! {{ sentence }}
//!
//! Network `{{ name }}`. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
//!
//! ```
//! let mut segmenter = ecgseg::Segmenter::new().expect("no other one exists");
//! let millivolts = [0.0; 1000]; // {{ rate }} per second
//! segmenter.push(&millivolts, |wave| println!("{} {} {}", wave.name(), wave.onset, wave.offset));
//! while segmenter.finish(|wave| println!("{} {} {}", wave.name(), wave.onset, wave.offset)) {}
//! ```
#![no_std]
#![warn(missing_docs)]

use core::ffi::c_void;
use core::marker::PhantomData;
#[cfg(target_has_atomic = "8")]
use core::sync::atomic::{AtomicBool, Ordering};

/// Samples per second that [`Segmenter::push`] takes.
pub const SAMPLING_RATE: f32 = {{ rate_float }};
/// Samples that the network sees at once.
pub const FRAME_SIZE: usize = {{ frame_size }};
/// Classes of a sample.
pub const NUM_CLASSES: usize = {{ class_names|length }};
/// Names of the classes; the first is the background.
pub const CLASS_NAMES: [&str; NUM_CLASSES] = [{% for class in class_names %}"{{ class }}"{{ ", " if not loop.last }}{% endfor %}];

/// A wave, as soon as no later sample can change it. A QRS complex is a beat, and has an RR interval.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wave {
    /// First sample, counted from the start of the stream.
    pub onset: u32,
    /// Sample of the peak.
    pub peak: u32,
    /// Last sample.
    pub offset: u32,
    /// Index into [`CLASS_NAMES`], at least 1.
    pub kind: u8,
    /// 0: good; 1: it touches the limit of the amplifier; 2: the network is unsure here.
    pub quality: u8,
    /// Mean probability of the class, 0 to 1.
    pub confidence: f32,
    /// Seconds since the R peak before; 0: no beat, the first one, or the signal was unusable in between.
    pub rr: f32,
    /// Beats per minute, 60 / `rr`; 0 where `rr` is 0.
    pub heart_rate: f32,
}

impl Wave {
    /// Name of the class.
    pub fn name(&self) -> &'static str {
        CLASS_NAMES[usize::from(self.kind)]
    }
}

type Receiver = unsafe extern "C" fn(*mut c_void, *const Wave);

extern "C" {
    fn ecgseg_rust_wave_size() -> usize;
    fn ecgseg_rust_start();
    fn ecgseg_rust_push(millivolts: *const f32, count: usize, receive: Receiver, user: *mut c_void);
    fn ecgseg_rust_step(receive: Receiver, user: *mut c_void) -> i32;
    fn ecgseg_rust_finish(receive: Receiver, user: *mut c_void) -> i32;
    fn ecgseg_model_run(input: *const i8, output: *mut i8);
}

/// Calls the closure behind `user`.
unsafe extern "C" fn receive<F: FnMut(Wave)>(user: *mut c_void, wave: *const Wave) {
    // SAFETY: `user` is the closure that `push` or `finish` borrows while the C code runs, `wave` one of C
    let (on_wave, wave) = unsafe { (&mut *user.cast::<F>(), *wave) };
    on_wave(wave);
}

#[cfg(target_has_atomic = "8")]
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The segmentation of one stream of samples.
///
/// The C code has static memory. Therefore only one exists at a time, and it is used by one thread at a time.
#[derive(Debug)]
pub struct Segmenter {
    not_sync: PhantomData<core::cell::Cell<()>>,
}

impl Segmenter {
    /// A new stream, or `None` while another one exists.
    #[cfg(target_has_atomic = "8")]
    pub fn new() -> Option<Self> {
        if TAKEN.swap(true, Ordering::Acquire) {
            return None;
        }
        // SAFETY: the flag has just been taken
        Some(unsafe { Self::steal() })
    }

    /// A new stream, for cores without atomic operations, such as the Cortex-M0.
    ///
    /// # Safety
    /// No other `Segmenter` may exist.
    pub unsafe fn steal() -> Self {
        // SAFETY: the caller says that the static memory is not used
        unsafe {
            debug_assert_eq!(ecgseg_rust_wave_size(), core::mem::size_of::<Wave>());
            ecgseg_rust_start();
        }
        Self { not_sync: PhantomData }
    }

    /// Takes any number of samples in millivolts, NaN where one is missing, and reports the waves that have
    /// become final.
    ///
    /// With each sample, a little of the network's work is done: a frame is finished {{ hop }} samples later, when
    /// the next one is complete.
    pub fn push<F: FnMut(Wave)>(&mut self, millivolts: &[f32], mut on_wave: F) {
        let user = core::ptr::addr_of_mut!(on_wave).cast();
        // SAFETY: samples and closure outlive the call, and this is the only user of the static memory
        unsafe { ecgseg_rust_push(millivolts.as_ptr(), millivolts.len(), receive::<F>, user) }
    }

    /// Does one step of that work in advance, in the time between two samples, so that waves come earlier.
    ///
    /// Returns whether there is more to do.
    pub fn step<F: FnMut(Wave)>(&mut self, mut on_wave: F) -> bool {
        let user = core::ptr::addr_of_mut!(on_wave).cast();
        // SAFETY: as in `push`
        unsafe { ecgseg_rust_step(receive::<F>, user) != 0 }
    }

    /// Ends the stream and reports the remaining waves, in steps as short as those of `step`.
    ///
    /// Returns whether there is more to do. Then the next `push` begins a new stream, at sample 0.
    pub fn finish<F: FnMut(Wave)>(&mut self, mut on_wave: F) -> bool {
        let user = core::ptr::addr_of_mut!(on_wave).cast();
        // SAFETY: as in `push`
        unsafe { ecgseg_rust_finish(receive::<F>, user) != 0 }
    }

    /// Runs the network alone, on a preprocessed and quantised frame.
    pub fn run_network(&mut self, frame: &[i8; FRAME_SIZE], logits: &mut [[i8; NUM_CLASSES]; FRAME_SIZE]) {
        // SAFETY: both arrays have the lengths of the network
        unsafe { ecgseg_model_run(frame.as_ptr(), logits.as_mut_ptr().cast()) }
    }

    /// Takes recordings from a computer, which compares the waves with those of Python: `ecgseg demo`.
    ///
    /// The firmware has the three functions and the constant of `csrc/board.h`, which read a byte from the serial
    /// line, write one, and read a clock, as `#[no_mangle]` items.
    #[cfg(feature = "board")]
    pub fn serve_board(self) -> ! {
        extern "C" {
            fn board_serve() -> !;
        }
        // SAFETY: `self` is the only user of the static memory, and never comes back
        unsafe { board_serve() }
    }
}

impl Drop for Segmenter {
    fn drop(&mut self) {
        #[cfg(target_has_atomic = "8")]
        TAKEN.store(false, Ordering::Release);
    }
}
