//! Randomness as a value that is handed in, so that a test can fix it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

type Fill = Box<dyn FnMut(&mut [u8]) + Send>;

/// A source of random bytes. Clones share the same stream.
#[derive(Clone)]
pub struct Entropy(Arc<Mutex<Fill>>);

impl Entropy {
    /// A source that fills buffers through `fill`.
    pub fn new(fill: impl FnMut(&mut [u8]) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(fill))))
    }

    /// A repeatable stream for tests and demonstrations (`SplitMix64`; not for secrets).
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut state = seed;
        Self::new(move |buffer| {
            for chunk in buffer.chunks_mut(8) {
                let bytes = splitmix(&mut state).to_le_bytes();
                for (to, from) in chunk.iter_mut().zip(bytes) {
                    *to = from;
                }
            }
        })
    }

    /// `N` fresh bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        let mut fill = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fill(&mut buffer);
        buffer
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

/// One step of `SplitMix64` (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
/// generators"): advances `state` and returns 64 well-mixed bits.
pub fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(Entropy::seeded(7).bytes::<13>(), Entropy::seeded(7).bytes::<13>());
        assert_ne!(Entropy::seeded(7).bytes::<13>(), Entropy::seeded(8).bytes::<13>());
    }
}
