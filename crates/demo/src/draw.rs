//! Random draws that are the same on every machine.
//!
//! Each customer has a stream of their own for each purpose, so that one more draw in one place
//! changes nothing elsewhere. Only IEEE arithmetic and `libm` are used: the logarithms of system
//! libraries differ in their last bit.

use base::entropy::splitmix;

/// What a stream of draws is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Who the person is, and the hidden parameters.
    Person = 1,
    /// The first order and who takes part in 双11.
    Settle,
    /// When orders are paid.
    Orders,
    /// What is seen, carried, ordered, returned and said.
    Life,
    /// Who introduced the person.
    Introducer,
    /// Ids of messages and browsers.
    Ids,
    /// The catalogue and its sales.
    Catalogue,
    /// The order of shares among those who take part in 双11.
    Shares,
    /// Which orders are gifts.
    Gifts,
    /// Who is given them.
    Friends,
    /// Where somebody lives.
    Home,
    /// Who lives together.
    Household,
}

/// A stream of draws.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    /// The stream of `who` for `purpose`.
    pub(crate) fn of(seed: u64, who: u64, purpose: Purpose) -> Self {
        let mut state = seed;
        for part in [purpose as u64, who] {
            let mixed = splitmix(&mut state);
            state = mixed ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        }
        Self(splitmix(&mut state))
    }

    /// 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        splitmix(&mut self.0)
    }

    /// A number from 0 up to but not including 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `bound`; 0 when that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// A whole number from `low` to `high`, both included; `low` when `high` is less.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).saturating_add(1).max(1);
        low.saturating_add(self.below(width.unsigned_abs()) as i64)
    }

    /// A day from `low` to `high`, both included.
    pub(crate) fn day(&mut self, low: i32, high: i32) -> i32 {
        self.between(i64::from(low), i64::from(high)) as i32
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// How often in a row something of this probability happens, at most `most` times.
    pub(crate) fn runs(&mut self, probability: f64, most: usize) -> usize {
        (0..most).take_while(|_| self.chance(probability)).count()
    }

    /// One of `items`; the default when there is none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let at = self.below(items.len() as u64) as usize;
        items.get(at).copied().unwrap_or_default()
    }

    /// The position of one of `weights`, each as likely as it is heavy.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u64 = weights.clone().map(u64::from).sum();
        let mut left = self.below(total);
        let mut place = 0;
        for (index, weight) in weights.enumerate() {
            place = index;
            let weight = u64::from(weight);
            if left < weight {
                break;
            }
            left -= weight;
        }
        place
    }

    /// Exponentially distributed with this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }

    /// Gamma-distributed with this shape and mean (Marsaglia & Tsang 2000, "A simple method for
    /// generating gamma variables"; for shapes below 1 with their power of a uniform).
    pub(crate) fn gamma(&mut self, shape: f64, mean: f64) -> f64 {
        let raised = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = raised - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        let standard = loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            let u = 1.0 - self.unit();
            if libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                break d * v;
            }
        };
        let lowered = if shape < 1.0 {
            standard * libm::pow(1.0 - self.unit(), 1.0 / shape)
        } else {
            standard
        };
        lowered * mean / shape
    }

    /// Standard normal (Marsaglia's polar method).
    fn normal(&mut self) -> f64 {
        loop {
            let x = 2.0 * self.unit() - 1.0;
            let y = 2.0 * self.unit() - 1.0;
            let s = x * x + y * y;
            if s > 0.0 && s < 1.0 {
                return x * (-2.0 * libm::log(s) / s).sqrt();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_has_its_mean_and_variance() {
        let mut draw = Draw::of(7, 0, Purpose::Person);
        for (shape, mean) in [(0.8, 0.02), (2.0, 3.0)] {
            let drawn: Vec<f64> = (0..20_000).map(|_| draw.gamma(shape, mean)).collect();
            let average = drawn.iter().sum::<f64>() / 20_000.0;
            let square = drawn.iter().map(|x| (x - average) * (x - average)).sum::<f64>();
            assert!((average / mean - 1.0).abs() < 0.03, "{average} is not {mean}");
            let variance = square / 20_000.0;
            assert!((variance * shape / (mean * mean) - 1.0).abs() < 0.1, "{variance}");
        }
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut draw = Draw::of(7, 1, Purpose::Life);
        for _ in 0..1000 {
            assert!((3..=5).contains(&draw.between(3, 5)));
            assert_eq!(draw.below(0), 0);
            assert_eq!(draw.weighted([0, 4, 0].into_iter()), 1);
            assert!((0.0..1.0).contains(&draw.unit()));
        }
        assert_eq!(draw.pick::<&str>(&[]), "");
    }
}
