//! RFM as a pure function of three measures.
//!
//! Scores are by value cut points: the k-th cut is the value at rank ⌈n·k/5⌉, and a score is one
//! more than the number of cuts that the value exceeds. So equal values always have equal scores,
//! whatever order the customers come in.

use serde::{Deserialize, Serialize};

/// Scores go from 1 to this.
pub const SCORES: usize = 5;
/// A score from here on is high.
const HIGH: u8 = 4;

/// Four increasing values between five scores.
pub type Cuts = [i64; SCORES - 1];

/// The measures of everyone who counts, in columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Measures {
    /// Customer numbers.
    pub customer: Vec<i64>,
    /// The shop-local day of the last paid order, payment or visit.
    pub recency: Vec<i64>,
    /// Paid orders.
    pub frequency: Vec<i64>,
    /// Net money, minor units.
    pub money: Vec<i64>,
}

impl Measures {
    /// None yet, with room for `count`.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        let column = || Vec::with_capacity(count);
        Self { customer: column(), recency: column(), frequency: column(), money: column() }
    }

    /// How many customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customer.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customer.is_empty()
    }

    /// Adds a customer.
    pub fn push(&mut self, customer: i64, recency: i64, frequency: i64, money: i64) {
        self.customer.push(customer);
        self.recency.push(recency);
        self.frequency.push(frequency);
        self.money.push(money);
    }
}

/// The cut points of R, F and M.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllCuts {
    /// Days since 1970-01-01.
    pub r: Cuts,
    /// Paid orders.
    pub f: Cuts,
    /// Minor units.
    pub m: Cuts,
}

/// What makes a measure high.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum High {
    /// A score of 4 or 5.
    #[default]
    Score,
    /// Above the mean of all customers.
    Mean,
}

/// Buckets that values are counted in on the way to a rank.
const BUCKETS_BITS: u32 = 16;

/// The value cut points of a measure: see the module. All zero for no values.
///
/// One pass counts the values by bucket; only the values of the buckets in which a cut lies are
/// looked at again.
#[must_use]
pub fn cuts(values: &[i64]) -> Cuts {
    let (Some(&least), Some(&most)) = (values.iter().min(), values.iter().max()) else {
        return Cuts::default();
    };
    let bits = u64::BITS - most.abs_diff(least).leading_zeros();
    let shift = bits.saturating_sub(BUCKETS_BITS);
    let bucket = |value: i64| (value.abs_diff(least) >> shift) as usize;
    let mut counts = vec![0_usize; bucket(most) + 1];
    for value in values {
        if let Some(count) = counts.get_mut(bucket(*value)) {
            *count += 1;
        }
    }
    let ranks: [usize; SCORES - 1] =
        std::array::from_fn(|k| (values.len() * (k + 1)).div_ceil(SCORES).saturating_sub(1));
    let places = ranks.map(|rank| place_of(&counts, rank));
    let mut near: Vec<(usize, Vec<i64>)> = places.map(|(bucket, _)| (bucket, Vec::new())).into();
    near.dedup_by_key(|(bucket, _)| *bucket);
    if shift > 0 {
        for value in values {
            let at = bucket(*value);
            if let Some((_, own)) = near.iter_mut().find(|(bucket, _)| *bucket == at) {
                own.push(*value);
            }
        }
    }
    places.map(|(bucket, rank)| match near.iter_mut().find(|(own, _)| *own == bucket) {
        Some((_, own)) if rank < own.len() => *own.select_nth_unstable(rank).1,
        // A bucket is one value.
        _ => least.saturating_add(i64::try_from(bucket).unwrap_or(i64::MAX)),
    })
}

/// The bucket in which the value of a rank lies, and its rank within the bucket.
fn place_of(counts: &[usize], rank: usize) -> (usize, usize) {
    let mut left = rank;
    for (bucket, count) in counts.iter().enumerate() {
        if left < *count {
            return (bucket, left);
        }
        left -= count;
    }
    (counts.len().saturating_sub(1), 0)
}

/// 1 and one more for every cut that the value exceeds.
#[must_use]
pub fn score(value: i64, cuts: &Cuts) -> u8 {
    cuts.iter().fold(1, |score, cut| score + u8::from(value > *cut))
}

/// The eight strata, in the order of the table in the semantics page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stratum {
    /// 重要价值客户: recent, frequent, much.
    KeyValue,
    /// 重要发展客户: recent, seldom, much.
    KeyDevelop,
    /// 重要保持客户: long ago, frequent, much.
    KeyRetain,
    /// 重要挽留客户: long ago, seldom, much.
    KeyRescue,
    /// 一般价值客户: recent, frequent, little.
    Value,
    /// 一般发展客户: recent, seldom, little.
    Develop,
    /// 一般保持客户: long ago, frequent, little.
    Retain,
    /// 一般挽留客户: long ago, seldom, little.
    Rescue,
}

impl Stratum {
    /// All eight, in their order.
    pub const ALL: [Self; 8] = [
        Self::KeyValue,
        Self::KeyDevelop,
        Self::KeyRetain,
        Self::KeyRescue,
        Self::Value,
        Self::Develop,
        Self::Retain,
        Self::Rescue,
    ];

    /// The stratum of high or not high R, F and M.
    #[must_use]
    pub fn of(r: bool, f: bool, m: bool) -> Self {
        match (m, r, f) {
            (true, true, true) => Self::KeyValue,
            (true, true, false) => Self::KeyDevelop,
            (true, false, true) => Self::KeyRetain,
            (true, false, false) => Self::KeyRescue,
            (false, true, true) => Self::Value,
            (false, true, false) => Self::Develop,
            (false, false, true) => Self::Retain,
            (false, false, false) => Self::Rescue,
        }
    }

    /// Its code, Chinese and English name.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::KeyValue => ("key_value", "重要价值客户", "Champions"),
            Self::KeyDevelop => ("key_develop", "重要发展客户", "Big spenders to develop"),
            Self::KeyRetain => ("key_retain", "重要保持客户", "Big spenders to retain"),
            Self::KeyRescue => ("key_rescue", "重要挽留客户", "Big spenders to win back"),
            Self::Value => ("value", "一般价值客户", "Loyal small spenders"),
            Self::Develop => ("develop", "一般发展客户", "Newcomers to develop"),
            Self::Retain => ("retain", "一般保持客户", "Small spenders to retain"),
            Self::Rescue => ("rescue", "一般挽留客户", "Small spenders to win back"),
        }
    }
}

/// Scores of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored {
    /// Scores of R, F and M, 1 to 5.
    pub scores: [u8; 3],
    /// The stratum.
    pub stratum: Stratum,
}

/// A cell of the 5 × 5 × 5 matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Score of R.
    pub r: u8,
    /// Score of F.
    pub f: u8,
    /// Score of M.
    pub m: u8,
    /// People in it.
    pub customers: i64,
    /// Their net money, minor units.
    pub net_minor: i64,
}

/// What RFM says of a shop.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The cut points.
    pub cuts: AllCuts,
    /// Scores in the order of the measures.
    pub scored: Vec<Scored>,
    /// Cells with somebody in them, by R, F and M.
    pub matrix: Vec<Cell>,
    /// People and net money of each stratum, in their order.
    pub strata: [(i64, i64); 8],
    /// Net money of everyone.
    pub net_minor: i64,
}

/// Scores everyone with the given cuts, or with cuts of their own.
#[must_use]
pub fn run(measures: &Measures, fixed: Option<AllCuts>, high: High) -> Outcome {
    let cuts = fixed.unwrap_or_else(|| AllCuts {
        r: cuts(&measures.recency),
        f: cuts(&measures.frequency),
        m: cuts(&measures.money),
    });
    let means = [mean(&measures.recency), mean(&measures.frequency), mean(&measures.money)];
    let mut scored = Vec::with_capacity(measures.len());
    let mut cube = vec![(0_i64, 0_i64); SCORES * SCORES * SCORES];
    let mut strata = [(0, 0); 8];
    let columns = measures.recency.iter().zip(&measures.frequency).zip(&measures.money);
    for ((&r, &f), &m) in columns {
        let scores = [score(r, &cuts.r), score(f, &cuts.f), score(m, &cuts.m)];
        let up = |index: usize, value: i64| match high {
            High::Score => scores.get(index).is_some_and(|score| *score >= HIGH),
            High::Mean => means.get(index).is_some_and(|mean| above(value, *mean)),
        };
        let stratum = Stratum::of(up(0, r), up(1, f), up(2, m));
        let [a, b, c] = scores.map(|score| usize::from(score) - 1);
        if let Some(cell) = cube.get_mut((a * SCORES + b) * SCORES + c) {
            cell.0 += 1;
            cell.1 += m;
        }
        if let Some(sum) = strata.get_mut(stratum as usize) {
            sum.0 += 1;
            sum.1 += m;
        }
        scored.push(Scored { scores, stratum });
    }
    let matrix = cube.into_iter().enumerate().filter(|(_, (customers, _))| *customers > 0);
    let matrix = matrix.map(|(index, (customers, net_minor))| {
        let [r, f, m] = [index / SCORES / SCORES, index / SCORES % SCORES, index % SCORES]
            .map(|place| u8::try_from(place + 1).unwrap_or(0));
        Cell { r, f, m, customers, net_minor }
    });
    let net_minor = measures.money.iter().sum();
    Outcome { cuts, scored, matrix: matrix.collect(), strata, net_minor }
}

/// Sum and count, so that comparing with the mean needs no division.
fn mean(values: &[i64]) -> (i128, i128) {
    (values.iter().map(|value| i128::from(*value)).sum(), values.len() as i128)
}

fn above(value: i64, (sum, count): (i128, i128)) -> bool {
    i128::from(value) * count > sum
}

/// The share of all money that the best `share` of customers bring; 0 when there is no money.
#[must_use]
pub fn top_share(money: &[i64], share: f64) -> f64 {
    let total: i128 = money.iter().map(|value| i128::from(*value)).sum();
    if money.is_empty() || total <= 0 {
        return 0.0;
    }
    let mut money = money.to_vec();
    money.sort_unstable_by(|a, b| b.cmp(a));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a number of people is a number of people"
    )]
    let best = (money.len() as f64 * share).ceil() as usize;
    let sum: i128 = money.iter().take(best).map(|value| i128::from(*value)).sum();
    ratio(sum, total)
}

/// A share as a fraction; 0 of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share is for people to read")]
pub fn ratio(part: i128, whole: i128) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How well a measure tells those who came back from those who did not: the probability that one
/// who came back had the greater value, ties counting half (area under the ROC curve, by the
/// Mann-Whitney statistic). `None` when all or none came back.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a probability is for people to read")]
pub fn foretells(values: &[i64], came_back: &[bool]) -> Option<f64> {
    let mut pairs: Vec<(i64, bool)> =
        values.iter().copied().zip(came_back.iter().copied()).collect();
    pairs.sort_unstable();
    let (mut better, mut below) = (0_i128, 0_i128);
    for group in pairs.chunk_by(|a, b| a.0 == b.0) {
        let yes = group.iter().filter(|(_, back)| *back).count() as i128;
        let no = group.len() as i128 - yes;
        better += yes * (2 * below + no);
        below += no;
    }
    let yes = came_back.iter().filter(|back| **back).count() as i128;
    (yes > 0 && below > 0).then(|| better as f64 / (2 * yes * below) as f64)
}
